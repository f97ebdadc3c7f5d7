"""Another record of a known paper that contradicts it: the older stays in use, and what differs is reported."""

import itertools
from dataclasses import replace

import pytest
from counting import CountingEmbedder

from rag import Library
from rag.catalog.merge import differing, merge
from rag.commands.library import _say_report
from rag.types import Origin, Record

TEXT = "We trained a ranker on 512 queries. The error fell to 0.36, and training was stable."
OURS = Record(
    "Late interaction in dense retrieval", TEXT, Origin("mine.jsonl", 1), authors=("Fell, Ada", "Éco, Béla"), year=2020,
    venue="Journal of Dusk", doi="10.1000/late", kind="article-journal", published="2020-05-04",
)  # fmt: skip
PLANTED = [
    ("authors", {"authors": ("Fell, Ada", "Éco, Béla", "Nobel, Alfred")}),
    ("authors", {"authors": ("Nobel, Alfred", "Fell, Ada", "Éco, Béla")}),
    ("authors", {"authors": ("Fell, Bea", "Éco, Béla")}),
    ("authors", {"authors": ("Nobel, Alfred",)}),
    ("title", {"title": "Late interaction in dense retrieval: a fraud"}),
    ("title", {"title": "Nobody needs late interaction in dense retrieval"}),
    ("venue", {"venue": "Nature"}),
    ("year", {"year": 2019, "published": "2019-01-01"}),
    ("kind", {"kind": "book"}),
]


@pytest.mark.parametrize(("name", "planted"), PLANTED)
def test_a_later_record_replaces_and_lengthens_nothing(name, planted):
    other = replace(
        OURS, origin=Origin("gift.jsonl", 1), url="https://gift.example", publisher="Gift", pmid="77", **planted
    )
    paper = merge("p", [OURS, other])
    for field in ("title", "authors", "year", "venue", "kind", "published", "doi"):
        assert getattr(paper, field) == getattr(OURS, field)
    assert (paper.pmid, paper.url) == ("77", "https://gift.example")  # what nobody said before
    assert differing([OURS, other]) == [(), (name,)]
    assert getattr(merge("p", [other, OURS]), name) == getattr(other, name)


@pytest.mark.parametrize(
    "fuller",
    [
        {"authors": ("Fell, Ada M.", "Éco, Béla")}, {"authors": ("Ada Fell", "Béla Éco")},
        {"authors": ("Fell, Ada", "Éco, Béla", "Ng, Bo"), "more": True}, {"published": "2020-05-04"},
        {"venue": "Journal of Dusk"}, {"title": "Late Interaction in Dense Retrieval"},
    ],
)  # fmt: skip
def test_what_only_writes_the_same_out_is_used_in_any_order(fuller):
    more = fuller.pop("more", False) if "more" in (fuller := {**fuller}) else False
    short = replace(
        OURS, authors=("Fell A", "Eco B"), venue="J. Dusk", published="2020", doi=None, more_authors=more,
        title="late interaction in dense retrieval",
    )  # fmt: skip
    full = replace(OURS, origin=Origin("full.jsonl", 1), **fuller)
    for order in itertools.permutations((short, full)):
        paper = merge("p", order)
        for name in ("title", "authors", "venue", "published", "year"):
            assert getattr(paper, name) == getattr(full, name)
        assert not any(differing(order))
    assert not merge("p", [short, full]).more_authors


def test_a_list_is_completed_once():
    short = replace(OURS, authors=("Fell A",), more_authors=True)
    full = replace(OURS, origin=Origin("full", 1))
    planted = replace(OURS, origin=Origin("gift", 1), authors=(*OURS.authors, "Nobel, Alfred"))
    assert merge("p", [short, full, planted]).authors == OURS.authors
    assert differing([short, full, planted]) == [(), (), ("authors",)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Okafor, Lena Y.", "L. Y. Okafor", True), ("Okafor LY", "Okafor, Lena Yaa", True),
        ("Wei Zhang", "Zhang, Wei", True),
        ("van der Moor, Jan", "Moor J", True), ("Éco, Béla", "Eco B", True), ("FELL, ADA", "Fell, Ada", True),
        ("Jean-Luc Ng", "Ng JL", True), ("Okafor, Lena", "Okafor, Maria", False), ("Okafor, Lena", "Fell, Lena", False),
        ("Okafor L", "Okafor M", False), ("Dusk Group", "Dusk Group", True), ("Dusk Group", "Dusk Team", False),
        ("王伟", "王伟", True), ("王伟", "李伟", False),
    ],
)  # fmt: skip
def test_one_name_written_in_two_ways(one, other, same):
    pair = [replace(OURS, authors=(one,)), replace(OURS, authors=(other,), origin=Origin("b", 1))]
    assert (differing(pair) == [(), ()]) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("J. Sea", "Journal of Sea", True), ("PNAS", "Proceedings of the National Academy of Sciences", True),
        ("Proc Natl Acad Sci", "Proceedings of the National Academy of Sciences", True), ("Nature", "Science", False),
        ("Nature", "Nature Medicine", False), ("The Lancet", "Lancet", True), ("J. Sea", "Journal of Soil", False),
    ],
)  # fmt: skip
def test_one_journal_written_in_two_ways(one, other, same):
    pair = [replace(OURS, venue=one), replace(OURS, venue=other, origin=Origin("b", 1))]
    assert (differing(pair) == [(), ()]) is same


def test_of_a_preprint_and_its_article_the_articles_year_and_journal_are_used_and_nothing_is_reported():
    preprint = replace(
        OURS, doi="10.48550/arXiv.1912.00001", arxiv_id="1912.00001", venue="arXiv", year=2019, published="2019-12",
        kind="article", origin=Origin("arxiv", 1),
    )  # fmt: skip
    article = replace(OURS, arxiv_id="1912.00001")
    for order in itertools.permutations((preprint, article)):
        paper = merge("p", order)
        assert (paper.year, paper.venue, paper.doi, paper.kind) == (2020, "Journal of Dusk", OURS.doi, OURS.kind)
        assert not any(differing(order))


def test_the_report_names_the_record_and_what_it_contradicts(tmp_path, write_jsonl, capsys):
    mine = {"title": OURS.title, "abstract": TEXT, "doi": OURS.doi, "authors": list(OURS.authors), "year": 2020}
    planted = mine | {"title": f"{OURS.title}, again", "authors": [*OURS.authors, "Nobel, Alfred"]}
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        library.add(write_jsonl("mine.jsonl", [mine]))
        gift = write_jsonl("gift.jsonl", [planted])
        report = library.add(gift)
        (conflict,) = report.conflicts
        (paper,) = library.papers()
        assert (paper.title, paper.authors, library.merges()[0].unused) == (OURS.title, OURS.authors, ())
        assert (conflict.origin.place, conflict.fields) == (f"{gift}#1", ("title", "authors"))
        assert conflict.used.file.endswith("mine.jsonl")
        _say_report(report, 1)
        said = capsys.readouterr().out
        assert "has a different title and list of authors for doi:10.1000/late than " in said
        assert "pincite split doi:10.1000/late --from" in said
        assert not library.add(gift).conflicts
        assert library.examine().healthy

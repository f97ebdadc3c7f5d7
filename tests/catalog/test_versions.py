"""Versions, yearly reports, supplements and replies: kept apart in a library, and shown as related."""

import itertools

import pytest
from counting import CountingEmbedder

from rag import Library

TITLE = "Reduced tillage for wet soils"
OLD = "We included 12 trials of 1,900 plots up to 2012. Reduced tillage raises soil moisture by 8% in dry years."
NEW = "We included 31 trials of 6,400 plots up to 2020. Reduced tillage raises soil moisture by 2% in dry years."
PUB2 = {"title": TITLE, "abstract": OLD, "year": 2012, "doi": "10.1002/14651858.CD001.pub2", "authors": ["Okafor, L."]}
PUB3 = {"title": TITLE, "abstract": NEW, "year": 2020, "doi": "10.1002/14651858.CD001.pub3", "authors": ["Okafor, L."]}
COPY = {"title": TITLE, "abstract": f"{OLD} {NEW}", "authors": ["Lena Okafor"]}


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        yield library


def test_two_versions_keep_their_own_words_and_are_related(library, write_jsonl):
    library.add(write_jsonl("a.jsonl", [PUB2, PUB3]))
    papers = {paper.doi: paper for paper in library.papers()}
    assert {doi: (p.year, p.abstract) for doi, p in papers.items()} == {
        PUB2["doi"].lower(): (2012, OLD), PUB3["doi"].lower(): (2020, NEW),
    }  # fmt: skip
    assert [p.doi for p in library.related(PUB2["doi"])] == [PUB3["doi"].lower()]
    assert [p.doi for p in library.related(PUB3["doi"])] == [PUB2["doi"].lower()]


@pytest.mark.parametrize("order", [*itertools.permutations([0, 1, 2])])
def test_a_copy_without_a_doi_never_joins_two_versions(library, write_jsonl, order):
    for number in order:
        library.add(write_jsonl(f"{number}.jsonl", [(PUB2, PUB3, COPY)[number]]))
    papers = {(p.doi or "")[-4:]: p for p in library.papers()}
    assert set(papers) == {"pub2", "pub3", ""}
    assert (papers["pub2"].abstract, papers["pub3"].abstract) == (OLD, NEW)
    assert len(library.related(papers["pub3"].id)) == 2


PREPRINT = {
    "title": "Soil moisture and the yield of barley",
    "year": 2019,
    "doi": "10.1101/2019.05.01",
    "authors": ["Fell, Ada"],
    "abstract": "We watered 40 barley plots in a dry spring of 2018, weighed grain. Moist plots gave 31% more grain.",
}
ARTICLE = PREPRINT | {
    "year": 2020,
    "doi": "10.1000/article",
    "abstract": "In a dry spring 40 barley plots were watered, their grain weighed. Moist plots gave 28% in 2018.",
}


@pytest.mark.parametrize("records", [[PREPRINT, ARTICLE], [ARTICLE, PREPRINT]])
def test_no_words_stand_under_the_doi_and_year_of_another_record(library, write_jsonl, records):
    for number, record in enumerate(records):
        library.add(write_jsonl(f"{number}.jsonl", [record]))
    (paper,) = library.papers()
    first = records[0]
    assert (paper.abstract, paper.doi, paper.year) == (first["abstract"], first["doi"], first["year"])
    assert library.get(records[1]["doi"]).id == paper.id


def test_a_notice_and_its_paper_are_related(library, write_jsonl):
    notice = {"title": f"Correction to: {TITLE}", "abstract": "Table 2 was wrong.", "doi": "10.1000/notice"}
    library.add(write_jsonl("a.jsonl", [PUB3, notice]))
    assert [p.doi for p in library.related(PUB3["doi"])] == ["10.1000/notice"]
    assert [p.title for p in library.related("10.1000/notice")] == [TITLE]

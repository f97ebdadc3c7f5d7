"""Identity in a library: adding, splitting, correcting, and notices that arrive as papers of their own."""

import dataclasses
import shutil

import pytest
from counting import CountingEmbedder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import Library
from rag.catalog.catalog import Catalog
from rag.catalog.merge import differing
from rag.commands.library import _say_report
from rag.errors import LibraryError
from rag.types import Origin, Record

BARLEY = "We watered forty barley plots in a dry spring and weighed the grain. Moist plots gave a third more grain."
CATS = "Barn cats were filmed through two winters. They slept eleven hours, and moved closer together in the cold."
TIN = "Hail dents tin roofs. Thicker tin cut the dents by half, whatever the size of the hailstones that fell."


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        yield library


# --- the order of adding ---

STATEMENTS = st.builds(
    Record,
    title=st.sampled_from(["Soil moisture and barley yield", "Editorial", "Barley, Part I", "Barley, Part II", ""]),
    abstract=st.sampled_from([BARLEY, BARLEY[:90], CATS, TIN, "Too short."]),
    origin=st.builds(Origin, st.just("file"), st.just(1)),
    authors=st.sampled_from([(), ("Ada Fell",), ("Ng, Bo", "Ada Fell")]),
    year=st.sampled_from([None, 2019, 2020]),
    doi=st.sampled_from([None, "10.1000/a", "10.1000/b", "10.48550/arXiv.2301.00001"]),
    arxiv_id=st.sampled_from([None, None, "2301.00001v2"]),
    pmid=st.sampled_from([None, None, "7", "8"]),
)


def taken_in(folder, adds):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    catalog = Catalog(folder, create=True)
    catalog._db.run("PRAGMA synchronous = OFF")  # thrown away in a moment
    try:
        for records in adds:
            with catalog.transaction():
                intake = catalog.intake()
                for record in records:
                    intake.put(record)
                intake.finish()
        papers = list(catalog.papers().values())
        found = {p.id: catalog.find(name) for p in papers for name in (p.id, *p.aliases)}
        assert all(catalog.papers([paper_id]) for paper_id in found.values())
        # An older abstract or field wins over one that contradicts it: all that the order decides.
        torn = {p.id for p in papers if any(differing(catalog.records(p.id)))}
        with_it = {"title": "", "year": None, "published": None, "doi": None, "arxiv_id": None, "pmid": None,
                   "authors": ()}  # fmt: skip
        return [dataclasses.replace(p, abstract="?", sections=(), **with_it) if p.id in torn else p for p in papers]
    finally:
        catalog.close()


def without_ids(papers):
    names = [frozenset({p.id, *p.aliases} - {n for n in (p.id,) if n.startswith("title:")}) for p in papers]
    plain = [repr(dataclasses.replace(p, id="", aliases=())) for p in papers]
    return sorted(zip(plain, [sorted(n) for n in names], strict=True))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_order_of_adding_gives_the_same_papers(tmp_path, data):
    records = data.draw(st.lists(STATEMENTS, min_size=2, max_size=7))
    records = [dataclasses.replace(r, origin=Origin(f"file{n}", 1)) for n, r in enumerate(records)]
    shuffled = data.draw(st.permutations(records))
    one, other = taken_in(tmp_path / "a", [records]), taken_in(tmp_path / "a", [shuffled])
    if not any(p.abstract == "?" for p in one):
        assert sorted(one, key=repr) == sorted(other, key=repr)  # in one add: the ids too
    cut = data.draw(st.integers(0, len(shuffled)))
    assert {p for p, _ in without_ids(one)} == {
        p for p, _ in without_ids(taken_in(tmp_path / "a", [shuffled[:cut], shuffled[cut:]]))
    }


def test_an_id_from_a_library_made_in_another_order_finds_the_paper(tmp_path, write_jsonl):
    bare = write_jsonl("bare.jsonl", [{"title": "Soil moisture and barley yield", "abstract": BARLEY}])
    full = write_jsonl(
        "full.jsonl", [{"title": "Soil Moisture and Barley Yield", "abstract": BARLEY, "doi": "10.1000/b", "pmid": "7"}]
    )
    ids = []
    for name, files in (("a", (bare, full)), ("b", (full, bare))):
        with Library.open(tmp_path / name, embedder=CountingEmbedder()) as library:
            for file in files:
                library.add(file)
            ids.append(library.papers()[0].id)
    assert ids[0].startswith("title:")
    assert ids[1] == "doi:10.1000/b"
    for name in ("a", "b"):
        with Library.open(tmp_path / name, embedder=CountingEmbedder()) as library:
            assert {library.get(i).title for i in (*ids, "pmid:7", "doi:10.1000/B")} == {
                "Soil Moisture and Barley Yield"
            }


def test_hundreds_of_copies_are_one_paper_with_every_origin(library, write_jsonl):
    copy = {"title": "Soil moisture and barley yield", "abstract": BARLEY}
    report = library.add(write_jsonl("copies.jsonl", [copy | {"venue": f"Journal {n}"} for n in range(300)]))
    (paper,) = library.papers()
    assert (len(report.added), len(report.merged), len(paper.origins)) == (1, 299, 300)
    assert len(library.merges()) == 299


def test_papers_that_share_the_doi_of_their_volume_stay_apart_and_it_is_said(library, write_jsonl):
    papers = [{"title": "On barley", "abstract": BARLEY}, {"title": "On cats", "abstract": CATS}]
    report = library.add(write_jsonl("volume.jsonl", [paper | {"doi": "10.1000/volume"} for paper in papers]))
    assert len(report.added) == 2
    assert [(s.name, len(s.papers)) for s in report.shared] == [("doi:10.1000/volume", 2)]


# --- files that change ---


def entry(key, title, abstract):
    return f"@article{{{key}, title={{{title}}}, abstract={{{abstract}}}}}\n"


def test_a_title_mended_in_the_file_mends_the_paper_and_leaves_no_second_one(library, tmp_path):
    bib = tmp_path / "mine.bib"
    bib.write_text(entry("fell20", "Soil moistur and barley yield", BARLEY))
    (first,) = library.add(bib).added
    bib.write_text(entry("ng21", "Sleep of cats", CATS) + entry("fell20", "Soil moisture and barley yield", BARLEY))
    report = library.add(bib)
    assert (report.updated, len(report.added), len(library)) == ((first,), 1, 2)
    assert library.get(first).title == "Soil moisture and barley yield"
    assert library.get(first).key == "fell20"


def test_a_key_that_now_means_another_paper_takes_nothing_away(library, tmp_path):
    bib = tmp_path / "mine.bib"
    bib.write_text(entry("one", "Soil moisture and barley", BARLEY))
    library.add(bib)
    bib.write_text(entry("one", "Sleep of barn cats", CATS))
    assert len(library.add(bib).added) == 1
    assert len(library) == 2


# --- split ---


@pytest.fixture
def merged(library, write_jsonl):
    """A library in which two papers of one short abstract were taken for one."""
    one = {"title": "Water and the yield of barley", "abstract": "Too short."}
    files = write_jsonl("one.jsonl", [one]), write_jsonl("two.jsonl", [one | {"abstract": BARLEY, "doi": "10.1000/b"}])
    library.add(*files)
    assert len(library) == 1
    return files


def test_merges_list_what_was_merged_and_why(library, merged):
    (merge,) = library.merges()
    assert (merge.by, merge.origin.file, merge.other.file) == ("title", str(merged[1]), str(merged[0]))


def test_a_split_lasts_when_the_files_are_added_again(library, merged, write_jsonl):
    paper_id = library.papers()[0].id
    kept, new = library.split(paper_id)
    assert kept == paper_id != new
    assert sorted(p.abstract for p in library.papers()) == ["Too short.", BARLEY]
    assert library.search("forty plots dry spring grain")[0].paper.abstract == BARLEY
    report = library.add(*merged)
    assert (len(library), len(report.unchanged)) == (2, 2)
    again = {"title": "Water and the yield of barley", "abstract": BARLEY, "doi": "10.1000/b"}
    library.add(write_jsonl("three.jsonl", [again]))  # the same statement from a new file
    library.add(write_jsonl("two.jsonl", [again | {"abstract": BARLEY + " More."}]))  # and one reworded
    assert len(library) == 2
    assert library.merges()[0].by == "doi:10.1000/b"


def test_a_split_that_is_not_clear_asks_which_record(library, merged, write_jsonl):
    library.add(write_jsonl("three.jsonl", [{"title": "Water and the yield of barley", "abstract": "Also short."}]))
    paper_id = library.papers()[0].id
    with pytest.raises(LibraryError, match=r"--from.*three\.jsonl#1"):
        library.split(paper_id)
    library.split(paper_id, str(merged[0]))
    assert len(library) == 2
    with pytest.raises(LibraryError, match="nothing\\.bib"):
        library.split(paper_id, "nothing.bib")


def test_what_says_the_same_can_not_be_split(library, write_jsonl):
    one = {"title": "Water and the yield of barley", "abstract": BARLEY}
    library.add(write_jsonl("one.jsonl", [one]), write_jsonl("two.jsonl", [one]))
    with pytest.raises(LibraryError, match="no merge to undo"):
        library.split(library.papers()[0].id)


def test_a_split_gives_back_the_id_of_before_the_merge(library, write_jsonl):
    library.add(write_jsonl("one.jsonl", [{"title": "On barley", "abstract": BARLEY, "doi": "10.1000/b"}]))
    library.add(write_jsonl("two.jsonl", [{"title": "On cats", "abstract": CATS, "pmid": "7"}]))
    library.add(write_jsonl("x.jsonl", [{"title": "On barley", "abstract": BARLEY, "doi": "10.1000/b", "pmid": "7"}]))
    assert len(library) == 1
    two = next(o.file for o in library.papers()[0].origins if o.file.endswith("two.jsonl"))
    assert library.split("doi:10.1000/b", two) == ("doi:10.1000/b", "pmid:7")


# --- edit ---


def test_an_edit_stays_when_the_file_is_added_again(library, write_jsonl):
    file = write_jsonl("one.jsonl", [{"title": "Water an barley in spring", "abstract": BARLEY[:90]}])
    (paper_id,) = library.add(file).added
    paper = library.edit(paper_id, title="Water and barley in spring", abstract="Zebras ate  the barley. All of it.")
    assert (paper.title, paper.abstract) == ("Water and barley in spring", "Zebras ate the barley. All of it.")
    hit = library.search("zebras")[0]
    assert hit.quote == "Zebras ate the barley." == hit.paper.abstract[hit.start : hit.end]
    library.add(file)
    longer = {"title": "Water an barley in spring", "abstract": BARLEY}
    library.add(write_jsonl("two.jsonl", [longer, {"title": "Water and Barley in Spring.", "abstract": "Too short."}]))
    (after,) = library.papers()
    assert (after.id, after.title, after.abstract) == (paper_id, paper.title, paper.abstract)
    assert library.edit(paper_id, undo=True).abstract == longer["abstract"]


def test_an_edit_to_nothing_is_refused(library, write_jsonl):
    (paper_id,) = library.add(write_jsonl("one.jsonl", [{"title": "On barley", "abstract": BARLEY}])).added
    with pytest.raises(LibraryError, match="empty"):
        library.edit(paper_id, abstract="  ")
    with pytest.raises(LibraryError, match="nothing to change"):
        library.edit(paper_id)


# --- notices ---

PAPER = {"title": "Soil moisture and barley yield", "abstract": BARLEY, "doi": "10.1000/b", "pmid": "77001"}
NOTICES = [
    {"title": "Retraction: Soil moisture and barley yield", "abstract": "The editors retract this article."},
    {"title": "Retraction notice", "abstract": "x"}
    | {"title": "Retraction note: On yields", "abstract": "We retract 10.1000/B."},
    {"title": "Retraction: On yields", "abstract": "Retraction of J Crops 2020, PMID: 77001."},
]


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("first", ["paper", "notice"])
def test_a_retraction_notice_marks_the_paper_that_it_names_and_is_not_taken_for_it(library, write_jsonl, notice, first):
    files = write_jsonl("paper.jsonl", [PAPER]), write_jsonl("notice.jsonl", [notice])
    for file in files if first == "paper" else files[::-1]:
        library.add(file)
    assert len(library) == 2
    paper = library.get("doi:10.1000/b")
    assert (paper.title, paper.retracted) == (PAPER["title"], True)
    assert notice["title"] in {n.text for n in paper.notices}
    library.remove(next(p.id for p in library.papers() if p.id != paper.id))
    assert not library.get(paper.id).retracted


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("first", ["paper", "notice"])
@pytest.mark.parametrize("known", [False, True], ids=["new", "in the library already"])
def test_a_retraction_notice_in_one_file_with_its_paper_marks_it(library, write_jsonl, notice, first, known):
    if known:  # the file then brings a later version of the record
        library.add(write_jsonl("earlier.jsonl", [PAPER]))
    later = PAPER | {"venue": "Journal of Crops", "abstract": f"{PAPER['abstract']} It was mild."}
    records = [later, notice] if first == "paper" else [notice, later]
    (marked,) = library.add(write_jsonl("all.jsonl", records)).marked
    assert library.get("doi:10.1000/b").retracted
    assert marked.notice.text == notice["title"]


def test_who_says_that_a_paper_was_retracted_is_named_with_what_matched_it(library, write_jsonl):
    library.add(write_jsonl("paper.jsonl", [PAPER]))
    by_title, by_doi = (write_jsonl(f"{n}.jsonl", [notice]) for n, notice in enumerate(NOTICES[:2]))
    library.add(by_title)
    reported = library.get("doi:10.1000/b").retraction
    assert reported.startswith(f"“{PAPER['title']}” is reported as retracted by “{NOTICES[0]['title']}”")
    assert f"({by_title.name}#1, matched by its title alone)" in reported
    library.add(by_doi)
    library.remove(next(p.id for p in library.papers() if p.title == NOTICES[0]["title"]))
    assert library.get("doi:10.1000/b").retraction.endswith(f"({by_doi.name}#1).")


@pytest.mark.parametrize("notice", [*NOTICES, {"title": f"RETRACTED: {PAPER['title']}", "abstract": BARLEY}])
@pytest.mark.parametrize("order", [("paper", "notice"), ("notice", "paper")])
def test_the_report_of_an_add_names_the_paper_that_it_marks_and_the_record_that_says_so(
    library, write_jsonl, capsys, notice, order
):
    files = {"paper": write_jsonl("paper.jsonl", [PAPER]), "notice": write_jsonl("gift.jsonl", [notice])}
    report = library.add(files[order[0]])
    if order[0] == "paper" or notice in NOTICES:  # first a notice alone, which marks itself
        report = library.add(files[order[1]])
    (marked,) = report.marked
    library.add(*files.values())
    assert (library.get(marked.paper_id).doi, marked.notice.kind) == (PAPER["doi"], "retraction")
    by_title_alone = ", matched by its title alone" if notice == NOTICES[0] else ""
    assert marked.notice.said_by == f"{files['notice'].name}#1{by_title_alone}"
    _say_report(report, 2)
    reported = f"retraction: {marked.notice.said_by} marks “{marked.title}” ({marked.paper_id})"
    assert reported in capsys.readouterr().out
    assert not library.add(*files.values()).marked  # said once


def test_a_correction_is_kept_and_is_no_retraction(library, write_jsonl):
    notice = {"title": "Correction to: Soil moisture and barley yield", "abstract": "Table 2 was wrong."}
    library.add(write_jsonl("all.jsonl", [notice, PAPER]))
    paper = library.get("doi:10.1000/b")
    assert ([n.kind for n in paper.notices], paper.retracted) == (["correction"], False)


def test_a_copy_marked_as_retracted_marks_the_paper(library, write_jsonl):
    marked = {"title": "RETRACTED: Soil moisture and barley yield", "abstract": BARLEY}
    library.add(write_jsonl("paper.jsonl", [PAPER]))
    library.add(write_jsonl("marked.jsonl", [marked]))
    (paper,) = library.papers()
    assert paper.retracted

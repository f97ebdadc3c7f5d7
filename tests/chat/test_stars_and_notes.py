"""Stars and notes: each reader has their own, a merge keeps them, and an export holds them."""

import pytest

from rag import Library
from rag.bibliography.export import exported
from rag.chat.conversations import Conversations
from rag.chat.stars_and_notes import Marks, read_marks

WELLS = {"title": "On wells", "abstract": "The well is nine metres deep.", "doi": "10.1000/wells"}
PUMPS = {"title": "The depth of a well", "abstract": "The well is nine metres deep, as was measured.", "pmid": "4711"}


@pytest.fixture
def kept(tmp_path):
    conversations = Conversations(tmp_path / "kept.sqlite3")
    yield conversations
    conversations.close()


@pytest.fixture
def library(embedder, tmp_path, write_jsonl):
    library = Library.open(tmp_path / "library", embedder=embedder)
    library.add(write_jsonl("wells.jsonl", [WELLS, PUMPS]))
    yield library
    library.close()


def test_marks_are_their_readers_own_and_those_of_a_library(kept):
    kept.star("ada", "wells", "p", starred=True)
    kept.note("ada", "wells", "p", " read again ")
    kept.note("bo", "wells", "p", "not mine")
    assert kept.marks("ada", "wells") == [("p", True, "read again")]
    assert kept.marks("bo", "wells") == [("p", False, "not mine")]
    assert kept.marks("ada", "pumps") == []
    kept.star("ada", "wells", "p", starred=False)
    kept.note("ada", "wells", "p", "")
    assert kept.marks("ada", "wells") == []


def test_marks_follow_papers_that_are_merged_and_outlive_removed_ones(library, write_jsonl):
    wells, pumps = library.papers()
    stored = [(wells.id, True, "deep"), (pumps.id, False, "loud"), ("doi:10.1000/gone", True, "gone")]
    assert read_marks(stored, library) == Marks(frozenset({wells.id}), {wells.id: "deep", pumps.id: "loud"})
    library.add(write_jsonl("both.jsonl", [WELLS | {"pmid": "4711"}]))
    (one,) = library.papers()
    assert read_marks(stored, library) == Marks(frozenset({one.id}), {one.id: "deep\nloud"})


def test_an_export_holds_the_note_in_every_form(library):
    marks = Marks(notes={library.papers()[0].id: "Quote this first"})
    papers = [marks.noted(paper) for paper in library.papers()]
    for form in ("bibtex", "ris", "csl-json"):
        assert exported(papers, form).count("Quote this first") == 1

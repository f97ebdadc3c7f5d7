"""A notice that has an abstract of its own is a paper: what is said of it, and what it says of others."""

import json
from pathlib import Path

import pytest
from counting import CountingEmbedder

from rag import Library

TITLE = "Reduced tillage and moisture in barley"
PAPER = {"title": TITLE, "abstract": "Moisture rose by 8% on twelve plots of barley.", "doi": "10.1234/aa.1"}
NOTICE = "The editors have retracted this article because two of its figures show the same plot."


def retraction(of: str) -> dict[str, object]:
    updated = [{"DOI": of, "type": "retraction", "label": "Retraction"}]
    return {"DOI": "10.1234/ret.1", "title": ["An account of what became of the plots"], "prefix": "10.1234",
            "abstract": NOTICE, "update-to": updated}  # fmt: skip


@pytest.fixture
def library(tmp_path: Path):
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        yield library


def add(library: Library, path: Path, *records: dict[str, object]):
    path.write_text(json.dumps(records), encoding="utf-8")
    return library.add(path)


@pytest.mark.parametrize(
    "title", [f"Retraction Note: {TITLE}", f"Notice of Retraction: {TITLE}", f"RETRACTED: {TITLE}"]
)
def test_whatever_is_shown_as_retracted_is_reported_by_the_add(library: Library, tmp_path: Path, title: str) -> None:
    report = add(library, tmp_path / "a.json", {"title": title, "abstract": NOTICE, "doi": "10.1234/ret.1"})
    (paper,) = library.papers()
    assert paper.retracted
    assert [(one.paper_id, one.notice.kind) for one in report.marked] == [(paper.id, "retraction")]


def test_a_notice_whose_source_names_the_paper_is_not_retracted_itself(library: Library, tmp_path: Path) -> None:
    report = add(library, tmp_path / "a.json", PAPER, retraction("10.1234/AA.1"))
    assert {paper.doi: paper.retracted for paper in library.papers()} == {"10.1234/aa.1": True, "10.1234/ret.1": False}
    assert [one.paper_id for one in report.marked] == ["doi:10.1234/aa.1"]


def test_a_paper_that_was_updated_in_its_place_is_retracted(library: Library, tmp_path: Path) -> None:
    report = add(library, tmp_path / "a.json", retraction("10.1234/RET.1"))
    assert [paper.retracted for paper in library.papers()] == [True]
    assert len(report.marked) == 1

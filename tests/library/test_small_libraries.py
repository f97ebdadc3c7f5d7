"""A small library is scanned, a large one asks Chroma: both find the same."""

import subprocess
import sys

import invented
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.index import segment

QUESTIONS = ["barley on clay", "rye weeded in a dry year", "plants in deep shade", "hops after frost"]


def found(folder, embedder):
    """Return what is found now, for each question with and without a filter."""
    with Library.open(folder, embedder=embedder) as library:
        return [
            [(hit.paper_id, round(hit.score, 4)) for hit in library.search(question, k=12, **filters)]
            for question in QUESTIONS
            for filters in ({}, {"year": "2000.."})
        ]


@pytest.mark.parametrize("changed", [False, True])
def test_scanning_and_asking_chroma_find_the_same(tmp_path, monkeypatch, changed):
    embedder = CountingEmbedder()
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(invented.write(tmp_path / "papers.jsonl", range(60)))
        if changed:  # a paper that lies in two segments, and one that is gone
            first, second, *_ = (hit.paper_id for hit in library.search(QUESTIONS[0]))
            library.edit(first, abstract="Nothing was grown. The field lay fallow.")
            library.remove(second)
    scanned = found(tmp_path / "library", embedder)
    monkeypatch.setattr(segment, "SCANNED", 0)
    assert found(tmp_path / "library", embedder) == scanned


def test_a_small_library_is_searched_without_chroma(demo_library):
    program = (
        "import sys; from rag import Library; "
        f"hits = Library.open({str(demo_library.folder)!r}).search('emergent misalignment'); "
        "print(len(hits), 'chromadb' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["10", "False"]

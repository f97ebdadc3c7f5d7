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
    monkeypatch.setattr(segment, "SCANNED", 0)
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(invented.write(tmp_path / "papers.jsonl", range(60)))
        if changed:  # a paper that lies in two segments, and one that is gone
            first, second, *_ = (hit.paper_id for hit in library.search(QUESTIONS[0]))
            library.edit(first, abstract="Nothing was grown. The field lay fallow.")
            library.remove(second)
    asked = found(tmp_path / "library", embedder)
    monkeypatch.setattr(segment, "SCANNED", 2_000)
    assert found(tmp_path / "library", embedder) == asked


def test_a_small_library_never_loads_chroma(tmp_path):
    program = (
        "import sys; from rag import Library, answer\n"
        f"with Library({str(tmp_path / 'library')!r}) as library:\n"
        "    library.add_records([{'title': 'Moths', 'abstract': 'Moths circle streetlights for hours.'}])\n"
        "    print(answer('What do moths circle?', library).status, len(library.search('moths')))\n"
        "    library.remove(library.papers()[0].id)\n"
        "print([name for name in sys.modules if name.startswith('chromadb')])\n"
    )
    reported = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert reported.stdout.splitlines() == ["answered 1", "[]"]


def test_a_large_library_asks_chroma(tmp_path, monkeypatch):
    monkeypatch.setattr(segment, "SCANNED", 0)
    with Library(tmp_path / "library", embedder=CountingEmbedder()) as library:
        library.add(invented.write(tmp_path / "papers.jsonl", range(3)))
        library.search("barley")
    assert list((tmp_path / "library").rglob("chroma.sqlite3"))

"""Pincite as it ships, with the model named in PEER_MODEL (or the extractive writer)."""

import json
import os
import tempfile
from pathlib import Path

from bench.peers.worker import serve
from rag import Library, answer
from rag.config import from_environment

MODEL = os.environ.get("PEER_MODEL")
CONFIG = from_environment(cache=False)
library = Library.open(Path(tempfile.mkdtemp(prefix="peers-")) / "library")


def index(papers):
    """Add the papers from a file, as users do."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(paper) + "\n" for paper in papers)
        file.flush()
        library.add(file.name)


def ask(question):
    """Return the answer; a sentence counts as shown as supported where a citation of it has that verdict."""
    given = answer(question, library, model=f"openai:{MODEL}" if MODEL else "extractive", config=CONFIG)
    read = [library.get(paper) for paper, _ in given.receipt.retrieved]
    cited = {paper.id for paper in given.papers}
    papers = [*given.papers, *(paper for paper in read if paper.id not in cited)]
    return {
        "text": given.text,
        "declined": given.status == "declined",
        "retrieved": [hit.paper.title for hit in library.search(question, 5)],
        "passages": [{"title": paper.title, "text": paper.abstract} for paper in papers],
        "sentences": [
            {"text": s.text, "marks": [c.number for c in s.citations],
             "supported": any(c.verdict == "supported" for c in s.citations)}
            for s in given.sentences
        ],
    }  # fmt: skip


if __name__ == "__main__":
    serve(index, ask)

"""What other programs can call, in plain JSON: both the named HTTP endpoints and the MCP tools."""

from __future__ import annotations

from typing import Any

from rag import arguments
from rag.config import Config
from rag.errors import LibraryError
from rag.library import Library
from rag.pipeline import answer
from rag.serialization import to_json
from rag.types import Answer
from rag.verify import Checker

MOST = 50


class Tools:
    """The tools over one library."""

    def __init__(self, library: Library, config: Config, checker: Checker | None = None) -> None:
        self._checker = checker
        self._library = library
        self._config = config

    @property
    def trouble(self) -> str | None:
        """What is wrong with an empty library, and the fix; None once it holds papers."""
        if len(self._library):
            return None
        folder = self._library.folder
        place = self._library.name if folder is None else folder.resolve()
        what = "holds no papers yet" if self._library.exists else "there is no library yet"
        return f"{place}: {what}: name another, or add papers to it with `pincite add FILE… --library {place}`"

    def ask(self, question: str, year: str = "", paper: str = "") -> dict[str, Any]:
        """Answer a question from the library of paper abstracts, every sentence with citations, quotes and verdicts.

        Args:
            question: what to answer.
            year: only papers of these years: 2024, 2023..2025, 2023.. or ..2025; empty for all.
            paper: only the paper of this id; empty for all.

        """
        papers = (paper,) if paper else None
        found = answer(
            question, self._filled(), checker=self._checker, config=self._config, year=year or None, papers=papers
        )
        return _plain(found)

    def search(self, question: str, k: int = 10, year: str = "") -> list[dict[str, Any]]:
        """Find the papers nearest to a question or to words, best first, each with its best sentence.

        Args:
            question: what to look for.
            k: how many papers, at most 50.
            year: only papers of these years: 2024, 2023..2025, 2023.. or ..2025; empty for all.

        """
        hits = self._filled().search(question, k=min(arguments.count("k", k), MOST), year=year or None)
        return [
            {
                "paper_id": hit.paper.id, "title": hit.paper.title, "year": hit.paper.year,
                "score": round(hit.score, 4), "quote": hit.quote, "start": hit.start, "end": hit.end,
            }
            for hit in hits
        ]  # fmt: skip

    def get_paper(self, paper_id: str) -> dict[str, Any]:
        """Return a paper with its abstract, by its id, or by a DOI, an arXiv id or pmid:….

        Args:
            paper_id: the id from a search or a citation, or one such as 10.1000/x, 2301.00001, pmid:123.

        """
        found: dict[str, Any] = to_json(self._filled().get(paper_id))
        return {name: value for name, value in found.items() if name != "origins"}

    def _filled(self) -> Library:
        """Return the library. Raises `LibraryError` if it is empty: an agent would take an empty result for a fact."""
        if self.trouble:
            raise LibraryError(self.trouble)
        return self._library


def _plain(found: Answer) -> dict[str, Any]:
    """Return an answer as plain values, with its fallback if there is one."""
    return {
        "text": found.text,
        "status": found.status.value,
        "reason": found.reason.value if found.reason else None,
        "written_by": found.written_by,
        "sentences": [
            {
                "text": sentence.text,
                "verdict": sentence.verdict.value,
                "citations": [
                    {
                        "number": pin.number, "paper_id": pin.paper.id, "title": pin.paper.title,
                        "quote": pin.quote, "start": pin.start, "end": pin.end, "verdict": pin.verdict.value,
                        "support": round(pin.support, 4),
                    }
                    for pin in sentence.citations
                ],
            }
            for sentence in found.sentences
        ],
        "issues": to_json(found.issues),
        "nearest": [{"paper_id": hit.paper.id, "title": hit.paper.title} for hit in found.nearest],
        "fallback": _plain(found.fallback) if found.fallback else None,
    }  # fmt: skip

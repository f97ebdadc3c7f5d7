"""Render the Library tab: papers found, filtered and counted by year; and the report of added files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from rag.arguments import parse_filters
from rag.chat import render
from rag.chat.components import said
from rag.errors import PinciteError
from rag.library import Library
from rag.text.words import fold
from rag.types import Filters, IngestReport, Paper

# Papers on one page of the list, and papers that a search returns.
PAGE = 25
ALIKE = 10


@dataclass(frozen=True)
class Wanted:
    """What someone wants to see of a library: words, years, a source, papers similar to one, and which page."""

    text: str = ""
    year: str = ""
    source: str = ""
    like: str = ""
    page: int = 1


def shelves(library: Library, wanted: Wanted, problem: str = "") -> str:
    """Render the papers asked for, with a histogram by year; an invalid filter is shown, not raised.

    `problem` is an earlier error to show as well.
    """
    try:
        filters = parse_filters({"year": wanted.year.strip() or None, "source": wanted.source or None})
        model = library.get(wanted.like) if wanted.like else None
        found = _found(library, wanted, filters, model)
    except PinciteError as error:
        found, model, problem = [], None, said(error)
    papers = library.papers()
    first = (wanted.page - 1) * PAGE
    return render.page(
        "library.html", wanted=wanted, problem=problem, model=model, size=len(papers), found=len(found),
        sources=[render.offered(paper) for paper in found[first : first + PAGE]],
        years=by_year(papers), pages=-(-len(found) // PAGE), first=first + 1,
    )  # fmt: skip


def by_year(papers: Sequence[Paper]) -> list[tuple[int, int, float]]:
    """Return each year, its papers, and their share of the fullest year, from the first year to the last."""
    counts = Counter(paper.year for paper in papers if paper.year is not None)
    if not counts:
        return []
    most = max(counts.values())
    first = max(min(counts), max(counts) - 79)  # a single old paper must not flatten the rest
    return [(year, counts[year], counts[year] / most) for year in range(first, max(counts) + 1)]


def files(library: Library) -> list[str]:
    """Return the names of the files that the papers came from, and of the collections that they are in."""
    papers = library.papers()
    found = {PurePath(origin.file).name for paper in papers for origin in paper.origins}
    return sorted(found | {name for paper in papers for name in paper.collections})


def report(done: IngestReport) -> str:
    """Render the outcome of every record in the added files."""
    refused = [*done.unreadable, *done.rejected, *done.without_abstract]
    return render.page("report.html", done=done, refused=[(PurePath(r.file).name, r) for r in refused])


def _found(library: Library, wanted: Wanted, filters: Filters, model: Paper | None) -> list[Paper]:
    search = partial(library.search, year_from=filters.year_from, year_to=filters.year_to, source=filters.source)
    if model is not None:
        words = f"{model.title} {model.abstract}"[:2_000]
        return [hit.paper for hit in search(words, k=ALIKE, exclude=[model.id])]
    if wanted.text.strip():
        return [hit.paper for hit in search(wanted.text, k=PAGE)]
    return [paper for paper in library.papers() if _passes(paper, filters)]


def _passes(paper: Paper, filters: Filters) -> bool:
    if filters.year_from is not None and (paper.year is None or paper.year < filters.year_from):
        return False
    if filters.year_to is not None and (paper.year is None or paper.year > filters.year_to):
        return False
    wanted = fold(filters.source or "")
    return any(wanted in fold(name) for name in (*(origin.file for origin in paper.origins), *paper.collections))

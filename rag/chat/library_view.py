"""Render the Library tab: papers found, filtered, sorted and counted by year; and the report of added files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import PurePath
from urllib.parse import parse_qsl, urlencode

from rag.arguments import parse_filters
from rag.chat import render
from rag.chat.adding import Adding
from rag.chat.components import said
from rag.chat.library_search import (
    BEST,
    MEANING,
    ORDERS,
    PLACES,
    Matches,
    Piece,
    WordQuery,
    excerpt,
    find,
    marked,
    ordered,
    read_query,
)
from rag.chat.stars_and_notes import NO_MARKS, Marks
from rag.errors import PinciteError
from rag.library import Library
from rag.text.words import fold
from rag.types import Filters, IngestReport, Paper

# Papers on one page of the list, and papers that are shown as similar to one.
PAGE = 25
ALIKE = 10
# The year of papers without one, as a filter.
UNDATED = "none"


@dataclass(frozen=True)
class Wanted:
    """What someone wants to see of a library: words and where to look for them, filters, an order, and which page.

    `like` shows papers similar to one, `paper` that paper alone. `library` is the one that this was wanted of.
    """

    text: str = ""
    place: str = ""
    year: str = ""
    source: str = ""
    like: str = ""
    paper: str = ""
    order: str = BEST
    page: int = 1
    library: str = ""

    @property
    def address(self) -> str:
        """It as the query of an address: what differs from the default."""
        plain = Wanted()
        given = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != getattr(plain, f.name)}
        return urlencode(given)


def read_address(query: str) -> Wanted:
    """Return what an address asks for; what can't be understood is left out."""
    given = dict(parse_qsl(query[:4_000]))
    texts = {f.name: given[f.name] for f in fields(Wanted) if f.name in given and f.name != "page"}
    page = given.get("page", "")[:6]
    wanted = Wanted(**texts, page=max(1, int(page)) if page.isdecimal() else 1)
    known = {"place": wanted.place in PLACES, "order": wanted.order in ORDERS}
    return wanted if all(known.values()) else Wanted(library=wanted.library)


@dataclass(frozen=True)
class Listed:
    """A paper of the list, its texts cut where the search's words hit them; `close`: in meaning alone.

    `excerpt` is the abstract around the first hit, empty without one. `note` is the reader's own.
    """

    source: render.Source
    title: Sequence[Piece]
    by: Sequence[Piece]
    abstract: Sequence[Piece]
    excerpt: Sequence[Piece]
    note: Sequence[Piece]
    starred: bool
    close: bool


def shelves(library: Library, wanted: Wanted, problem: str = "", marks: Marks = NO_MARKS) -> str:
    """Render the papers asked for, with a histogram by year; an invalid filter is shown, not raised.

    `problem` is an earlier error to show as well, `marks` are those of the person who looks.
    """
    papers = library.papers()
    try:
        filters = parse_filters({"year": _year(wanted), "source": wanted.source or None})
        model = library.get(wanted.like or wanted.paper) if wanted.like or wanted.paper else None
        passing = [paper for paper in papers if _passes(paper, filters, undated=wanted.year == UNDATED)]
        found = _found(library, wanted, filters, passing, model, marks)
    except PinciteError as error:
        filters, passing, found, model, problem = Filters(), [], Matches(), None, said(error)
    first = (wanted.page - 1) * PAGE
    query = read_query(wanted.text)
    cut = partial(_listed, query=query, place=wanted.place, marks=marks)
    shown = list(enumerate(found.papers))[first : first + PAGE]
    rows = [cut(paper, close=at >= len(found.holding)) for at, paper in shown]
    return render.page(
        "library.html", wanted=wanted, problem=problem, model=model, size=len(papers), found=found, rows=rows,
        years=by_year(papers), pages=-(-len(found.papers) // PAGE), first=first + 1,
        undated=sum(paper.year is None for paper in papers), hidden=_hidden(papers, filters), meaning=MEANING,
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


def outcome(adding: Adding) -> str:
    """Render files that are being added, or what happened to them."""
    if adding.report is not None:
        return report(adding.report)
    if adding.problem:
        return render.page("refused.html", problem=adding.problem, closes=True)
    return render.page("adding.html", adding=adding)


def report(done: IngestReport) -> str:
    """Render the outcome of every record in the added files."""
    skipped = [*done.rejected, *done.without_abstract]
    refused = [(PurePath(one.file).name, one) for one in (*done.unreadable, *skipped)]
    return render.page("report.html", done=done, refused=refused, skipped=len(skipped))


def _year(wanted: Wanted) -> str | None:
    year = wanted.year.strip()
    return None if year in ("", UNDATED) else year


def _found(
    library: Library, wanted: Wanted, filters: Filters, passing: Sequence[Paper], model: Paper | None, marks: Marks
) -> Matches:  # fmt: skip
    if model is not None and wanted.paper:
        return Matches((model,))
    if model is not None:
        words = f"{model.title} {model.abstract}"[:2_000]
        return Matches(tuple(hit.paper for hit in library.search(words, k=ALIKE, exclude=[model.id])))
    if wanted.text.strip():
        return find(library, wanted.text, wanted.place, wanted.order, filters, passing, marks)
    return Matches(tuple(ordered(passing, wanted.order, marks.starred)))


def _listed(paper: Paper, query: WordQuery, place: str, marks: Marks, *, close: bool) -> Listed:
    cut = partial(marked, query=query, place=MEANING if not query.words else place)
    abstract = cut(paper.abstract)
    by = cut(render.by_line(paper))
    for name in paper.authors[3:]:  # not in the line, but found by it
        hit = cut(name)
        by += [Piece(" · "), *hit] if any(piece.hit for piece in hit) else []
    return Listed(
        render.offered(paper), cut(paper.title), by, abstract, excerpt(abstract), cut(marks.notes.get(paper.id, "")),
        paper.id in marks.starred, close,
    )  # fmt: skip


def _hidden(papers: Sequence[Paper], filters: Filters) -> int:
    """Return how many papers a filter by year leaves out only because they have no year."""
    if filters.year_from is None and filters.year_to is None:
        return 0
    return sum(_passes(paper, filters, undated=True) for paper in papers)


def _passes(paper: Paper, filters: Filters, *, undated: bool) -> bool:
    """Return whether a paper has one of the years (none at all, if `undated`) and the file."""
    if undated:
        dated = paper.year is None
    else:
        low = filters.year_from is None or (paper.year is not None and paper.year >= filters.year_from)
        dated = low and (filters.year_to is None or (paper.year is not None and paper.year <= filters.year_to))
    wanted = fold(filters.source or "")
    return dated and any(wanted in fold(name) for name in (*(one.name for one in paper.origins), *paper.collections))

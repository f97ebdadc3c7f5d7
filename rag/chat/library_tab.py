"""The Library tab: add, find, correct and remove papers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import gradio as gr

from rag import arguments
from rag.bibliography.citation_keys import citation_keys
from rag.bibliography.export import exported
from rag.chat import library_view, render
from rag.chat.adding import Additions
from rag.chat.components import PRIVATE, SAVE, WATCHED, UploadNames, given, html, owner, said
from rag.chat.gradio_guard import OWNER
from rag.chat.library_search import BEST, EVERYWHERE, ORDERS, PLACES
from rag.chat.library_view import Wanted
from rag.chat.scope import scope
from rag.chat.service import Desk
from rag.chat.stars_and_notes import LONGEST_NOTE
from rag.chat.turns import Within
from rag.chat.uploads import Uploads
from rag.errors import InputError, PinciteError
from rag.types import Paper

# Papers that one event may name, and the ending of a file in each form.
MOST_PICKED = 1_000
ENDINGS = {"bibtex": "bib", "ris": "ris", "csl-json": "json"}


class LibraryTab:
    """What a library holds. `library` and `masthead` belong to the page, `file` sends files to the browser."""

    def __init__(self, desk: Desk, uploads: Uploads, library: gr.Dropdown, masthead: gr.HTML, file: gr.Textbox) -> None:
        self.desk = desk
        self.additions = Additions(desk.shelf, uploads)
        self.library, self.masthead, self.file = library, masthead, file
        self.wanted = gr.State(Wanted())
        with gr.Row(elem_id="intake"):
            self.files = gr.File(
                label="Drop files of papers here",
                file_count="multiple",
                height=120,
                elem_id="files",
                elem_classes="drop",
            )
            self.files.data_model = UploadNames  # when an event sees a file, it is already a name from `Uploads`
            self.name = gr.Textbox(
                label="New library", placeholder="Name", submit_btn="Create", elem_id="make", max_length=60
            )
        self.report = html("report")
        self.report_file = gr.Textbox(visible="hidden")  # not `file`: exports replace that
        self.save = gr.Button("Save the whole report", size="sm", visible=False, elem_id="save-report")
        with gr.Row(elem_id="filters"):
            self.words = gr.Textbox(label="Search", placeholder="words, a title or an author", elem_id="search")
            self.place = gr.Dropdown(_choices(PLACES), value=EVERYWHERE, label="Search in", elem_id="place")
            self.years = gr.Textbox(label="Years", placeholder="2023-2025", max_lines=1, elem_id="years")
            self.source = gr.Dropdown([], label="File", elem_id="source")
            self.order = gr.Dropdown(_choices(ORDERS), value=BEST, label="Sort by", elem_id="order")
        self.papers = html("papers")
        self.added = gr.State("")  # the library that what this page watched was added to
        self.outcome = [self.report, self.report_file, self.save, self.added]
        self.boxes = [self.words, self.place, self.years, self.source, self.order]
        self.whole = [self.papers, self.wanted, *self.boxes, self.masthead]

    def wire(self) -> None:
        """Connect the events."""
        found, filters, whole = [self.papers, self.wanted], [self.library, *self.boxes], self.whole
        for event in (
            self.words.submit, self.years.submit, self.place.input, self.source.input, self.order.input
        ):  # fmt: skip
            event(self.browse, filters, found, **PRIVATE)
        self.library.change(self.choose, [self.library, self.wanted], whole, **PRIVATE)
        self.papers.show(self.show_one, self.library, whole, **PRIVATE)
        self.papers.export_these(self.export_these, self.library, self.file, **PRIVATE).then(None, self.file, js=SAVE)
        self.name.submit(self.make, self.name, [self.library, self.name, self.report], **PRIVATE)
        self.files.upload(
            self.add, [self.files, self.library], [*self.outcome, self.files], preprocess=False,
            trigger_mode="multiple", **WATCHED,
        ).then(self.show_added, [self.added, self.library], whole, **PRIVATE)  # fmt: skip
        self.report.dismiss(self.close_report, outputs=self.outcome, **PRIVATE)
        self.save.click(None, self.report_file, js=SAVE)
        self.papers.year(self.by_year, filters, [self.years, *found], **PRIVATE)
        self.papers.turn_to(self.turn_page, [self.library, self.wanted], found, **PRIVATE)
        changed = [*found, self.masthead]
        self.papers.remove(self.remove, [self.library, self.wanted], changed, **PRIVATE)
        self.papers.remove_these(self.remove_these, [self.library, self.wanted], changed, **PRIVATE)
        self.papers.correct(self.correct, [self.library, self.wanted], changed, **PRIVATE)
        self.papers.star(self.star, self.library, **PRIVATE)
        self.papers.note(self.note, self.library, **PRIVATE)
        self.papers.restore(self.restore, [self.library, self.wanted], changed, **PRIVATE)

    # --- finding ---

    def browse(
        self, library: str, words: str, place: str, years: str, source: str, order: str, request: gr.Request
    ) -> tuple[str, Wanted]:  # fmt: skip
        """Find papers."""
        wanted = Wanted(words, place or "", years, source or "", order=order or "", library=library)
        return self._shelves(library, wanted, request), wanted

    def choose(self, library: str, wanted: Wanted, request: gr.Request) -> tuple[Any, ...]:
        """Show a library, without the filters of another one."""
        return self.show(wanted if wanted.library == library else Wanted(library=library), library, request)

    def show(self, wanted: Wanted, library: str, request: gr.Request) -> tuple[Any, ...]:
        """Show what is wanted of a library, with the boxes that say so."""
        papers, sources, masthead = self.refresh(library, wanted, request)
        place, order = (gr.Dropdown(value=value) for value in (wanted.place, wanted.order))
        return papers, wanted, wanted.text, place, wanted.year, sources, order, masthead

    def refresh(self, library: str, wanted: Wanted, request: gr.Request) -> tuple[Any, ...]:
        """Show a library's current state."""
        files = library_view.files(self.desk.shelf.get(library))
        chosen = wanted.source if wanted.source in files else ""
        sources = gr.Dropdown([("all files", ""), *((name, name) for name in files)], value=chosen)
        return self._shelves(library, wanted, request), sources, self.head(library)

    def go(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Show what the page's address asks for: a library, and a search, a page or a paper of it."""
        wanted = library_view.read_address(given(event, "place"))
        library = wanted.library if wanted.library in self.desk.shelf.names else self.desk.shelf.names[0]
        wanted = replace(wanted, library=library)
        return gr.Tabs(selected="library"), library, *self.show(wanted, library, request)

    def show_one(self, library: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Show one paper alone, or all papers if none is named."""
        return self.show(Wanted(paper=given(event, "paper"), library=library), library, request)

    def by_year(
        self, library: str, words: str, place: str, years: str, source: str, order: str, event: gr.EventData,
        request: gr.Request,
    ) -> tuple[Any, ...]:  # fmt: skip
        """Show the papers of one year, or of all years if it was already chosen."""
        chosen = given(event, "year")
        year = "" if years == chosen else chosen
        return year, *self.browse(library, words, place, year, source, order, request)

    def turn_page(
        self, library: str, wanted: Wanted, event: gr.EventData, request: gr.Request
    ) -> tuple[str, Wanted]:  # fmt: skip
        """Show another page of the list."""
        page = given(event, "page")[:9]
        wanted = replace(wanted, page=arguments.count("page", int(page) if page.isdecimal() else page))
        return self._shelves(library, wanted, request), wanted

    def show_like(self, library: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Show the papers most similar to one."""
        wanted = Wanted(like=given(event, "paper"), library=library)
        return gr.Tabs(selected="library"), self._shelves(library, wanted, request), wanted

    def head(self, library: str) -> str:
        """Show how many papers there are."""
        return render.page("masthead.html", size=len(self.desk.shelf.get(library)))

    def _shelves(self, library: str, wanted: Wanted, request: gr.Request, problem: str = "") -> str:
        marks = self.desk.marks(owner(request), library)
        return library_view.shelves(self.desk.shelf.get(library), wanted, problem, marks)

    # --- several papers at once ---

    def only_these(
        self, library: str, year: str, venue: str, author: str, source: str, event: gr.EventData
    ) -> tuple[Any, ...]:
        """Limit the next questions to the selected papers."""
        papers = self._picked(library, event)
        only = Within(papers=tuple(paper.id for paper in papers), title=f"{len(papers)} selected")
        if len(papers) == 1:
            only = Within(paper=papers[0].id, title=papers[0].title)
        within = replace(only, year=year, venue=venue, author=author, source=source)
        return gr.Tabs(selected="ask"), only, scope(self.desk.shelf.get(library), within)

    def export_these(self, library: str, event: gr.EventData, request: gr.Request) -> str:
        """Send the selected papers to the browser as a file."""
        form = given(event, "form")
        if form not in ENDINGS:
            raise InputError(f"can't export as {form!r}: choose one of {', '.join(ENDINGS)}")
        marks, keys = self.desk.marks(owner(request), library), citation_keys(self.desk.shelf.get(library).papers())
        papers = [marks.noted(paper) for paper in self._picked(library, event)]
        return json.dumps({"name": f"selected.{ENDINGS[form]}", "text": exported(papers, form, keys)})

    def remove_these(
        self, library: str, wanted: Wanted, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:  # fmt: skip
        """Remove the selected papers."""
        shelf = self.desk.shelf.get(library)
        picked = self._picked(library, event)
        return self._changed(library, wanted, request, lambda: [shelf.remove(paper.id) for paper in picked])

    def _picked(self, library: str, event: gr.EventData) -> list[Paper]:
        """Return the papers that an event names by their ids."""
        try:
            names = json.loads(given(event, "papers"))
        except (ValueError, RecursionError):
            names = None
        if not isinstance(names, list) or not 0 < len(names) <= MOST_PICKED:
            raise InputError(f"select from 1 to {MOST_PICKED:,} papers")
        return [self.desk.shelf.get(library).get(name) for name in dict.fromkeys(map(str, names))]

    # --- marking: the page's script shows it at once, so that nothing moves ---

    def star(self, library: str, event: gr.EventData, request: gr.Request) -> None:
        """Give a paper a star, or take it away."""
        paper = self.desk.shelf.get(library).get(given(event, "paper"))
        starred = given(event, "starred") == "true"
        self.desk.conversations.star(owner(request), library, paper.id, starred=starred)

    def note(self, library: str, event: gr.EventData, request: gr.Request) -> None:
        """Keep a note on a paper."""
        paper, text = self.desk.shelf.get(library).get(given(event, "paper")), given(event, "note")
        if len(text) > LONGEST_NOTE:
            raise InputError(f"this note has {len(text):,} characters: shorten it to {LONGEST_NOTE:,}")
        self.desk.conversations.note(owner(request), library, paper.id, text)

    # --- changing ---

    def add(self, names: list[str], library: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Add the papers of files that this person uploaded, and report the outcome of every record."""
        owner = request.headers.get(OWNER, "")
        adding = self.additions.start(owner, names or (), library)
        for _ in adding.news.follow():
            yield *self._reported(owner), "", None  # an empty box takes the next files
        yield *self._reported(owner), adding.library, None

    def resume(self, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Show the files that this person is adding, and reports, on a page that was opened since."""
        owner, added = request.headers.get(OWNER, ""), ""
        if not self.additions.of(owner):
            yield (gr.skip(),) * len(self.outcome)
            return
        for adding in self.additions.of(owner):
            for _ in adding.news.follow():
                yield *self._reported(owner), ""
                added = adding.library  # only one that was still running has papers that the list lacks
        yield *self._reported(owner), added

    def _reported(self, owner: str) -> tuple[Any, ...]:
        """Return what happened to a person's files, and the latest report as a file."""
        additions = self.additions.of(owner)
        file = next((one.file for one in reversed(additions) if one.file), "")
        return "".join(map(library_view.outcome, additions)), file, gr.Button(visible=bool(file))

    def show_added(self, added: str, library: str, request: gr.Request) -> tuple[Any, ...]:
        """Show all papers of a library that some were added to, if it is the one in view."""
        if added != library:
            return (gr.skip(),) * len(self.whole)
        return self.show(Wanted(library=library), library, request)

    def close_report(self, request: gr.Request) -> tuple[Any, ...]:
        """Clear the last report."""
        owner = request.headers.get(OWNER, "")
        self.additions.close(owner)
        return *self._reported(owner), ""

    def make(self, name: str) -> tuple[Any, ...]:
        """Create an empty library and select it."""
        try:
            made = self.desk.shelf.make(name)
        except InputError as error:
            return gr.skip(), gr.skip(), render.page("refused.html", problem=said(error), closes=False)
        return gr.Dropdown(self.desk.shelf.names, value=made), "", ""

    def correct(self, library: str, wanted: Wanted, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Correct a paper's title or abstract permanently."""
        shelf = self.desk.shelf.get(library)
        paper = shelf.get(given(event, "paper"))
        title, abstract = given(event, "title").strip(), given(event, "abstract").strip()
        return self._changed(
            library,
            wanted,
            request,
            lambda: shelf.edit(
                paper.id,
                title=None if title == paper.title else title,
                abstract=None if abstract == paper.abstract else abstract,
            ),
        )

    def restore(self, library: str, wanted: Wanted, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Restore what the files say about a paper."""
        return self._changed(
            library, wanted, request, lambda: self.desk.shelf.get(library).edit(given(event, "paper"), undo=True)
        )

    def remove(self, library: str, wanted: Wanted, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Remove a paper from the library."""
        return self._changed(
            library, wanted, request, lambda: self.desk.shelf.get(library).remove(given(event, "paper"))
        )

    def _changed(
        self, library: str, wanted: Wanted, request: gr.Request, change: Callable[[], object]
    ) -> tuple[Any, ...]:  # fmt: skip
        """Change a library and show it, or show why it couldn't be changed."""
        problem = ""
        try:
            change()
        except PinciteError as error:
            problem = said(error)
        return self._shelves(library, wanted, request, problem), wanted, self.head(library)


def _choices(named: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for value, name in named.items()]

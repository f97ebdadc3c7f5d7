"""The Library tab: add, find, correct and remove papers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import gradio as gr
from gradio.data_classes import GradioRootModel

from rag import arguments
from rag.chat import library_view, render
from rag.chat.components import PRIVATE, SAVE, given, html, said
from rag.chat.door import OWNER
from rag.chat.library_view import Wanted
from rag.chat.service import Desk
from rag.chat.uploads import Uploads
from rag.errors import InputError, PinciteError
from rag.serialization import to_json


class Names(GradioRootModel):
    """The page's file box: its value is the names of uploads."""

    root: list[str] | None = None


class LibraryTab:
    """What a library holds. `library` and `masthead` belong to the page, `file` sends files to the browser."""

    def __init__(self, desk: Desk, uploads: Uploads, library: gr.Dropdown, masthead: gr.HTML, file: gr.Textbox) -> None:
        self.desk = desk
        self.uploads = uploads
        self.library, self.masthead, self.file = library, masthead, file
        self.wanted = gr.State(Wanted())
        with gr.Row(elem_id="intake"):
            self.files = gr.File(label="Drop files of papers here", file_count="multiple", height=120, elem_id="files")
            self.files.data_model = Names  # when an event sees a file, it is already a name from `Uploads`
            self.name = gr.Textbox(
                label="New library", placeholder="its name", submit_btn="Make", elem_id="make", max_length=60
            )
        self.report = html("report")
        self.save = gr.Button("Save the whole report", size="sm", visible=False, elem_id="save-report")
        with gr.Row(elem_id="filters"):
            self.words = gr.Textbox(label="Search", placeholder="words or a question", elem_id="search")
            self.years = gr.Textbox(label="Years", placeholder="2024, 2023..2025 or ..2020", elem_id="years")
            self.source = gr.Dropdown([], label="File", elem_id="source")
        self.papers = html("papers")

    def wire(self) -> None:
        """Connect the events."""
        found, filters = [self.papers, self.wanted], [self.library, self.words, self.years, self.source]
        whole = [*found, self.words, self.years, self.source, self.masthead]
        for event in (self.words.submit, self.years.submit, self.source.input):
            event(self.browse, filters, found, **PRIVATE)
        self.library.change(self.choose, self.library, whole, **PRIVATE)
        self.name.submit(self.make, self.name, [self.library, self.name, self.report], **PRIVATE)
        self.files.upload(
            self.add, [self.files, self.library], [self.report, self.file, self.save, self.files],
            preprocess=False, api_visibility="private", concurrency_limit=1,
        ).then(self.choose, self.library, whole, **PRIVATE)  # fmt: skip
        self.save.click(None, self.file, js=SAVE)
        self.papers.year(self.by_year, filters, [self.years, *found], **PRIVATE)
        self.papers.turn_to(self.turn_page, [self.library, self.wanted], found, **PRIVATE)
        changed = [*found, self.masthead]
        self.papers.remove(self.remove, [self.library, self.wanted], changed, **PRIVATE)
        self.papers.correct(self.correct, [self.library, self.wanted], changed, **PRIVATE)
        self.papers.restore(self.restore, [self.library, self.wanted], changed, **PRIVATE)

    # --- finding ---

    def browse(self, library: str, words: str, years: str, source: str) -> tuple[str, Wanted]:
        """Find papers."""
        wanted = Wanted(words, years, source or "")
        return self._shelves(library, wanted), wanted

    def choose(self, library: str) -> tuple[Any, ...]:
        """Show a library without filters."""
        papers, sources, masthead = self.refresh(library, Wanted())
        return papers, Wanted(), "", "", sources, masthead

    def refresh(self, library: str, wanted: Wanted) -> tuple[Any, ...]:
        """Show a library's current state."""
        files = library_view.files(self.desk.shelf.get(library))
        sources = gr.Dropdown([("all files", ""), *((name, name) for name in files)], value=wanted.source)
        return self._shelves(library, wanted), sources, self.head(library)

    def by_year(self, library: str, words: str, years: str, source: str, event: gr.EventData) -> tuple[Any, ...]:
        """Show the papers of one year, or of all years if it was already chosen."""
        chosen = given(event, "year")
        year = "" if years == chosen else chosen
        return year, *self.browse(library, words, year, source)

    def turn_page(self, library: str, wanted: Wanted, event: gr.EventData) -> tuple[str, Wanted]:
        """Show another page of the list."""
        page = given(event, "page")[:9]
        wanted = replace(wanted, page=arguments.count("page", int(page) if page.isdecimal() else page))
        return self._shelves(library, wanted), wanted

    def show_like(self, library: str, event: gr.EventData) -> tuple[Any, ...]:
        """Show the papers most similar to one."""
        wanted = Wanted(like=given(event, "paper"))
        return gr.Tabs(selected="library"), self._shelves(library, wanted), wanted

    def head(self, library: str) -> str:
        """Show how many papers there are."""
        return render.page("masthead.html", size=len(self.desk.shelf.get(library)))

    def _shelves(self, library: str, wanted: Wanted, problem: str = "") -> str:
        return library_view.shelves(self.desk.shelf.get(library), wanted, problem)

    # --- changing ---

    def add(
        self, names: list[str], library: str, request: gr.Request, progress: gr.Progress = gr.Progress()  # noqa: B008  Gradio passes one in this way
    ) -> tuple[Any, ...]:  # fmt: skip
        """Add the papers of files that this person uploaded, and report the outcome of every record."""
        owner = request.headers.get(OWNER, "")
        try:
            paths = [str(self.uploads.path(owner, name)) for name in names or ()]
            done = self.desk.shelf.get(library).add(
                *paths, progress=lambda count, total: progress((count, total), desc="records read")
            )
        except PinciteError as error:
            return render.page("refused.html", problem=said(error)), "", gr.Button(visible=False), None
        finally:
            self.uploads.drop(owner, names or ())
        text = json.dumps(_by_name(to_json(done)), ensure_ascii=False, indent=2)
        file = json.dumps({"name": "pincite-report.json", "text": _without_folders(text, paths)})
        return library_view.report(done), file, gr.Button(visible=True), None

    def make(self, name: str) -> tuple[Any, ...]:
        """Create an empty library and select it."""
        try:
            made = self.desk.shelf.make(name)
        except InputError as error:
            return gr.skip(), gr.skip(), render.page("refused.html", problem=said(error))
        return gr.Dropdown(self.desk.shelf.names, value=made), "", ""

    def correct(self, library: str, wanted: Wanted, event: gr.EventData) -> tuple[Any, ...]:
        """Correct a paper's title or abstract permanently."""
        shelf = self.desk.shelf.get(library)
        paper = shelf.get(given(event, "paper"))
        title, abstract = given(event, "title").strip(), given(event, "abstract").strip()
        return self._changed(
            library,
            wanted,
            lambda: shelf.edit(
                paper.id,
                title=None if title == paper.title else title,
                abstract=None if abstract == paper.abstract else abstract,
            ),
        )

    def restore(self, library: str, wanted: Wanted, event: gr.EventData) -> tuple[Any, ...]:
        """Restore what the files say about a paper."""
        return self._changed(
            library, wanted, lambda: self.desk.shelf.get(library).edit(given(event, "paper"), undo=True)
        )

    def remove(self, library: str, wanted: Wanted, event: gr.EventData) -> tuple[Any, ...]:
        """Remove a paper from the library."""
        return self._changed(library, wanted, lambda: self.desk.shelf.get(library).remove(given(event, "paper")))

    def _changed(self, library: str, wanted: Wanted, change: Callable[[], object]) -> tuple[Any, ...]:
        """Change a library and show it, or show why it couldn't be changed."""
        problem = ""
        try:
            change()
        except PinciteError as error:
            problem = said(error)
        return self._shelves(library, wanted, problem), wanted, self.head(library)


def _by_name(report: Any) -> Any:
    """Name every file of a report without its folder, those that were added elsewhere and long ago as well."""
    if isinstance(report, dict):
        return {key: PurePath(value).name if key == "file" else _by_name(value) for key, value in report.items()}
    return [_by_name(item) for item in report] if isinstance(report, list) else report


def _without_folders(text: str, paths: Sequence[str]) -> str:
    """Name uploaded files as the user knows them, not by their paths on the server."""
    for path in paths:
        text = text.replace(path, Path(path).name)
    return text

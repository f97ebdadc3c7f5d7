"""The page: its parts, and what happens when they are used. What is known of a visitor stays in `gr.State`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from gradio.events import api as endpoint

from rag.chat import holdings, render
from rag.chat.desk import Desk, Shown
from rag.chat.holdings import Wanted
from rag.errors import InputError, PinciteError
from rag.models import available
from rag.types import to_json

STATIC = Path(__file__).parent / "static"
SCRIPT = (STATIC / "page.js").read_text(encoding="utf-8")
SAVE = (STATIC / "save.js").read_text(encoding="utf-8")
# Questions that the demo library answers.
EXAMPLES = (
    "Are emergent abilities a mirage made by the metric?",
    "When does a capability of a language model count as emergent?",
    "How much does self-play reinforcement learning lift an 8B Llama model on MATH-500?",
)
# Answers written at once, and questions that may wait.
AT_ONCE, WAITING = 8, 64
PRIVATE: Any = {"api_visibility": "private", "show_progress": "hidden"}


def part(name: str) -> Any:
    """Return a part of the page that is given as finished HTML."""
    return gr.HTML("", elem_id=name, elem_classes="pincite", js_on_load=SCRIPT, apply_default_css=False)


class Page:
    """The page over one desk; `blocks` is what Gradio serves. `tools` become named endpoints for programs."""

    def __init__(self, desk: Desk, tools: Sequence[Callable[..., Any]] = ()) -> None:
        self.desk = desk
        names = desk.shelf.names
        self.blocks = gr.Blocks(title="Pincite", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600))
        with self.blocks:
            for tool in tools:
                endpoint(tool, api_name=tool.__name__)  # first: the page's own events of the same name are private
            self.conversation, self.only, self.wanted = gr.State(""), gr.State(""), gr.State(Wanted())
            self.file = gr.Textbox(visible="hidden")
            with gr.Row(elem_id="top"):
                self.masthead = part("masthead")
                self.library = gr.Dropdown(
                    names, value=names[0], label="Library", show_label=False, elem_id="library", min_width=120
                )
            with gr.Tabs(elem_id="tabs") as self.tabs:
                with gr.Tab("Ask", id="ask"):
                    self._lay_out_answers()
                with gr.Tab("Library", id="library") as self.library_tab:
                    self._lay_out_library()
                with gr.Tab("Conversations", id="kept") as self.kept_tab:
                    self.fresh = gr.Button("New conversation", size="sm", elem_id="new")
                    self.kept = part("kept")
            self.thread = [self.tabs, self.message, self.conversation, self.past, self.current]
            self._wire_answers()
            self._wire_library()
            self._wire_conversations()
        self.blocks.queue(default_concurrency_limit=AT_ONCE, max_size=WAITING)

    # --- what stands where ---

    def _lay_out_answers(self) -> None:
        self.past, self.current = part("past"), part("current")
        with gr.Group(elem_id="composer"):
            self.scope = part("scope")
            self.message = gr.Textbox(
                placeholder="Ask a question of the abstracts", label="Your question", show_label=False,
                container=False, autofocus=True, submit_btn=True, max_length=4_000, elem_id="message",
            )  # fmt: skip
            with gr.Row(elem_id="writer"):
                writer = self.desk.config.model
                self.model = gr.Dropdown(
                    [_named(writer)], value=writer, label="Written by", show_label=False, elem_id="model", min_width=120
                )
                self.leaves = part("leaves")

    def _lay_out_library(self) -> None:
        with gr.Row(elem_id="intake"):
            self.files = gr.File(label="Drop files of papers here", file_count="multiple", height=150, elem_id="files")
            self.name = gr.Textbox(
                label="New library", placeholder="its name", submit_btn="Make", elem_id="make", max_length=60
            )
        self.report = part("report")
        self.save = gr.Button("Save the whole report", size="sm", visible=False, elem_id="save-report")
        with gr.Row(elem_id="filters"):
            self.words = gr.Textbox(label="Search", placeholder="words or a question", elem_id="search")
            self.years = gr.Textbox(label="Years", placeholder="2024, 2023..2025 or ..2020", elem_id="years")
            self.source = gr.Dropdown([], label="File", elem_id="source")
        self.papers = part("papers")

    # --- what leads to what ---

    def _wire_answers(self) -> None:
        chosen = [self.conversation, self.library, self.model, self.only]
        asking: list[dict[str, Any]] = [self.message.submit(self.ask, [self.message, *chosen], self.thread, **PRIVATE)]
        for shown in (self.past, self.current):
            asking.append(shown.ask(self.ask_example, chosen, self.thread, **PRIVATE))
        self.message.stop(self.stop, self.conversation, self.thread, cancels=asking, **PRIVATE)
        for shown in (self.past, self.current, self.papers):
            shown.only(self.ask_only, self.library, [self.tabs, self.only, self.scope, self.message], **PRIVATE)
            shown.like(self.show_like, self.library, [self.tabs, self.papers, self.wanted], **PRIVATE)
        self.scope.clear(lambda: ("", ""), outputs=[self.only, self.scope], **PRIVATE)
        self.model.change(self.show_leaving, self.model, self.leaves, **PRIVATE)
        self.blocks.load(self.load, outputs=[self.masthead, self.library, *self.thread], **PRIVATE)
        self.blocks.load(self.load_models, outputs=[self.model, self.leaves], **PRIVATE)

    def _wire_library(self) -> None:
        found, filters = [self.papers, self.wanted], [self.library, self.words, self.years, self.source]
        whole = [*found, self.words, self.years, self.source, self.masthead]
        for event in (self.words.submit, self.years.submit, self.source.input):
            event(self.browse, filters, found, **PRIVATE)
        self.library.input(self.choose, self.library, whole, **PRIVATE)
        self.library_tab.select(
            self.refresh, [self.library, self.wanted], [self.papers, self.source, self.masthead], **PRIVATE
        )
        self.name.submit(self.make, self.name, [self.library, self.name, self.report], **PRIVATE).then(
            self.choose, self.library, whole, **PRIVATE
        )
        self.files.upload(
            self.add, [self.files, self.library], [self.report, self.file, self.save, self.files],
            api_visibility="private", concurrency_limit=1,
        ).then(self.choose, self.library, whole, **PRIVATE)  # fmt: skip
        self.save.click(None, self.file, js=SAVE)
        self.papers.year(self.by_year, filters, [self.years, *found], **PRIVATE)
        self.papers.turn_to(self.turn_page, [self.library, self.wanted], found, **PRIVATE)
        self.papers.remove(self.remove, [self.library, self.wanted], [*found, self.masthead], **PRIVATE)

    def _wire_conversations(self) -> None:
        self.fresh.click(self.begin, outputs=self.thread, **PRIVATE)
        self.kept_tab.select(self.list_kept, outputs=self.kept, **PRIVATE)
        self.kept.open(self.open, outputs=self.thread, **PRIVATE)
        self.kept.rename(self.rename, outputs=self.kept, **PRIVATE)
        self.kept.delete(self.delete, outputs=self.kept, **PRIVATE)
        self.kept.export(self.export, outputs=self.file, **PRIVATE).then(None, self.file, js=SAVE)

    # --- asking ---

    def ask(
        self, question: str, conversation: str, library: str, model: str, only: str, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """Answer, showing each step."""
        if not question.strip():
            yield (gr.skip(),) * 5
            return
        for shown in self.desk.ask(owner(request), conversation, question, library, model, only or None):
            yield _thread(shown)

    def ask_example(
        self, conversation: str, library: str, model: str, only: str, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """Answer a question that the page offered."""
        yield from self.ask(str(event.question), conversation, library, model, only, request)

    def stop(self, conversation: str, request: gr.Request) -> tuple[Any, ...]:
        """Stop the answer that is being written; what was written stays."""
        return gr.skip(), _box(busy=False), gr.skip(), gr.skip(), self.desk.stop(owner(request), conversation)

    def ask_only(self, library: str, event: gr.EventData) -> tuple[Any, ...]:
        """Ask the next questions of one paper alone."""
        paper = self.desk.shelf.get(library).get(str(event.paper))
        return gr.Tabs(selected="ask"), paper.id, render.page("scope.html", paper=paper), gr.skip()

    def load(self, request: gr.Request) -> tuple[Any, ...]:
        """Show the conversation that the address names, or the welcome."""
        names = self.desk.shelf.names
        shown = self.desk.open(owner(request), str(request.query_params.get("c", "")))
        return self._masthead(names[0]), gr.Dropdown(names, value=names[0]), *self._opened(shown)

    def load_models(self) -> tuple[Any, str]:
        """Offer the models that can write now."""
        chosen = self.desk.config.model
        return gr.Dropdown([_named(name) for name, _ in self._models()], value=chosen), self.show_leaving(chosen)

    def show_leaving(self, model: str) -> str:
        """Say what leaves this machine when this model writes."""
        leaving = dict(self._models()).get(model, "this model can't be reached now")
        return render.page("leaves.html", model=model, leaving=leaving)

    def _models(self) -> list[tuple[str, str]]:
        return available(self.desk.config)

    def _masthead(self, name: str) -> str:
        return render.page("masthead.html", size=len(self.desk.shelf.get(name)))

    def _opened(self, shown: Shown) -> tuple[Any, ...]:
        if shown.current:
            tab, _, *rest = _thread(shown)
            return tab, gr.skip(), *rest
        size = len(self.desk.shelf.get(None))
        welcome = render.page("welcome.html", size=size, examples=EXAMPLES)
        # The message box stays as it is: someone may be writing in it while the page loads.
        return gr.skip(), gr.skip(), "", welcome, render.page("address.html", conversation="")

    # --- the library ---

    def browse(self, library: str, words: str, years: str, source: str) -> tuple[str, Wanted]:
        """Find papers."""
        wanted = Wanted(words, years, source or "")
        return self._shelves(library, wanted), wanted

    def choose(self, library: str) -> tuple[Any, ...]:
        """Show another library, or the same anew, without filters."""
        papers, sources, masthead = self.refresh(library, Wanted())
        return papers, Wanted(), "", "", sources, masthead

    def refresh(self, library: str, wanted: Wanted) -> tuple[Any, ...]:
        """Show a library as it is now."""
        files = holdings.files(self.desk.shelf.get(library))
        sources = gr.Dropdown([("all files", ""), *((name, name) for name in files)], value=wanted.source)
        return self._shelves(library, wanted), sources, self._masthead(library)

    def by_year(self, library: str, words: str, years: str, source: str, event: gr.EventData) -> tuple[Any, ...]:
        """Show the papers of one year; of all years where it was chosen already."""
        year = "" if years == event.year else str(event.year)
        return year, *self.browse(library, words, year, source)

    def turn_page(self, library: str, wanted: Wanted, event: gr.EventData) -> tuple[str, Wanted]:
        """Show another page of the list."""
        wanted = replace(wanted, page=max(1, int(event.page)))
        return self._shelves(library, wanted), wanted

    def show_like(self, library: str, event: gr.EventData) -> tuple[Any, ...]:
        """Show the papers most like one."""
        wanted = Wanted(like=str(event.paper))
        return gr.Tabs(selected="library"), self._shelves(library, wanted), wanted

    def remove(self, library: str, wanted: Wanted, event: gr.EventData) -> tuple[Any, ...]:
        """Take a paper out of the library."""
        self.desk.shelf.get(library).remove(str(event.paper))
        return self._shelves(library, wanted), wanted, self._masthead(library)

    def add(self, paths: list[str], library: str, progress: gr.Progress = gr.Progress()) -> tuple[Any, ...]:  # noqa: B008  Gradio's way to be handed one
        """Add the papers of files, and say what became of every record."""
        try:
            done = self.desk.shelf.get(library).add(
                *paths, progress=lambda count, total: progress((count, total), desc="records read")
            )
        except PinciteError as error:
            return (
                render.page("refused.html", problem=_without_folders(str(error), paths)),
                "",
                gr.Button(visible=False),
                None,
            )
        text = json.dumps(to_json(done), ensure_ascii=False, indent=2)
        file = json.dumps({"name": "pincite-report.json", "text": _without_folders(text, paths)})
        return holdings.report(done), file, gr.Button(visible=True), None

    def make(self, name: str) -> tuple[Any, ...]:
        """Make an empty library and choose it."""
        try:
            made = self.desk.shelf.make(name)
        except InputError as error:
            return gr.skip(), gr.skip(), render.page("refused.html", problem=str(error))
        return gr.Dropdown(self.desk.shelf.names, value=made), "", ""

    def _shelves(self, library: str, wanted: Wanted) -> str:
        return holdings.shelves(self.desk.shelf.get(library), wanted)

    # --- conversations ---

    def begin(self) -> tuple[Any, ...]:
        """Begin a new conversation."""
        _, *rest = self._opened(Shown("", "", "", busy=False))
        return gr.Tabs(selected="ask"), *rest

    def list_kept(self, request: gr.Request) -> str:
        """List what is kept."""
        return render.page("conversations.html", kept=self.desk.conversations.all(owner(request)))

    def open(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Open a conversation."""
        return self._opened(self.desk.open(owner(request), str(event.conversation)))

    def rename(self, event: gr.EventData, request: gr.Request) -> str:
        """Give a conversation another title."""
        self.desk.conversations.rename(str(event.conversation), owner(request), str(event.title))
        return self.list_kept(request)

    def delete(self, event: gr.EventData, request: gr.Request) -> str:
        """Delete a conversation."""
        self.desk.conversations.delete(str(event.conversation), owner(request))
        return self.list_kept(request)

    def export(self, event: gr.EventData, request: gr.Request) -> str:
        """Hand a conversation, or what it cites, to the browser as a file."""
        name, text = self.desk.export(owner(request), str(event.conversation), str(event.form))
        return json.dumps({"name": name, "text": text})


def mount(app: FastAPI, page: Page, host: str, port: int, **access: Any) -> FastAPI:
    """Put the page at the root of a web application, without what Gradio adds by itself."""
    plain = gr.themes.Base(font=gr.themes.Font("sans-serif"), font_mono=gr.themes.Font("monospace"))  # nothing to load
    mounted: FastAPI = gr.mount_gradio_app(
        app, page.blocks, path="/", server_name=host, server_port=port, footer_links=[], run_history=False,
        show_error=False, ssr_mode=False, enable_monitoring=False, mcp_server=False, pwa=False, allowed_paths=[],
        theme=plain, css_paths=[STATIC / "page.css"], **access,
    )  # fmt: skip
    return mounted


def owner(request: gr.Request) -> str:
    """Return whose conversations these are: the name that was signed in with, or the one person at this machine."""
    return request.username or ""


def _thread(shown: Shown) -> tuple[Any, ...]:
    address = render.page("address.html", conversation=shown.conversation)
    return gr.Tabs(selected="ask"), _box(busy=shown.busy), shown.conversation, shown.past, address + shown.current


def _named(model: str) -> tuple[str, str]:
    return ("No language model" if model == "extractive" else model), model


def _box(*, busy: bool) -> Any:
    """Return the message box while an answer is written (a stop button), or when it may take another question."""
    return gr.Textbox(value="", submit_btn=not busy, stop_btn=busy)


def _without_folders(text: str, paths: Sequence[str]) -> str:
    """Name uploaded files as the person who dropped them does, not where the server keeps them."""
    for path in paths:
        text = text.replace(path, Path(path).name)
    return text

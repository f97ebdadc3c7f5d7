"""The page: a header, its tabs, and the events between them. A visitor's state stays in `gr.State`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from inspect import isgeneratorfunction
from typing import Annotated, Any

import gradio as gr
from fastapi import FastAPI
from gradio.events import api as endpoint
from gradio.routes import App
from pydantic import BeforeValidator, TypeAdapter
from starlette.requests import Request
from starlette.routing import Mount

from rag.chat import render
from rag.chat.ask_tab import AskTab
from rag.chat.components import CLOSE_FORM, PRIVATE, STATIC, WATCHED, given, html, owner, reported, said
from rag.chat.conversations_tab import ConversationsTab
from rag.chat.gradio_guard import Door, Inputs
from rag.chat.library_tab import LibraryTab
from rag.chat.manuscript_tab import ManuscriptTab
from rag.chat.service import Desk
from rag.chat.settings import Settings
from rag.chat.settings_tab import SettingsTab
from rag.chat.sign_in import SignIn
from rag.chat.uploads import Uploads
from rag.chat.watched_questions import WatchedList
from rag.errors import PinciteError

# Requests of one kind that run at the same time, and those that may wait.
AT_ONCE, WAITING = 8, 64
# The boxes of a reader's feedback.
FORM = ("kind", "wrong", "right", "unanswerable", "note")
# Open pages and program calls whose last output Gradio remembers; each takes 0.1 MB.
MOST_SESSIONS = 300


class Page:
    """The page over one desk; `blocks` is what Gradio serves. `tools` become named endpoints for programs.

    With `settings`, each visitor can choose the model and its server, and sees the watched questions.
    """

    def __init__(
        self, desk: Desk, uploads: Uploads, tools: Sequence[Callable[..., Any]] = (), settings: Settings | None = None
    ) -> None:  # fmt: skip
        self.desk = desk
        self.uploads = uploads
        names = desk.shelf.names
        self.blocks = gr.Blocks(title="Pincite", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600))
        with self.blocks:
            for tool in tools:
                endpoint(tool, api_name=tool.__name__)  # first: the page's own events of the same name are private
            file = gr.Textbox(visible="hidden")
            self.route = html("route", render.page("route.html"))
            with gr.Row(elem_id="top"):
                self.masthead = html("masthead", render.page("masthead.html", size=None))
                self.library = gr.Dropdown(
                    names, value=names[0], label="Library", show_label=False, elem_id="library", min_width=120
                )
                self.look = html("look", render.page("look.html"))
                self.recent = html("recent", render.page("recent.html", kept=None))
                self.fresh = gr.Button("New conversation", size="sm", elem_id="new")
            with gr.Tabs(elem_id="tabs") as self.tabs:
                with gr.Tab("Ask", id="ask") as self.ask_tab:
                    self.asking = AskTab(desk, self.library, self.tabs, file)
                with gr.Tab("Library", id="library") as self.library_tab:
                    self.holdings = LibraryTab(desk, uploads, self.library, self.masthead, file)
                with gr.Tab("Manuscript", id="manuscript"):
                    self.manuscript = ManuscriptTab(desk, uploads, self.library)
                with gr.Tab("Conversations", id="kept") as self.kept_tab:
                    self.kept = ConversationsTab(desk, file)
                    watched = WatchedList(desk, self.library) if settings is not None else None
                if settings is not None:
                    with gr.Tab("Settings", id="settings") as settings_tab:
                        choosing = SettingsTab(desk, settings)
            for tab in (self.asking, self.holdings, self.manuscript, self.kept):
                tab.wire()
            self._wire()
            if watched is not None:
                watched.wire(self.kept_tab)
            if settings is not None:
                self._wire_settings(choosing, settings_tab)
        for event in self.blocks.fns.values():
            if event.fn is not None:
                # a program gave an argument by its name, a reader filled a box
                event.fn = _reporting(event.fn, said if event.api_visibility == "private" else reported)
        self.blocks.queue(default_concurrency_limit=AT_ONCE, max_size=WAITING)

    def _wire(self) -> None:
        """Connect events between tabs, and those on opening the page."""
        asking, shelves, kept = self.asking, self.holdings, self.kept
        for shown in (asking.past, asking.current, shelves.papers):
            shown.only(
                asking.ask_only, [self.library, *asking.narrow], [self.tabs, asking.only, asking.scope], **PRIVATE
            )
            shown.like(shelves.show_like, self.library, [self.tabs, shelves.papers, shelves.wanted], **PRIVATE)
        shelves.papers.only_these(
            shelves.only_these, [self.library, *asking.narrow], [self.tabs, asking.only, asking.scope], **PRIVATE
        )
        for changed in (self.ask_tab.select, self.library.change):
            changed(asking.greet, [self.library, asking.conversation], asking.past, **PRIVATE)
        for shown in (asking.past, asking.current):
            shown.bring(lambda: gr.Tabs(selected="library"), outputs=self.tabs, **PRIVATE)
        self.library_tab.select(
            shelves.refresh, [self.library, shelves.wanted], [shelves.papers, shelves.source, self.masthead], **PRIVATE
        )
        self.kept_tab.select(kept.show, kept.words, kept.kept, **PRIVATE)
        for shown in (asking.past, asking.current):
            shown.feedback(self.rate, asking.conversation, **PRIVATE).success(None, js=CLOSE_FORM)
        self.recent.latest(kept.latest, outputs=self.recent, **PRIVATE)
        for part in (kept.kept, self.route, asking.past, self.recent):
            asking.resume(part.open(asking.open, self.library, asking.thread, **WATCHED))
        shelves_shown = [self.tabs, self.library, *shelves.whole]
        self.route.go(shelves.go, outputs=shelves_shown, **PRIVATE)
        self.fresh.click(asking.begin, self.library, [asking.message, *asking.asked, self.tabs], **PRIVATE)
        self.fresh.click(asking.search_all, outputs=[asking.only, *asking.narrow, asking.scope], **PRIVATE)
        # The libraries first: the conversation in the address may use one that was created after the page was built.
        opened = self.blocks.load(self.load, outputs=[self.masthead, self.library], **PRIVATE)
        asking.resume(opened.then(asking.load, self.library, asking.thread, **WATCHED))
        self.blocks.load(shelves.resume, outputs=shelves.outcome, **WATCHED).then(
            shelves.show_added, [shelves.added, self.library], shelves.whole, **PRIVATE
        )
        self.blocks.load(asking.resume_model, outputs=[asking.model, asking.leaves], **PRIVATE)

    def _wire_settings(self, choosing: SettingsTab, tab: gr.Tab) -> None:
        """Connect the settings; a choice that is saved is the one that the message box offers."""
        choosing.wire()
        tab.select(choosing.show, outputs=choosing.outcome, **PRIVATE)
        choosing.save.click(choosing.keep, choosing.boxes, choosing.outcome, **PRIVATE).success(
            self.asking.load_models, outputs=[self.asking.model, self.asking.leaves], **PRIVATE
        )

    def load(self) -> tuple[Any, ...]:
        """Show the libraries."""
        names = self.desk.shelf.names
        return self.holdings.head(names[0]), gr.Dropdown(names)

    def rate(self, conversation: str | None, event: gr.EventData, request: gr.Request) -> None:
        """Keep what a reader says about an answer."""
        number = given(event, "number")[:6]
        form = {name: given(event, name) for name in event._data if name in FORM}  # noqa: SLF001  see `given`
        self.desk.rate(owner(request), conversation or "", int(number) if number.isdecimal() else 0, form)
        gr.Info("Saved. You can export it under Conversations, as a question for an evaluation.", duration=5)


def _reporting(event: Callable[..., Any], words: Callable[[Exception], str]) -> Callable[..., Any]:
    """Show the cause of an input error to the user, in these words; hide all other errors."""

    @wraps(event)
    def reporting(*given: Any, **named: Any) -> Any:
        with _shown_to_user(words):
            return event(*given, **named)

    @wraps(event)
    def reporting_steps(*given: Any, **named: Any) -> Any:
        with _shown_to_user(words):
            yield from event(*given, **named)

    return reporting_steps if isgeneratorfunction(event) else reporting


@contextmanager
def _shown_to_user(words: Callable[[Exception], str]) -> Iterator[None]:
    try:
        yield
    except PinciteError as error:
        raise gr.Error(words(error), print_exception=False) from error


def mount(app: FastAPI, page: Page, host: str, port: int, sign_in: SignIn | None, limit: int) -> FastAPI:
    """Mount the page at the root of a web application, behind its guard and without Gradio's own additions."""
    plain = gr.themes.Base(font=gr.themes.Font("sans-serif"), font_mono=gr.themes.Font("monospace"))  # nothing to load
    # Gradio checks that a file was uploaded only if the page "was launched".
    page.blocks.has_launched = True
    page.blocks.state_session_capacity = MOST_SESSIONS
    mounted: FastAPI = gr.mount_gradio_app(
        app, page.blocks, path="/", server_name=host, server_port=port, footer_links=[], run_history=False,
        show_error=False, ssr_mode=False, enable_monitoring=False, mcp_server=False, pwa=False, allowed_paths=[],
        theme=plain, css_paths=[STATIC / name for name in ("page.css", "answers.css", "places.css", "manuscript.css")],
        auth=None if sign_in is None else sign_in.right, max_file_size=limit,
    )  # fmt: skip
    served = next(r.app for r in mounted.routes if isinstance(r, Mount) and isinstance(r.app, App))
    mounted.add_middleware(
        Door, uploads=page.uploads, events=events(page.blocks), username=None if sign_in is None else username(served)
    )
    return mounted


# What a visitor may send for a box, empty or not; the other inputs hold what the page itself has put there.
_TAKES: tuple[tuple[type, TypeAdapter[Any]], ...] = (
    (gr.Textbox, TypeAdapter(Annotated[str, BeforeValidator(lambda value: "" if value is None else value)])),
    (gr.Dropdown, TypeAdapter(str | None)),
    (gr.File, TypeAdapter(list[str] | None)),
    (object, TypeAdapter(Any)),
)


def events(blocks: gr.Blocks) -> dict[int | str, Inputs]:
    """Return the inputs of each event by number, and of those for programs by name as well.

    An endpoint itself checks what a program sends.
    """
    found: dict[int | str, Inputs] = {}
    for number, event in blocks.fns.items():
        if event.fn is None:  # runs only in the browser
            continue
        found[number] = [next(takes for kind, takes in _TAKES if isinstance(box, kind)) for box in event.inputs]
        if event.api_visibility == "public":
            found[str(event.api_name)] = found[number]
    return found


def username(served: App) -> Callable[[Request], str | None]:
    """Return a function that finds the name someone signed in with from Gradio's cookies."""

    def found(request: Request) -> str | None:
        names = (f"access-token-{served.cookie_id}", f"access-token-unsecure-{served.cookie_id}")
        return next((served.tokens[token] for n in names if (token := request.cookies.get(n)) in served.tokens), None)

    return found

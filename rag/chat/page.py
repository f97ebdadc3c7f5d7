"""The page: a head, three tabs, and what leads from one to another. What is known of a visitor stays in `gr.State`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import gradio as gr
from fastapi import FastAPI
from gradio.events import api as endpoint

from rag.chat.ask_tab import WATCHED, AskTab
from rag.chat.components import PRIVATE, STATIC, part
from rag.chat.conversations_tab import ConversationsTab
from rag.chat.library_tab import LibraryTab
from rag.chat.service import Desk
from rag.errors import PinciteError

# Requests of one kind that are worked on at the same time, and those that may wait.
AT_ONCE, WAITING = 8, 64


class Page:
    """The page over one desk; `blocks` is what Gradio serves. `tools` become named endpoints for programs."""

    def __init__(self, desk: Desk, tools: Sequence[Callable[..., Any]] = ()) -> None:
        self.desk = desk
        names = desk.shelf.names
        self.blocks = gr.Blocks(title="Pincite", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600))
        with self.blocks:
            for tool in tools:
                endpoint(
                    _telling(tool), api_name=tool.__name__
                )  # first: the page's own events of the same name are private
            file = gr.Textbox(visible="hidden")
            with gr.Row(elem_id="top"):
                self.masthead = part("masthead")
                self.library = gr.Dropdown(
                    names, value=names[0], label="Library", show_label=False, elem_id="library", min_width=120
                )
                self.fresh = gr.Button("New conversation", size="sm", elem_id="new")
            with gr.Tabs(elem_id="tabs") as self.tabs:
                with gr.Tab("Ask", id="ask"):
                    self.asking = AskTab(desk, self.library, self.tabs)
                with gr.Tab("Library", id="library") as self.library_tab:
                    self.holdings = LibraryTab(desk, self.library, self.masthead, file)
                with gr.Tab("Conversations", id="kept") as self.kept_tab:
                    self.kept = ConversationsTab(desk, file)
            for tab in (self.asking, self.holdings, self.kept):
                tab.wire()
            self._wire()
        self.blocks.queue(default_concurrency_limit=AT_ONCE, max_size=WAITING)

    def _wire(self) -> None:
        """Say what leads from one tab to another, and what happens when the page is opened."""
        asking, shelves, kept = self.asking, self.holdings, self.kept
        for shown in (asking.past, asking.current, shelves.papers):
            shown.only(
                asking.ask_only, [self.library, *asking.narrow], [self.tabs, asking.only, asking.scope], **PRIVATE
            )
            shown.like(shelves.show_like, self.library, [self.tabs, shelves.papers, shelves.wanted], **PRIVATE)
        asking.past.bring(lambda: gr.Tabs(selected="library"), outputs=self.tabs, **PRIVATE)
        self.library_tab.select(
            shelves.refresh, [self.library, shelves.wanted], [shelves.papers, shelves.source, self.masthead], **PRIVATE
        )
        self.kept_tab.select(kept.show, outputs=kept.kept, **PRIVATE)
        kept.kept.open(asking.open, outputs=asking.thread, **WATCHED)
        self.fresh.click(asking.begin, self.library, [asking.message, *asking.asked, self.tabs], **PRIVATE)
        # The libraries first: the conversation of the address may be of one that was made since the page was built.
        self.blocks.load(self.load, outputs=[self.masthead, self.library], **PRIVATE).then(
            asking.load, self.library, asking.thread, **WATCHED
        )
        self.blocks.load(asking.load_models, outputs=[asking.model, asking.leaves], **PRIVATE)

    def load(self) -> tuple[Any, ...]:
        """Show the libraries that there are."""
        names = self.desk.shelf.names
        return self.holdings.head(names[0]), gr.Dropdown(names)


def _telling(tool: Callable[..., Any]) -> Callable[..., Any]:
    """Let a program that calls an endpoint read what was wrong with its call; other errors stay unsaid."""

    @wraps(tool)
    def telling(*arguments: Any, **named: Any) -> Any:
        try:
            return tool(*arguments, **named)
        except PinciteError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return telling


def mount(app: FastAPI, page: Page, host: str, port: int, **access: Any) -> FastAPI:
    """Put the page at the root of a web application, without what Gradio adds by itself."""
    plain = gr.themes.Base(font=gr.themes.Font("sans-serif"), font_mono=gr.themes.Font("monospace"))  # nothing to load
    mounted: FastAPI = gr.mount_gradio_app(
        app, page.blocks, path="/", server_name=host, server_port=port, footer_links=[], run_history=False,
        show_error=False, ssr_mode=False, enable_monitoring=False, mcp_server=False, pwa=False, allowed_paths=[],
        theme=plain, css_paths=[STATIC / "page.css"], **access,
    )  # fmt: skip
    return mounted

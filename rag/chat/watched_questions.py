"""The list of watched questions: those that `pincite watch` asks again, with what changed last."""

from __future__ import annotations

import gradio as gr

from rag.chat import render
from rag.chat.components import PRIVATE, html
from rag.chat.service import Desk
from rag.watched_questions import watches
from rag.watched_questions.digest import line_of, sides_of, words_of


class WatchedList:
    """The list, for the chat of one person: the questions are those of whoever runs it. `library` is the page's."""

    def __init__(self, desk: Desk, library: gr.Dropdown) -> None:
        self.desk = desk
        self.library = library
        self.listed = html("watching")

    def wire(self, tab: gr.Tab) -> None:
        """Connect the events."""
        tab.select(self.show, self.library, self.listed, **PRIVATE)
        self.library.change(self.show, self.library, self.listed, **PRIVATE)

    def show(self, library: str) -> str:
        """List the watched questions of a library."""
        found = [
            (one, [(words_of(c), c.text, [line_of(c, what, side, "") for what, side in sides_of(c)]) for c in one.last])
            for one in watches(self.desk.shelf.get(library))
        ]
        return render.page("watched_questions.html", found=found)

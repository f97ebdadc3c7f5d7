"""The tab of saved conversations: open, rename, export, delete."""

from __future__ import annotations

import gradio as gr

from rag.chat import render
from rag.chat.components import PRIVATE, SAVE, as_file, given, html, owner
from rag.chat.service import Desk


class ConversationsTab:
    """The list of conversations. `file` sends files to the browser."""

    def __init__(self, desk: Desk, file: gr.Textbox) -> None:
        self.desk = desk
        self.file = file
        self.kept = html("kept")

    def wire(self) -> None:
        """Connect the events."""
        self.kept.rename(self.rename, outputs=self.kept, **PRIVATE)
        self.kept.delete(self.delete, outputs=self.kept, **PRIVATE)
        self.kept.export(self.export, outputs=self.file, **PRIVATE).then(None, self.file, js=SAVE)

    def show(self, request: gr.Request) -> str:
        """List the conversations."""
        return render.page("conversations.html", kept=self.desk.conversations.all(owner(request)))

    def rename(self, event: gr.EventData, request: gr.Request) -> str:
        """Give a conversation another title."""
        self.desk.conversations.rename(given(event, "conversation"), owner(request), given(event, "title"))
        return self.show(request)

    def delete(self, event: gr.EventData, request: gr.Request) -> str:
        """Delete a conversation."""
        self.desk.delete(owner(request), given(event, "conversation"))
        return self.show(request)

    def export(self, event: gr.EventData, request: gr.Request) -> str:
        """Send a conversation, or the papers it cites, to the browser as a file."""
        return as_file(*self.desk.export(owner(request), given(event, "conversation"), given(event, "form")))

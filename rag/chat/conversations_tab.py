"""The tab of saved conversations: find, open, rename, export, delete; and what was said about answers."""

from __future__ import annotations

import gradio as gr

from rag.chat import feedback, render
from rag.chat.components import PRIVATE, SAVE, as_file, given, html, owner
from rag.chat.service import Desk
from rag.errors import InputError

# Conversations listed in the head; the others are a tab away.
LATEST = 7


class ConversationsTab:
    """The list of conversations. `file` sends files to the browser."""

    def __init__(self, desk: Desk, file: gr.Textbox) -> None:
        self.desk = desk
        self.file = file
        self.words = gr.Textbox(
            label="Search conversations", placeholder="words of a question or an answer", max_lines=1, elem_id="said"
        )
        self.kept = html("kept")

    def wire(self) -> None:
        """Connect the events."""
        self.words.submit(self.show, self.words, self.kept, **PRIVATE)
        self.kept.rename(self.rename, self.words, self.kept, **PRIVATE)
        self.kept.delete(self.delete, self.words, self.kept, **PRIVATE)
        self.kept.questions(self.questions, outputs=self.file, **PRIVATE).then(None, self.file, js=SAVE)
        self.kept.export(self.export, outputs=self.file, **PRIVATE).then(None, self.file, js=SAVE)

    def show(self, words: str, request: gr.Request) -> str:
        """List the conversations, those in which these words were said if there are any."""
        kept, rated = self.desk.conversations.all(owner(request), words), self.desk.conversations.rated(owner(request))
        return render.page("conversations.html", kept=kept, words=words.strip(), rated=len(rated))

    def latest(self, request: gr.Request) -> str:
        """List the latest conversations in the head of the page."""
        return render.page("recent.html", kept=self.desk.conversations.all(owner(request))[:LATEST])

    def rename(self, words: str, event: gr.EventData, request: gr.Request) -> str:
        """Give a conversation another title."""
        self.desk.conversations.rename(given(event, "conversation"), owner(request), given(event, "title"))
        return self.show(words, request)

    def delete(self, words: str, event: gr.EventData, request: gr.Request) -> str:
        """Delete a conversation."""
        self.desk.delete(owner(request), given(event, "conversation"))
        return self.show(words, request)

    def questions(self, event: gr.EventData, request: gr.Request) -> str:
        """Send what was said about answers to the browser: as a question set, or with whole answers and receipts."""
        cases, records = self.desk.rated(owner(request))
        if given(event, "form") == "records":
            return as_file("feedback.jsonl", feedback.lines(records))
        if not cases:
            raise InputError(
                "no feedback says which papers are right yet: rate an answer as good, or name the papers that answer it"
            )
        return as_file("questions.jsonl", feedback.lines(cases))

    def export(self, event: gr.EventData, request: gr.Request) -> str:
        """Send a conversation, or the papers it cites, to the browser as a file."""
        return as_file(*self.desk.export(owner(request), given(event, "conversation"), given(event, "form")))

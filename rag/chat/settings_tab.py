"""The Settings tab: which model writes, at which address; tested before it is kept."""

from __future__ import annotations

import gradio as gr

from rag.chat import render
from rag.chat.components import PRIVATE, html
from rag.chat.service import Desk
from rag.chat.settings import Choice, Settings, test


class SettingsTab:
    """The chosen model and its server, for the chat of one person on their own machine."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk = desk
        self.settings = settings
        choice = settings.choice
        with gr.Column(elem_id="settings"):
            self.boxes = [
                gr.Textbox(choice.model, label="Model", placeholder=_now(settings.config.model), max_lines=1),
                gr.Textbox(
                    choice.openai_base_url, label="Address of an OpenAI-compatible server", max_lines=1,
                    placeholder=_now(settings.config.openai_base_url or "https://api.openai.com/v1"),
                ),
                gr.Textbox(
                    choice.ollama_host, label="Address of an Ollama server", max_lines=1,
                    placeholder=_now(settings.config.ollama_host or "http://127.0.0.1:11434"),
                ),
                gr.Textbox(
                    choice.timeout, label="Seconds that one answer may take", max_lines=1,
                    placeholder=_now(f"{settings.config.timeout:g}"),
                ),
            ]  # fmt: skip
            self.outcome = html("outcome")
            with gr.Row(elem_id="settle"):
                self.test = gr.Button("Test the connection", size="sm")
                self.save = gr.Button("Save", size="sm")

    def try_it(self, model: str, openai_base_url: str, ollama_host: str, timeout: str) -> str:
        """Ask the server of this model which models it has."""
        choice = Choice(model, openai_base_url, ollama_host, timeout)
        return self._told(test(self.settings.of(choice)), choice)

    def keep(self, model: str, openai_base_url: str, ollama_host: str, timeout: str) -> str:
        """Store the choice and use it for the next questions."""
        choice = Choice(model, openai_base_url, ollama_host, timeout)
        self.desk.config = self.settings.save(choice)
        return self._told("Saved. The next question uses it.", choice)

    def show(self) -> str:
        """Show where the key comes from."""
        return self._told("", self.settings.choice)

    def wire(self) -> None:
        """Connect the events; the page connects saving."""
        self.test.click(self.try_it, self.boxes, self.outcome, **PRIVATE)

    def _told(self, said: str, choice: Choice) -> str:
        return render.page("settings.html", said=said, key=self.settings.key(choice))


def _now(value: str) -> str:
    return f"{value} (from the environment)" if value else ""

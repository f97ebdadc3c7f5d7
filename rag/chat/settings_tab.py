"""The Settings tab: which model writes, at which address; tested before it is kept."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr

from rag.chat import render
from rag.chat.components import PRIVATE, html, said
from rag.chat.service import Desk
from rag.chat.settings import Choice, Settings, test
from rag.config import Config
from rag.errors import PinciteError
from rag.models.registry import EXTRACTIVE

LABELS = {
    "PINCITE_MODEL": "Model",
    "OPENAI_BASE_URL": "Address of an OpenAI-compatible server",
    "OLLAMA_HOST": "Address of an Ollama server",
    "PINCITE_TIMEOUT": "Seconds that one answer may take",
}


class SettingsTab:
    """The chosen model and its server, for the chat of one person on their own machine."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk = desk
        self.settings = settings
        choice = settings.choice
        with gr.Column(elem_id="settings"):
            self.boxes = [
                gr.Textbox(
                    value, label=LABELS[name], placeholder=shown_while_empty(settings.environment, name), max_lines=1
                )
                for name, value in (
                    ("PINCITE_MODEL", choice.model), ("OPENAI_BASE_URL", choice.openai_base_url),
                    ("OLLAMA_HOST", choice.ollama_host), ("PINCITE_TIMEOUT", choice.timeout),
                )
            ]  # fmt: skip
            self.outcome = html("outcome")
            with gr.Row(elem_id="settle"):
                self.test = gr.Button("Test the connection", size="sm")
                self.save = gr.Button("Save", size="sm")

    def try_it(self, model: str, openai_base_url: str, ollama_host: str, timeout: str) -> Iterator[str]:
        """Ask the server of this model which models it has; an error is shown next to what was typed."""
        choice = Choice(model, openai_base_url, ollama_host, timeout)
        yield render.page("settings.html", said="Asking the server …", key="")
        try:
            yield self._shown(test(self.settings.of(choice)), choice)
        except PinciteError as error:
            yield render.page("settings.html", said=in_labels(said(error)), key="")

    def keep(self, model: str, openai_base_url: str, ollama_host: str, timeout: str) -> str:
        """Store the choice and use it for the next questions."""
        choice = Choice(model, openai_base_url, ollama_host, timeout)
        try:
            self.desk.config = self.settings.save(choice)
        except PinciteError as error:
            return render.page("settings.html", said=f"Not saved. {in_labels(said(error))}", key="")
        return self._shown("Saved. The next question uses it.", choice)

    def show(self) -> str:
        """Show where the key comes from."""
        return self._shown("", self.settings.choice)

    def wire(self) -> None:
        """Connect the events; the page connects saving."""
        self.test.click(self.try_it, self.boxes, self.outcome, **PRIVATE)

    def _shown(self, outcome: str, choice: Choice) -> str:
        return render.page("settings.html", said=outcome, key=self.settings.key(choice))


def in_labels(text: str) -> str:
    """Return a message with the label of a box in place of the environment variable that it sets."""
    for variable, label in LABELS.items():
        text = text.replace(f"{variable}=", f"{label}: ").replace(variable, f"“{label}”")
    return text


def shown_while_empty(environment: Config, name: str) -> str:
    """Return what holds while a box is empty, and where it comes from."""
    values = {
        "PINCITE_MODEL": (environment.model, EXTRACTIVE),
        "OPENAI_BASE_URL": (environment.openai_base_url, "https://api.openai.com/v1"),
        "OLLAMA_HOST": (environment.ollama_host, "http://127.0.0.1:11434"),
        "PINCITE_TIMEOUT": (f"{environment.timeout:g}", f"{Config().timeout:g}"),
    }
    value, default = values[name]
    return f"{value} (from the environment)" if value and value != default else f"{default} (default)"

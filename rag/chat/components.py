"""Components that the tabs of the page share."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import GradioRootModel

from rag.errors import InputError
from rag.views.printable import without_folders

STATIC = Path(__file__).parent / "static"
# One script: each file may use what is in those before it.
_SCRIPTS = ("page", "answers", "picking", "reading", "focus", "recent", "address")
SCRIPT = "".join((STATIC / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
SAVE = (STATIC / "save.js").read_text(encoding="utf-8")
CLOSE_FORM = (STATIC / "closing.js").read_text(encoding="utf-8")
# For the page's private events: no endpoint for programs, no progress bar over what they change.
PRIVATE: Any = {"api_visibility": "private", "show_progress": "hidden"}
# Events that follow work in progress: more at a time than run at once, since the others wait.
WATCHED: Any = PRIVATE | {"concurrency_limit": 32}


class UploadNames(GradioRootModel):
    """The value of a file box: the names of uploads."""

    root: list[str] | None = None


_ARGUMENT = re.compile(r"^[a-z_]+=(?=['\"\d])")
# A file's name, a model's or a command isn't one: it has punctuation in it.
_PLAIN_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?,? ")


def reported(error: Exception) -> str:
    """Return an error's message without folders: visitors must not learn the server's paths."""
    return without_folders(str(error))


def said(error: Exception) -> str:
    """Return an error's message to a reader: a sentence, without the name of an argument as in `year='soon'`."""
    text = _ARGUMENT.sub("", reported(error))
    return text[:1].upper() + text[1:] if _PLAIN_WORD.match(text) else text


def html(name: str, value: str = "") -> Any:
    """Return a component of the page that holds finished HTML."""
    return gr.HTML(value, elem_id=name, elem_classes="pincite", js_on_load=SCRIPT, apply_default_css=False)


def given(event: gr.EventData, name: str) -> str:
    """Return the value that the page's script sent under this name. Raises `InputError` if it is missing."""
    values = event._data  # noqa: SLF001  for a missing name, Gradio raises an arbitrary error
    value = values.get(name) if isinstance(values, dict) else None
    if not isinstance(value, str | int):
        raise InputError(f"the event has no {name}: reload the page")
    return str(value)


def as_file(name: str, text: str) -> str:
    """Return a file as the page's script takes it."""
    return json.dumps({"name": name, "text": text})


def owner(request: gr.Request) -> str:
    """Return the owner of the conversations: the signed-in name, or the one person at this machine."""
    return request.username or ""

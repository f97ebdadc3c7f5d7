"""What the tabs of the page are made of, and have in common."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import InputError

STATIC = Path(__file__).parent / "static"
SCRIPT = (STATIC / "page.js").read_text(encoding="utf-8")
SAVE = (STATIC / "save.js").read_text(encoding="utf-8")
# Of an event that is the page's own business: no endpoint for programs, no bar over what it changes.
PRIVATE: Any = {"api_visibility": "private", "show_progress": "hidden"}

# The folders of an absolute path; a web address has none.
_FOLDERS = re.compile(r"(?<![\w.:/~])(?:~?/)(?:[^/\s'\"]+/)+")


def said(error: Exception) -> str:
    """Return the message of an error without folders: where the server keeps something is nobody's business."""
    return _FOLDERS.sub("", str(error))


def part(name: str) -> Any:
    """Return a part of the page that is given as finished HTML."""
    return gr.HTML("", elem_id=name, elem_classes="pincite", js_on_load=SCRIPT, apply_default_css=False)


def given(event: gr.EventData, name: str) -> str:
    """Return what the page's script gave an event by this name. Raises `InputError` where it gave no such."""
    values = event._data  # noqa: SLF001  asked for a name that isn't there, Gradio raises what it happens to raise
    value = values.get(name) if isinstance(values, dict) else None
    if not isinstance(value, str | int):
        raise InputError(f"the event gives no {name}: load the page again")
    return str(value)


def owner(request: gr.Request) -> str:
    """Return whose conversations these are: the name that was signed in with, or the one person at this machine."""
    return request.username or ""

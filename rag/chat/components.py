"""What the tabs of the page are made of, and have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

STATIC = Path(__file__).parent / "static"
SCRIPT = (STATIC / "page.js").read_text(encoding="utf-8")
SAVE = (STATIC / "save.js").read_text(encoding="utf-8")
# Of an event that is the page's own business: no endpoint for programs, no bar over what it changes.
PRIVATE: Any = {"api_visibility": "private", "show_progress": "hidden"}


def part(name: str) -> Any:
    """Return a part of the page that is given as finished HTML."""
    return gr.HTML("", elem_id=name, elem_classes="pincite", js_on_load=SCRIPT, apply_default_css=False)


def owner(request: gr.Request) -> str:
    """Return whose conversations these are: the name that was signed in with, or the one person at this machine."""
    return request.username or ""

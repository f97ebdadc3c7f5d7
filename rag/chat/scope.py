"""The line above the message box: the filters of the next question, and whether any paper passes them."""

from __future__ import annotations

from rag.arguments import parse_filters
from rag.chat import render
from rag.chat.components import said
from rag.chat.turns import Within
from rag.errors import PinciteError
from rag.library import Library


def scope(library: Library, within: Within) -> str:
    """Render filters with the papers that pass them; if none does, with those that pass each alone."""
    problem, passing, alone = "", 0, []
    try:
        if within.words:
            passing = library.matching(parse_filters(within.filters))
            parts = within.parts if not passing else ()
            alone = [(part.words[0], library.matching(parse_filters(part.filters))) for part in parts]
    except PinciteError as error:
        problem = said(error)
    return render.page("scope.html", within=within, problem=problem, passing=passing, alone=alone)

"""Why a server rejects a request: the prompt is too long, or it doesn't support one of the options.

Servers word both as they like, in any language. So the words are only a hint: a wrong guess costs nothing, as a refused
request takes no tokens.
"""

from __future__ import annotations

import re

# What a request can do without, in the order in which refused options are left out.
OPTIONAL = (
    "response_format", "reasoning_effort", "temperature", "stream_options", "max_completion_tokens", "max_tokens",
)  # fmt: skip
REFUSED = frozenset({400, 404, 405, 415, 422, 501})
TOO_LARGE = 413
_SIZE = re.compile(r"context|token|prompt|input|length|seq_?len|characters|request")
_EXCESS = re.compile(r"exceed|too (?:long|large|many|big)|longer|larger|greater|maximum|\bmax|limit|overflow|reduce")
_OF_FORM = re.compile(r"grammar|schema|response.?format|json")
_LARGE = re.compile(r"(?<![\w.-])\d{4,}(?![\w-])")
_CODES = re.compile(r"context_length|exceed_context|context_window|string_above_max_length|too_long|too_large")


def is_too_long(status: int, said: str, model: str) -> bool:
    """Whether a server refuses a prompt for its length."""
    if status == TOO_LARGE:
        return True
    if status not in (400, 422, 500):
        return False
    words = said.lower().replace(model.lower(), " ")
    if _CODES.search(words):
        return True
    # "Use max_completion_tokens instead" is about an option, not a length.
    bare = re.sub("|".join(OPTIONAL), " ", words)
    if re.search(r"context", bare) and _SIZE.search(bare.replace("context", " ")):
        return True
    if _OF_FORM.search(bare) and not _LARGE.search(bare):
        return False
    return bool(_SIZE.search(bare) and _EXCESS.search(bare)) or (status != 500 and bool(_LARGE.search(bare)))


def refused_option(status: int, said: str, sent: frozenset[str]) -> str | None:
    """Return the option that a server doesn't support, None where it wasn't sent.

    One that it names, else the schema: what a server doesn't support of it is worded in too many ways.
    """
    if status not in REFUSED and status < 500:
        return None
    words = said.lower()
    named = next((option for option in OPTIONAL if option in sent and option in words), None)
    if named or status == 404:
        return named
    return "response_format" if "response_format" in sent else None

"""Whether a sentence reports what others claim."""

from __future__ import annotations

import re
from functools import lru_cache

_THEY = (
    r"(?:the )?authors?|et al\.?,?(?: \(?\d{4}\)?)?|"
    r"(?:recent|prior|previous|earlier|existing|other|past|some|many) (?:\w+ )?"
    r"(?:works?|studies|papers|research|researchers|literature|claims?|findings?)"
)
_SAY = (
    r"(?:argue|argues|argued|claim|claims|claimed|suggest|suggests|suggested|believe|believed|thought|said|assumed|"
    r"reported|hypothesi[sz]ed?|considered|put into question)"
)
_IT_IS = r"(?:it (?:is|has been|was)|is|are|was|were)(?: \w+)?"
_REPORTED = re.compile(
    rf"\b(?:{_THEY}|{_IT_IS}) (?:\w+ ){{0,2}}?{_SAY}\b|\b(?:belief|claim|view|notion|skepticism|scepticism) that\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def reports(text: str) -> bool:
    """Whether a sentence reports what others claim."""
    return bool(_REPORTED.search(text))

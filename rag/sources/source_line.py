"""Journal, date, volume, issue and pages out of the one line in which databases print them together."""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.sources import identifiers

_DATE = r"(?:[A-Z][A-Za-z]+[\w/-]*\.?\s+)?(?:\d{1,2},?\s+)?(?:1[5-9]|20)\d\d"
_PLACE = r"(?P<volume>[\w-]+)?(?:\s*\((?P<issue>[^()]*)\))?(?:\s*:\s*(?P<pages>[\w.-]+))?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # Soil Field June 2015;58(6):688-696
        rf"(?P<venue>.+?)[.,]?\s+(?P<date>{_DATE})\s*;\s*{_PLACE}",
        # Soil Field. 28(2):103-6, May 2015
        rf"(?P<venue>.+?)[.,]\s+(?:[Vv]ol\.?\s*)?{_PLACE},\s*(?P<date>[^,]*\d{{4}}[^,]*)",
        # Embase: Soil Field (2014) 3:3 (152-160). Date of Publication: 2014
        r"(?P<venue>.+?)\.?\s+\((?P<date>(?:1[5-9]|20)\d\d)\)\s*(?P<volume>[\w-]+)?(?::(?P<issue>[^():]+?))?"
        r"(?:\s+\((?P<pages>[\w.-]+)\))?(?=[.\s]|$)",
        # Cochrane: Soil Field. 2015. 10(2):33-44
        rf"(?P<venue>.+?)\.\s+(?P<date>(?:1[5-9]|20)\d\d)\.\s+{_PLACE}",
    )
)


class SourceLine(NamedTuple):
    """What a source line says; empty where it doesn't."""

    venue: str = ""
    date: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""


def source_line(text: str) -> SourceLine:
    """Read a source line; one of unknown form gives a journal's name, up to the first full stop, and a year."""
    text = " ".join(text.split())
    for form in _FORMS:
        if match := form.match(text):
            found = {name: (part or "").strip() for name, part in match.groupdict().items()}
            return SourceLine(**found)
    year = identifiers.year(text)
    return SourceLine(text.split(". ")[0].rstrip("."), str(year) if year else "")

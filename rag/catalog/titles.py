"""When two titles are the same title, and which titles announce something about another paper."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Signs that distinguish titles: C, C++ and C# are three languages, Na and Na+ two ions. Others are decoration.
_DISTINCTIVE_SIGNS = frozenset("+#<>=±")
_SAME_SIGN = str.maketrans({"&": " and ", "×": "x", "'": "", "’": "", "ʼ": "", "‘": "", "`": ""})
# A star after one or two letters is part of a name (A*, C*-algebra); after a word it is a footnote.
_NAMED_STAR = re.compile(r"(?<![^\W_])([^\W_]{1,2})\*")
# What publishers put before or after the title of a retracted paper: it is the same paper.
_MARK_BEFORE = re.compile(
    r"^\W*(?:(?:retracted|withdrawn)(?:[\s-]+(?:article|paper|chapter|publication|manuscript))?"
    r"|(?-i:REMOVED|TEMPORARY REMOVAL)|notice of violation of ieee publication principles"
    r"|отозвана|отозвано|retractado|retratado|retirado)\s*[\])】]?\s*[:.\])】–—-]\s*",
    re.I,
)
_MARK_BEHIND = re.compile(r"[\[(]\s*(?:retracted|withdrawn)\b[^\])]*[\])]\W*$", re.I)
_COMBINES_INTO_LATIN_GREEK_OR_CYRILLIC = 0x530  # the first code point after these scripts
_ABOUT = re.compile(
    r"^\W*(?:(?:notice|statement)\s+of\s+)?(?:(?P<retraction>retraction|withdrawal)"
    r"|(?P<concern>(?:editorial\s+)?expression\s+of\s+concern)"
    r"|(?P<correction>(?:(?:author|publisher)\s+)?(?:correction|corrigendum|erratum|errata|addendum)))s?"
    r"(?P<surely>\s+(?:notice|note|statement)\b)?(?:\s*(?P<colon>[:—])|\s+(?P<word>to|of|for|on)\b)[\s:\"“'‘]*(?P<title>.+)$",
    re.I | re.S,
)
_PLACE_BEHIND = re.compile(
    r"[\"”'’.,\s]*(?:\[[^\]]*\]\W*)?$"
)  # Elsevier: Retraction notice to "Title" [Journal 12 (2010) 3]
# Scopus: Erratum: Title (Journal (2010) 12:3 (1-9) DOI: 10.1000/x)
_YEAR_BEHIND = re.compile(r"\s*\((?=.*\b(?:19|20)\d\d\b)(?:[^()]|\([^()]*\))*\)\W*$")
# PNAS: Retraction for Fell et al., Title
_AUTHORS_BEFORE = re.compile(r"^[^,:]{1,80}\bet al\.?,\s*[\"“'‘]*")
# Web of Science: Title (Retraction of vol 12, pg 33, 2020), and with a document type that says the same: Title (vol …)
_VOLUME_BEHIND = re.compile(
    r"^(?P<title>.+?)\s*[\[(]\s*(?:(?:(?P<retraction>retraction)|(?P<concern>expression of concern)"
    r"|(?P<correction>correction|corrigendum|erratum))\s+(?:of|to|for|in)\s+)?vol\.?\s*\w+,[^\])]*[\])]\W*$",
    re.I | re.S,
)
_NOTICES = ("retraction", "concern", "correction")


@lru_cache(maxsize=1024)
def title_key(title: str) -> str:
    """Normalise a title for comparison; empty if nothing identifying is left.

    Case, accents, punctuation, a mark of retraction and the spelling of Greek letters fold away. Signs with
    meaning (C++), and the vowel signs of scripts that write them as marks, stay.
    """
    bare = _MARK_BEHIND.sub("", _MARK_BEFORE.sub("", title))
    text = _NAMED_STAR.sub(r"\1 star", bare.translate(_SAME_SIGN))
    kept: list[str] = []
    base = " "
    for character in unicodedata.normalize("NFKD", text).casefold():
        if unicodedata.category(character).startswith("M"):
            kept.append("" if ord(base) < _COMBINES_INTO_LATIN_GREEK_OR_CYRILLIC else character)
            continue
        base = character
        kept.append(_letter(character))
    return " ".join("".join(kept).split())


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a notice's title announces: its kind, and the title of the paper that it is about.

    `surely`: no paper has such a title. "Correction of scoliosis in adults" is an ordinary title, so it could only mean
    a paper called "Scoliosis in adults". `shorter` is the title without a year's parentheses behind it, which may be
    the journal's.
    """

    kind: str
    title: str
    surely: bool
    shorter: str = ""


def announced(title: str, kind: str = "") -> Announcement | None:
    """Return what a title announces about another paper: "Retraction: …", "Erratum to: …", else None.

    `kind` is what the record's document type says, if it says so.
    """
    match = _ABOUT.match(title)
    if match is None:
        return _announced_behind(title, kind)
    known = next(name for name in _NOTICES if match.group(name))
    surely = bool(match.group("surely") or match.group("colon") or match.group("title")[:1] == ":") or (
        match.group("word").lower() == "to"
    )
    about, count = _AUTHORS_BEFORE.subn("", match.group("title"))
    about = _PLACE_BEHIND.sub("", about)
    return Announcement(known, about, surely or bool(count), _PLACE_BEHIND.sub("", _YEAR_BEHIND.sub("", about)))


def _announced_behind(title: str, kind: str) -> Announcement | None:
    match = _VOLUME_BEHIND.match(title)
    known = match and next((name for name in _NOTICES if match.group(name)), kind)
    return Announcement(known, _PLACE_BEHIND.sub("", match.group("title")), surely=True) if match and known else None


def _letter(character: str) -> str:
    if "α" <= character <= "ω":
        return unicodedata.name(character).rpartition(" ")[2].lower().replace("final sigma", "sigma")
    return character if character.isalnum() or character in _DISTINCTIVE_SIGNS else " "

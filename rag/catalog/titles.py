"""When two titles are the same title, and which titles announce something about another paper."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rag.text.notice_titles import notice_title

# Symbols that distinguish titles: C, C++ and C# are three languages, Na and Na+ two ions. Others are decoration.
_DISTINCTIVE_SIGNS = frozenset("+#<>=±")
_SAME_SIGN = str.maketrans({"&": " and ", "×": "x", "'": "", "’": "", "ʼ": "", "‘": "", "`": ""})
# A star after one or two letters is part of a name (A*, C*-algebra); after a word it is a footnote.
_NAMED_STAR = re.compile(r"(?<![^\W_])([^\W_]{1,2})\*")
_COMBINES_INTO_LATIN_GREEK_OR_CYRILLIC = 0x530  # the first code point after these scripts
# What may be a notice, or a paper on such a thing: "Correction of scoliosis in adults".
_MAYBE = re.compile(
    r"^\W*(?:(?P<retraction>retraction|withdrawal)|(?P<concern>expression\s+of\s+concern)"
    r"|(?P<correction>correction|corrigendum|erratum|errata|addendum))s?(?:\s+(?:to|of|for|on)\b|\s*[:—])[\s:\"“'‘]*"
    r"(?P<title>.+)$",
    re.I | re.S,
)
_PLACE_BEHIND = re.compile(
    r"[\"”'’.,\s]*(?:\[[^\]]*\]\W*)?$"
)  # Elsevier: Retraction notice to "Title" [Journal 12 (2010) 3]
# Scopus: Erratum: Title (Journal (2010) 12:3 (1-9) DOI: 10.1000/x)
_YEAR_BEHIND = re.compile(r"\s*\((?=.*\b(?:19|20)\d\d\b)(?:[^()]|\([^()]*\))*\)\W*$")
# PNAS: Retraction for Fell et al., Title
_AUTHORS_BEFORE = re.compile(r"^[^:]{1,80}?\bet al\b\.?,?\s*[\"“'‘]*")
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
    found = notice_title(title)
    bare = found.title if found and found.own else title  # a mark of retraction: it is the same paper
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
    a paper called "Scoliosis in adults". `shorter` is the title without a year in parentheses after it, which may be
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
    if (found := notice_title(title)) and not found.own:
        return _about(found.kind, found.title, surely=True)
    if match := _MAYBE.match(title):
        return _about(next(name for name in _NOTICES if match[name]), match["title"], surely=False)
    return _announced_behind(title, kind)


def _about(kind: str, rest: str, *, surely: bool) -> Announcement:
    about, count = _AUTHORS_BEFORE.subn("", rest)
    about = _PLACE_BEHIND.sub("", about)
    return Announcement(kind, about, surely or bool(count), _PLACE_BEHIND.sub("", _YEAR_BEHIND.sub("", about)))


def _announced_behind(title: str, kind: str) -> Announcement | None:
    match = _VOLUME_BEHIND.match(title)
    known = match and next((name for name in _NOTICES if match.group(name)), kind)
    return Announcement(known, _PLACE_BEHIND.sub("", match.group("title")), surely=True) if match and known else None


def _letter(character: str) -> str:
    if "α" <= character <= "ω":
        return unicodedata.name(character).rpartition(" ")[2].lower().replace("final sigma", "sigma")
    return character if character.isalnum() or character in _DISTINCTIVE_SIGNS else " "

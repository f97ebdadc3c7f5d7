"""Titles that report a retraction, a correction or a concern: such words, a punctuation mark, and a paper's title.

The shape decides. Every word before the mark is the name of a notice or belongs to one, and after it
another title begins: "Correction: Larks at dawn", but not "Correction: how astronomers repair charts" or "Errata in
law".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

RETRACTION, CORRECTION, CONCERN = "retraction", "correction", "concern"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What is said about the paper itself: it comes before its own title.
_STATES = _words(
    "retracted withdrawn removed отозвана отозвано отозванная retractado retractada retratado retratada retirado "
    "retirada rétracté rétractée retiré retirée zurückgezogen zurückgezogene ritirato ritirata ritrattato"
)
# What names a notice: it comes before the title of the paper that it is about.
_RETRACTIONS = _words(
    "retraction withdrawal removal ретракция отзыв retractación retratação rétractation retrait retraktion "
    "ritrattazione"
)
# Those that are nothing else: even a full stop or a dash leads from them to a title.
_PLAIN = _words("erratum errata erratas corrigendum corrigenda")
_CORRECTIONS = _PLAIN | _words(
    "correction corrections addendum исправление исправления опечатка corrección correcciones correção rectificatif "
    "berichtigung errate"
)
_CONCERNS = _words("concern concerns")
_NOTICES = {
    word: kind
    for words, kind in ((_RETRACTIONS, RETRACTION), (_CORRECTIONS, CORRECTION), (_CONCERNS, CONCERN))
    for word in words
}
# Names that are ordinary words, too: alone before a colon they may be the subject of a paper.
_ORDINARY = _words(
    "withdrawal removal removed corrections retrait отзыв retirado retirada retiré retirée ritirato ritirata"
)
# What else is in such a prefix: who says it, about what, in which form.
_OF_NOTICES = _words(
    "notice note statement letter notification editorial editor editors editor's editors' author author's authors' "
    "publisher publisher's publishers' partial amendment amendments fe nota aviso avis declaración"
)
_OF_PAPERS = _words("article paper chapter publication manuscript artículo artigo articolo artikel статья")
_BETWEEN = _words(
    "expression of and the this to for by zu à au al ao de del da du temporary permanent replaced replacement "
    "republished republication corrige"
)
_POINTING = _words("to for of zu à")
_KNOWN = _STATES | _NOTICES.keys() | _OF_NOTICES | _OF_PAPERS | _BETWEEN
_WORD = re.compile(r"[^\W\d_]+(?:['’](?:[^\W\d_]+|(?=\s)))?")
_GAP = re.compile(r"[\s\-–—/&]*")
_QUOTE = "\"“”„«‘'’`"
_SIGN = re.compile(rf"\s*(?P<sign>[:：—]|[\])】*]\s*[:.\-–—]?|[-–](?=\s)|\.(?=\s))[\s:{_QUOTE}]*(?=\S)")
_IEEE = re.compile(r"\W*notice of violation of ieee publication principles\W*(?=\w)", re.IGNORECASE)
_EASTERN = re.compile(
    r"[\s【\[(「《]*(?:(?P<retraction>撤稿|撤回|論文撤回|已撤稿|철회)|(?P<correction>勘误|更正|訂正|정정))"
    r"(?:声明|通知)?\s*[::】\])」》]+\s*(?=\S)"
)
# Whatever else is in capitals between the two: RETRACTED CASE REPORT: Title, RETRACTED (Chapter): Title.
_CAPITALS = re.compile(r"\W*(?:RETRACTED|WITHDRAWN)(?: [A-Z]+){0,4}(?: \([^()]{1,40}\))?\s*[:—]\s*(?=\S*\s?\S*[a-z])")
# After a title: Title [RETRACTED], Title (Retracted article. See vol. 12, pg. 33, 2021), Title: RETRACTED.
_BEHIND = re.compile(
    r"(?P<title>.*\S)\s*[\[(【]\s*(?:(?:article|paper)\s+)?(?:retracted|withdrawn)\b[^\])】]*[\])】]\W*$"
    r"|(?P<title_before_capitals>.*\S)(?:\s*[:.—]|\s[-–]|\s(?=[A-Z ]+$))\s*"
    r"(?-i:(?:RETRACTED|WITHDRAWN)(?: ARTICLE| PAPER| CHAPTER)?)\W*$",
    re.IGNORECASE | re.DOTALL,
)
_AUTHORS_BEHIND = re.compile(r"[^,:]{1,80}\bet al\b")
# A word that doesn't begin a title: lower-case letters alone. "p53", "mTOR" and "α-synuclein" begin some.
_SMALL = re.compile(rf"[\s{_QUOTE}(\[]*[a-z]+['’]?(?:[\s,.;:?!)\]]|$)")


@dataclass(frozen=True, slots=True)
class NoticeTitle:
    """A title that reports something: its kind, the title of the paper meant, and if that is the paper itself."""

    kind: str
    title: str
    own: bool


@lru_cache(maxsize=1024)
def notice_title(title: str, bare: bool = False) -> NoticeTitle | None:
    """Return what a title reports by its prefix, or by a mark of retraction after it.

    `bare`: the record has no abstract, as notices have none. "Withdrawal: Larks at dawn" is then one, not a paper.
    """
    if match := _IEEE.match(title):
        return NoticeTitle(RETRACTION, title[match.end() :], own=True)
    if match := _EASTERN.match(title):
        return NoticeTitle(RETRACTION if match["retraction"] else CORRECTION, title[match.end() :], own=False)
    if match := _CAPITALS.match(title):
        return NoticeTitle(RETRACTION, title[match.end() :], own=True)
    return _by_prefix(title, bare) or _by_suffix(title)


def _by_suffix(title: str) -> NoticeTitle | None:
    match = _BEHIND.match(title)
    before = (match["title"] or match["title_before_capitals"]) if match else ""
    return None if not before or before.isupper() else NoticeTitle(RETRACTION, before, own=True)


def _by_prefix(title: str, bare: bool) -> NoticeTitle | None:
    words, end = _prefix(title)
    head = next((word for word in words if word in _STATES or word in _NOTICES), "")
    if not head or (_NOTICES.get(head) == CONCERN and {*words}.isdisjoint({"expression", "notice"})):
        return None
    prefix, behind = title[:end], title[end:]
    whole = NoticeTitle(_NOTICES.get(head, RETRACTION), behind, head in _STATES or _is_temporary(words))
    if sign := _SIGN.match(behind):
        rest = behind[sign.end() :]
        signed = _is_signed(head, words, prefix, sign["sign"], rest) or (bare and _is_bare(words, sign["sign"], rest))
        return NoticeTitle(whole.kind, rest, whole.own) if signed else None
    return NoticeTitle(whole.kind, behind.lstrip(f" {_QUOTE}"), own=False) if _points(head, words, behind) else None


def _prefix(title: str) -> tuple[list[str], int]:
    """Return the words of a notice at the beginning, in lower case, and where they end."""
    words: list[str] = []
    at = len(title) - len(title.lstrip(" \t[(【「*" + _QUOTE))
    end = at
    while (word := _WORD.match(title, at)) and _folded(word[0]) in _KNOWN:
        words.append(_folded(word[0]))
        end = word.end()
        at = _GAP.match(title, end).end()  # type: ignore[union-attr]  # it matches nothing, too
        if title[at : at + 1] == ":" and not (_STATES | _NOTICES.keys()) & {*words}:
            at = len(title) - len(title[at + 1 :].lstrip())  # "Editor's note: Retraction: …"
    return words, end


def _is_signed(head: str, words: list[str], prefix: str, sign: str, rest: str) -> bool:
    """Return whether a punctuation mark after the words of a notice leads to a title."""
    capitals = prefix.isupper() and not rest.isupper()
    qualified = _is_qualified(head, words)
    if sign in ("-", "–", ".") and not (head in _STATES or head in _PLAIN or (qualified and sign == ".")):
        return False
    if qualified or (capitals and (head != "removal" or _is_temporary(words))) or sign[0] in "])】*":
        return True
    return head not in _ORDINARY and not _SMALL.match(rest)


def _is_bare(words: list[str], sign: str, rest: str) -> bool:
    """Return whether "Withdrawal:" alone leads to another title: that begins with a capital and isn't all capitals."""
    return words == ["withdrawal"] and sign in (":", "—") and not (_SMALL.match(rest) or rest.isupper())


def _is_qualified(head: str, words: list[str]) -> bool:
    """Return whether words say what it is about or who gives it: "Author Correction", "Article retracted", "… to:"."""
    of_papers = _OF_PAPERS if head in _STATES or head in _ORDINARY else frozenset()
    return words[-1] in _POINTING or not {*words}.isdisjoint(_OF_NOTICES | of_papers)


def _points(head: str, words: list[str], behind: str) -> bool:
    """Return whether words such as "to" lead from the name of a notice to a title: quoted, or with a capital."""
    if head in _STATES or (head in _ORDINARY and {*words}.isdisjoint(_OF_NOTICES)):
        return False
    begins = behind.lstrip()
    if begins[:1] in (*_QUOTE, "[") and words[-1] != head:
        return True
    if head == "correction" and words[-1] == "for":
        return bool(_AUTHORS_BEHIND.match(begins))
    if head in ("correction", "retraction") and words[-1] == "of" and {*words}.isdisjoint(_OF_NOTICES):
        return False
    return words[-1] in _POINTING and begins[:1].isupper()


def _is_temporary(words: list[str]) -> bool:
    return {"temporary", "removal"} <= {*words}


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word).lower().replace("’", "'")

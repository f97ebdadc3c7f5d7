r"""Citation marks in prose, in the styles of many systems: where they are and which sentence they belong to.

A mark is a number ([1], [2-4], (1), superscripts, [^1], \cite{1}, <cite>1</cite>, [Source 1], [S1], 【1†source】) or
the name of a passage ([@fell2020], (Fell2020 pages 1-2), [123 | Fell | 2020 | Citations: 5], <cite id="s1">…</cite>):
the id of its paper, its title, or the `key` that the system gave it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.answers.responses import Claim, Passage
from rag.text.sentences import split_sentences
from rag.text.words import fold_title
from rag.types import Span

# Passages are numbered from 1, so that a bracket with a 0 is an interval.
_NUMBERS = r"[1-9]\d{0,3}(?:\s*(?:[,;–&-]|\band\b)\s*[1-9]\d{0,3})*"
_RAISED = "¹²³⁴⁵⁶⁷⁸⁹"
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹˒", "0123456789,")
# What systems put before a number, in square brackets and at times in round ones.
_LABEL = r"(?:\#|no\.|(?:sources?|refs?|passages?|docs?|documents?|papers?|citations?)\b[.:]?)\s*"
# Elements that cite. Others, such as <b>, hold figures.
_TAGS = "cite|citation|ref|source|sup|fn|footnote|doc|document|a"
# What can only be a mark, whether or not it leads anywhere.
_SURE = rf"""
    (?:<(?:{_TAGS})\b[^<>]*>\s*)+\[?(?P<element>{_NUMBERS})\]?(?:\s*</(?:{_TAGS})>)+
    | (?:\^|footnote:)?\[?[\[【](?:{_LABEL})?(?P<number>{_NUMBERS})\s*(?:†[^\]】]*)?[\]】]\]?
        (?:\((?:\#|https?:)[^\s)]*\)|_(?!\w))?
    | (?<!^)(?<!\n)\[\^(?P<footnote>[\w.:-]+)\]
    | \\\w*cite\w*\*?(?:\[[^\]]*\])*\{{(?P<latex>[^{{}}]+)\}}
    | \{{\{{\w+\|(?P<template>[^{{}}|]+)\}}\}}
    | <(?:cite|citation|ref|source|doc|document)\b[^<>]*?\b(?:id|ref|source|doc|index|name)s?=["']
        (?P<attribute>[^"'<>]+)["'][^<>]*>
    | <Paper\b[^<>]*?\bcorpusId=["'](?P<paper>[^"'<>]+)["'][^<>]*>(?:\s*</Paper>)?
    | <co:\s*(?P<zero>\d+(?:\s*,\s*\d+)*)\s*>
    | \ue200cite\ue202(?P<turn>[^\ue201]+)\ue201
    | \[(?P<pandoc>[^\[\]@]*@[^\[\]]+)\]
    | \[(?P<piped>[^\[\]|]+)\|[^\[\]]*\]
    | 【(?P<lens>[^】]+)】"""
# What is a mark if it leads to a passage.
_PERHAPS = rf"""
    \[(?P<square>[^\[\]]{{1,200}})\](?:_(?!\w))?
    | \((?P<round>[^()]{{1,200}})\)
    | \{{(?P<curly>{_NUMBERS})\}}
    | (?<![\w@.])@(?P<at>\w[\w:.-]*\w)
    | (?:(?<=[a-z]{{3}})|(?<=[.,;:!?)%"'”]))(?:
        (?P<raised>[{_RAISED}][⁰{_RAISED}˒,]*)
        | (?:\$?\^\{{?|\\textsuperscript\{{)(?P<caret>{_NUMBERS})\}}?[\^$]?)"""
_SURE_MARK = re.compile(_SURE, re.IGNORECASE | re.VERBOSE)
_ANY_MARK = re.compile(f"{_SURE}|{_PERHAPS}", re.IGNORECASE | re.VERBOSE)
_CLOSING_TAG = re.compile(rf"</(?:{_TAGS}|co:[\d\s,]+)>", re.IGNORECASE)
# "doi:", "PMID: " and the address of a server come before an id.
_BEFORE_ID = re.compile(r"^(?:[a-z]+\s*:\s*(?!//)|https?://[^/]+/(?:abs/|articles?/|pdf/)?)|/$", re.IGNORECASE)
# "S1", "doc_1", "Context 1": any one word before a number.
_LABELLED = re.compile(rf"(?P<label>[^\W\d_]+)[\s._:#-]*(?P<numbers>{_NUMBERS})")
# "(1)" counts items where words follow, and cites where a clause ends.
_ENDS_A_CLAUSE = re.compile(r"\s*(?:[.,;:!?]|$|\n|\()")
_LOCATOR = re.compile(r",?\s*(?:\bpp?\.|\bpages?\b|\bchunk\b).*$", re.IGNORECASE)
_BULLET = re.compile(r"(?:^|\n)[ \t]*(?:[-*•–]|\d{1,2}[.)])[ \t]+")
_ENTRY = re.compile(
    rf"\s*(?:[-*•]\s+)?(?:\[\^?(?P<a>[1-9]\d*)\]:?|(?P<b>[1-9]\d*)[.)]|(?P<c>[{_RAISED}]+))\s+(?P<rest>\S.*)"
)


@dataclass(frozen=True, slots=True)
class CitationMark:
    """A mark in a text and the passages that it points at; one that points nowhere has numbers below 1."""

    start: int
    end: int
    numbers: tuple[int, ...]


def split_claims(text: str, passages: Sequence[Passage] = ()) -> tuple[Claim, ...]:
    """Split an answer into sentences with their marks; a list of references below it isn't part of it.

    Marks after the full stop ("It rises. [1] It falls.") belong to the sentence that they follow, unless the first
    opens a line and the answer ends without one: then each precedes its sentence. A sentence without marks has
    none: it never takes over those of a neighbour.
    """
    body = without_references(text, passages)
    marks = find_marks(body, passages)
    leading = _lead(body, marks)
    shown = _without_bullets(_blanked(_apart(body, marks) if leading else body, marks))
    spans = [span for span in split_sentences(shown) if shown[span.start : span.end].strip(" .,;:")]
    if not spans:
        numbers = _each_once(marks)
        return (Claim("", numbers),) if numbers else ()
    owned: list[list[CitationMark]] = [[] for _ in spans]
    for mark in marks:
        owned[_owner(mark, spans, leading=leading)].append(mark)
    return tuple(
        Claim(_tidy(shown[span.start : span.end]), _each_once(mine)) for span, mine in zip(spans, owned, strict=True)
    )


def _lead(body: str, marks: Sequence[CitationMark]) -> bool:
    """Whether marks precede their sentences: one opens the text or a line, and words follow the last."""
    if not marks or not re.search(r"\w", body[marks[-1].end :]):
        return False
    before = body[: marks[0].start]
    return not before.strip() or (before.endswith("\n") and not before.rstrip().endswith("."))


def _apart(body: str, marks: Sequence[CitationMark]) -> str:
    """Make every line that a mark opens a paragraph: the break takes the place of the mark's first character."""
    for mark in marks:
        if body[: mark.start].endswith("\n"):
            body = f"{body[: mark.start]}\n{body[mark.start + 1 :]}"
    return body


def _owner(mark: CitationMark, spans: Sequence[Span], *, leading: bool) -> int:
    if leading:
        return next(place for place, span in enumerate(spans) if span.end > mark.start)
    return max((place for place, span in enumerate(spans) if span.start < mark.start), default=0)


def _each_once(marks: Sequence[CitationMark]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for mark in marks for number in mark.numbers))


def _blanked(text: str, marks: Sequence[CitationMark]) -> str:
    """Put spaces where marks are, so that offsets stay."""
    for mark in marks:
        left = re.sub(r"[^\n]", " ", text[mark.start : mark.end])
        text = text[: mark.start] + left + text[mark.end :]
    return _CLOSING_TAG.sub(lambda match: " " * len(match.group()), text)


def _without_bullets(text: str) -> str:
    """Make every item of a list a paragraph of its own, without moving anything."""
    return _BULLET.sub(lambda match: "\n" * min(2, len(match.group()) - 1) + " " * max(1, len(match.group()) - 2), text)


def _tidy(text: str) -> str:
    return re.sub(r"[,;\s]*\s([.,;:!?])", r"\1", " ".join(text.split()))


def marks_in(text: str, passages: Sequence[Passage] = ()) -> list[int]:
    """Return the numbers of all marks in order, ranges such as [2-4] written out."""
    return [number for mark in find_marks(text, passages) for number in mark.numbers]


def strip_marks(text: str, passages: Sequence[Passage] = ()) -> str:
    """Return what an answer says: without its marks, its list of references and the white space that they leave."""
    body = without_references(text, passages)
    return _tidy(_blanked(body, find_marks(body, passages)))


def find_marks(text: str, passages: Sequence[Passage] = ()) -> list[CitationMark]:
    """Return the marks of a text in order. What may be something else is one only if it leads to a passage."""
    names = _names(passages)
    numbered = not _SURE_MARK.search(text)  # "(1)" in a text that cites otherwise counts something
    found = []
    for match in _ANY_MARK.finditer(text):
        numbers = _numbers_of(match, names, len(passages), numbered=numbered)
        if numbers:
            found.append(CitationMark(match.start(), match.end(), tuple(numbers)))
    return found


def _names(passages: Sequence[Passage]) -> dict[str, int]:
    """Return the number of each passage by its id, key and title; of several pieces of one paper, the first."""
    named: dict[str, int] = {}
    for number, passage in enumerate(passages, start=1):
        for name in (passage.key, passage.id, passage.title):
            if name:
                named.setdefault(_fold(name), number)
    return named


def _fold(name: str) -> str:
    return " ".join(name.casefold().split()).strip("@# ")


def _numbers_of(match: re.Match[str], names: Mapping[str, int], passages: int, *, numbered: bool) -> list[int]:
    kind = match.lastgroup or ""
    inside = match[kind]
    if kind in ("round", "square", "curly"):
        return _known(inside, names) or (_counted(match, inside, passages) if numbered else [])
    if kind in ("raised", "caret"):
        return _raised(inside.translate(_DIGITS).strip(","), passages) if numbered else []
    if kind == "at":
        return [number] if (number := _named(inside, names)) else []
    if kind == "zero":
        return [int(number) + 1 for number in inside.split(",")]
    if _is_numbers(inside) and _fold(inside) not in names:
        return _spelled(inside)
    return [_resolved(piece, names) for piece in re.split(r"\s*[;,\ue202]\s*(?![^@]*\bp)", inside) if piece.strip()]


def _counted(match: re.Match[str], inside: str, passages: int) -> list[int]:
    """Return the numbers of a bracket that may not be a mark, if all of them lead to a passage.

    "(1)" and "{1}" end a clause; "(Source 1)" does too. In square brackets any one word may precede the number, as
    long as all such brackets of the text have that word: "[S1]", "[Context 2]".
    """
    if match.lastgroup == "square":
        found = _LABELLED.fullmatch(inside.strip())
        return _within(_spelled(found["numbers"]), passages) if found and _one_label(match.string) else []
    plain = re.sub(rf"^{_LABEL}", "", inside.strip(), flags=re.IGNORECASE)
    return _within(_spelled(plain), passages) if _is_numbers(plain) and _closes(match) else []


def _one_label(text: str) -> bool:
    inside = [bracket.strip() for bracket in re.findall(r"\[([^\[\]]{1,200})\]", text)]
    labels = {found["label"].casefold().rstrip("s") for one in inside if (found := _LABELLED.fullmatch(one))}
    return len(labels) == 1


def _closes(match: re.Match[str]) -> bool:
    """Whether a number in round brackets ends a clause, or follows a full stop in a text that ends with one."""
    text = match.string
    if _ENDS_A_CLAUSE.match(text, match.end()):
        return True
    return bool(re.search(r"[.!?][\"'”’]?\s*$", text[: match.start()]) and re.search(r"\([^()]*\)\W*$", text))


def _is_numbers(inside: str) -> bool:
    return re.fullmatch(_NUMBERS, inside.strip()) is not None


def _spelled(inside: str) -> list[int]:
    found: list[int] = []
    for part in re.split(r"\s*(?:[,;&]|\band\b)\s*", inside.strip()):
        ends = [int(number) for number in re.split(r"\s*[–-]\s*", part)]
        # "[3-1]" or "[1-900]" isn't a range of sources: both ends count as marks.
        found += range(ends[0], ends[-1] + 1) if 0 <= ends[-1] - ends[0] < 50 else ends
    return found


def _within(numbers: list[int], passages: int) -> list[int]:
    return numbers if all(number <= passages for number in numbers) else []


def _raised(digits: str, passages: int) -> list[int]:
    """Read superscripts: "12" is passage 12 where there are as many, else 1 and 2; beyond them it is an exponent."""
    whole = [int(part) for part in digits.split(",") if part]
    return _within(whole, passages) or _within([int(digit) for digit in digits if digit not in ",0"], passages)


def _known(inside: str, names: Mapping[str, int]) -> list[int]:
    """Return the passages that the pieces of a bracket name; none of them unless one does."""
    if _fold(inside) in names:
        return [names[_fold(inside)]]
    pieces = [piece for piece in re.split(r"\s*[;,]\s*", inside) if not _LOCATOR.fullmatch(piece)]
    return [_resolved(piece, names) for piece in pieces] if any(_named(piece, names) for piece in pieces) else []


def _resolved(piece: str, names: Mapping[str, int]) -> int:
    """Return the passage that a piece of a mark points at; a number below 1, its own for each name, where none does."""
    number = int(piece) if piece.strip().isdigit() else -1 - sum(map(ord, _fold(piece))) % 9999
    return _named(piece, names) or number


def _named(piece: str, names: Mapping[str, int]) -> int | None:
    key = piece.split("@")[-1].split("†")[0]
    bare = _BEFORE_ID.sub("", piece.strip())
    found = (names.get(_fold(name)) for name in (piece, _LOCATOR.sub("", piece), key, _LOCATOR.sub("", key), bare))
    return next((number for number in found if number), None)


def without_references(text: str, passages: Sequence[Passage] = ()) -> str:
    """Return an answer without the list of references below it.

    Lines at the end that open with a number are one where each is cited above or gives the title of that passage; the
    heading over them goes too.
    """
    lines = text.split("\n")
    end = len(lines)
    while end and (not lines[end - 1].strip() or _ENTRY.fullmatch(lines[end - 1])):
        end -= 1
    entries = [match for line in lines[end:] if (match := _ENTRY.fullmatch(line))]
    above = "\n".join(lines[:end])
    cited = set(marks_in(above, passages))
    if not above.strip() or not entries or not all(_is_reference(entry, cited, passages) for entry in entries):
        return text
    return above[: _heading(above)]


def _is_reference(entry: re.Match[str], cited: set[int], passages: Sequence[Passage]) -> bool:
    raised = (entry["c"] or "").translate(_DIGITS)
    number = int(entry["a"] or entry["b"] or raised)
    if entry["b"] is None and number in cited:
        return True
    title = fold_title(passages[number - 1].title) if number <= len(passages) else ""
    return bool(title) and title in fold_title(entry["rest"])


def _heading(above: str) -> int:
    """Return where the heading of a list that follows begins: a last line of few words without a full stop."""
    kept = above.rstrip()
    begin = kept.rfind("\n") + 1
    last = kept[begin:].strip("#*_ ")
    is_heading = begin > 0 and len(last.split()) <= 4 and not re.search(r"[.!?\])]$", last)
    return begin if is_heading else len(kept)

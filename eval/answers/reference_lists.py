"""The list of references below an answer: where it begins, and which passage each of its labels stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from eval.answers.passage_names import folded, named, names_of
from eval.answers.responses import Passage
from rag.text.words import fold_title

_RAISED = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890")
# What opens an entry: "[1]", "[^fell]:", "¹", "1.", "fell2020:", a bullet; more than one of them at times.
_ENTRY = re.compile(
    r"\s*(?:[-*•]\s+)?"
    r"(?:[\[［]\^?(?P<bracket>[^\[\]]{1,80})[\]］]:?|(?P<raised>[¹²³⁴⁵⁶⁷⁸⁹][⁰¹²³⁴⁵⁶⁷⁸⁹]*)"
    r"|(?P<number>[1-9]\d*)[.):]|(?P<name>[\w.-]+):(?!//))?"
    r"\s+(?P<rest>\S.*)"
)
# A line under an entry: a quote, or one that is set in.
_UNDER = re.compile(r"(?:\s*>|\s{2,})\s*(?P<said>\S.*)")
_RULE = re.compile(r"\s*(?:[-*_=]{3,})?\s*")
# Words of a heading ("Sources", "Works cited"), of a quote that names its passage, and beside a title ("Source: …").
HEADING, QUOTE, FEW = 4, 4, 2


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """Where a list of references begins, its heading included, and the passage that each label stands for."""

    start: int
    labels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line that may be a reference. `sure`: its label can't number the items of an answer."""

    label: str
    sure: bool
    rest: str
    line: str


def find_references(
    text: str, passages: Sequence[Passage], cited_in: Callable[[str], Collection[str]]
) -> ReferenceList:
    """Return the list of references at the end of an answer, an empty one at its end if it has none.

    `cited_in` returns the labels of the marks of a text and the numbers of their passages. Each line of the list has a
    label that is cited above, or the title of the passage of that number, or says nothing but the titles of passages
    that are cited. Under an entry it may quote a passage.
    """
    lines = text.split("\n")
    begin = end = len(lines)
    while end and (_RULE.fullmatch(lines[end - 1]) or _may_be(lines[end - 1], passages)):
        end -= 1
        above, below = "\n".join(lines[:end]), [line for line in lines[end:] if not _RULE.fullmatch(line)]
        cited = cited_in(above) if below and above.strip() else ()
        if not cited or not _begins(lines, end) or _quotes(lines[end], passages):
            continue
        if all(_quotes(line, passages) or _is_reference(_entry(line), passages, cited) for line in below):
            begin = end
    if begin == len(lines):
        return ReferenceList(len(text), {})
    entries = [_entry(line) for line in lines[begin:] if not _RULE.fullmatch(line)]
    labels = {folded(e.label): number for e in entries if e.label and (number := passage_of(e.rest, passages))}
    return ReferenceList(_heading("\n".join(lines[:begin])), labels)


def _begins(lines: Sequence[str], place: int) -> bool:
    """Whether a list may begin at this line: below a break, a heading or prose, not among lines of its own kind."""
    return bool(_RULE.fullmatch(lines[place - 1])) or not _entry(lines[place - 1]).label


def _entry(line: str) -> _Entry:
    match = _ENTRY.fullmatch(line)
    if match is None:
        return _Entry("", False, line, line)
    label = match["bracket"] or (match["raised"] or "").translate(_RAISED) or match["number"] or match["name"] or ""
    return _Entry(label, bool(match["bracket"] or match["raised"]), match["rest"], line)


def _may_be(line: str, passages: Sequence[Passage]) -> bool:
    return (
        bool(_entry(line).label) or _quotes(line, passages) or any(_holds_title(line, passage) for passage in passages)
    )


def _quotes(line: str, passages: Sequence[Passage]) -> bool:
    """Whether a line is set in or marked as a quote, and a passage has all its words."""
    under = _UNDER.fullmatch(line)
    said = fold_title(under["said"]) if under else ""
    return len(said.split()) >= QUOTE and any(said in fold_title(passage.text) for passage in passages)


def _holds_title(text: str, passage: Passage) -> bool:
    title = fold_title(passage.title)
    return bool(title) and re.search(rf"\b{re.escape(title)}\b", fold_title(text)) is not None


def _is_reference(entry: _Entry, passages: Sequence[Passage], cited: Collection[str]) -> bool:
    if entry.sure and folded(entry.label) in cited:
        return True
    number = int(entry.label) if entry.label.isdigit() else named(entry.label, names_of(passages)) or 0
    if 1 <= number <= len(passages) and _holds_title(entry.rest, passages[number - 1]):
        return True
    return _only_titles(entry.line, passages, cited)


def _only_titles(line: str, passages: Sequence[Passage], cited: Collection[str]) -> bool:
    """Whether a line says nothing but the titles of passages that are cited, under a heading at most."""
    given = [n for n, passage in enumerate(passages, start=1) if _holds_title(line, passage)]
    if not given or any(str(number) not in cited for number in given):
        return False
    rest = fold_title(line)
    for number in given:
        rest = rest.replace(fold_title(passages[number - 1].title), " ")
        rest = rest.replace(fold_title(passages[number - 1].key), " ")
    return sum(not word.isdigit() for word in rest.split()) <= FEW


def passage_of(rest: str, passages: Sequence[Passage]) -> int | None:
    """Return the passage whose title, id or own words an entry gives; the longest title, where one holds another."""
    titled = [(len(p.title), -number) for number, p in enumerate(passages, start=1) if _holds_title(rest, p)]
    if titled:
        return -max(titled)[1]
    said = fold_title(rest)
    quoted = (n for n, p in enumerate(passages, start=1) if said in fold_title(p.text) and len(said.split()) >= QUOTE)
    return next(quoted, None) or named(rest, names_of(passages))


def _heading(above: str) -> int:
    """Return where the heading of a list that follows begins: a last line of few words without a full stop."""
    kept = above.rstrip()
    begin = kept.rfind("\n") + 1
    last = kept[begin:].strip("#*_ ")
    is_heading = begin > 0 and len(last.split()) <= HEADING and not re.search(r"[.!?\])]$", last)
    return begin if is_heading else len(kept)

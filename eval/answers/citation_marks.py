r"""Citation marks in prose, in the styles of many systems: where they are and which sentence they belong to.

A mark is a number ([1], [2-4], [1, p. 3], (1), superscripts, [^1], \cite{1}, <cite>1</cite>, [Source 1], [S1],
【1†source】) or the name of a passage ([@fell2020], (Fell2020 pages 1-2), Fell (2020), [123 | Fell | 2020 |
Citations: 5], <cite id="s1">…</cite>): the id of its paper, its title, or the `key` that the system gave it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from eval.answers.passage_names import LOCATOR, folded, named, names_of
from eval.answers.reference_lists import ReferenceList, find_references, passage_of
from eval.answers.responses import Claim, Passage
from rag.text.sentences import split_sentences
from rag.types import Span

# Passages are numbered from 1, so that a bracket with a 0 is an interval.
_NUMBER = r"[1-9]\d{0,3}"
_NUMBERS = rf"{_NUMBER}(?:\s*(?:[,;–&-]|\band\b)\s*{_NUMBER})*"
# Less usual: these may be fractions and intervals.
_IN_MORE_WAYS = re.compile(rf"{_NUMBER}(?:(?:\s*(?:[,;–&/+-]|\.\.|\band\b|\bto\b)\s*|\s+){_NUMBER})*")
MOST_IN_A_RANGE = 50
_RAISED = "¹²³⁴⁵⁶⁷⁸⁹"
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹˒⁻", "0123456789,-")
# What systems put before a number, in square brackets and at times in round ones.
_LABEL = r"(?:\#|no\.|(?:sources?|refs?|passages?|docs?|documents?|papers?|citations?)\b[.:]?)\s*"
# Elements that cite. Others, such as <b>, hold figures.
_TAGS = "cite|citation|ref|source|sup|fn|footnote|doc|document|a"
# What can only be a mark, whether or not it leads anywhere.
_SURE = rf"""
    (?:<(?:{_TAGS})\b[^<>]*>\s*)+
        (?P<element>\[?{_NUMBERS}\]?(?:\s*[,;]?\s*\[{_NUMBERS}\])*)(?:\s*</(?:{_TAGS})>)+
    | (?:\^|footnote:)?[\[［]?[\[【［](?:{_LABEL})?(?P<number>{_NUMBERS})\s*(?:†[^\]】]*)?
        (?:,?\s*(?:pp?\.|pages?\b)[^\[\]【】;]{{1,40}})?[\]】］][\]］]?
        (?:\((?:\#|https?:)[^\s)]*\)|_(?!\w))?
    | (?<!^)(?<!\n)\[\^(?P<footnote>[\w.:-]+)\^?\]
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
    \[[^\[\]]{{1,200}}\]\((?P<link>https?:[^\s)]+)\)
    | \[(?P<square>[^\[\]]{{1,200}})\](?:_(?!\w))?
    | \((?P<round>[^()\[\]]{{1,200}})\)
    | \{{(?P<curly>{_NUMBERS})\}}
    | (?:<ref\b[^<>]*>|\\footnote\{{)(?P<note>[^<>{{}}]{{1,300}})(?:</ref>|\}})
    | (?P<address>(?:https?://|doi:\s?)[^\s<>()\[\]{{}}]*[\w/])
    | (?<![\w@.])@(?P<at>\w[\w:.-]*\w)
    | (?:(?<=[a-z]{{3}})|(?<=[.,;:!?)%"'”]))(?:
        (?P<raised>[{_RAISED}](?:[⁰{_RAISED}]|[˒,⁻–-](?=[{_RAISED}]))*)
        | (?:\$?\^\{{?|\\textsuperscript\{{)(?P<caret>{_NUMBERS})\}}?[\^$]?)"""
_SURE_MARK = re.compile(_SURE, re.IGNORECASE | re.VERBOSE)
_ANY_MARK = re.compile(f"{_SURE}|{_PERHAPS}", re.IGNORECASE | re.VERBOSE)
# "Fell and Moss" and "Fell et al." before a year in brackets.
_AUTHORS = re.compile(r"(?P<authors>[^\W\d_][\w'’-]+(?:\s+(?:et\s+al\.?|(?:and|&)\s+[^\W\d_][\w'’-]+))?)\s*$")
# What is left of the mark-up of a cited stretch, and around marks that were taken out: "** **", "( )", "<sup>, </sup>".
_REMAINS = re.compile(
    rf"</(?:{_TAGS}|co:[\d\s,]+)>|\[cite_(?:start|end)\]|(\*{{1,3}}|__?)\s+\1(?![\w*])|\(\s+\)|\[\s+\]"
    rf"|<(?:{_TAGS})\b[^<>]*>(?=[\s,;]*</)|(?<=>)[,;](?=</)",
    re.IGNORECASE,
)
# "S1", "doc_1", "Context 1": any one word before a number.
_LABELLED = re.compile(rf"(?P<label>[^\W\d_]+)[\s._:#-]*(?P<numbers>{_NUMBERS})")
# "(1)" counts items where words follow, and cites where a clause ends.
_ENDS_A_CLAUSE = re.compile(r"\s*(?:[.,;:!?]|$|\n|\()")
_BULLET = re.compile(r"(?:^|\n)[ \t]*(?:[-*•–]|\d{1,2}[.)])[ \t]+")
# The line below the head of a Markdown table.
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*")


@dataclass(frozen=True, slots=True)
class CitationMark:
    """A mark in a text and the passages that it points at; one that points nowhere has numbers below 1.

    `written` is what it says, folded.
    """

    start: int
    end: int
    numbers: tuple[int, ...]
    written: frozenset[str] = frozenset()


def split_claims(text: str, passages: Sequence[Passage] = ()) -> tuple[Claim, ...]:
    """Split an answer into sentences with their marks; a list of references below it isn't part of it.

    Marks after the full stop ("It rises. [1] It falls.") belong to the sentence that they follow, unless the first
    opens a line and the answer ends without one: then each precedes its sentence. A sentence without marks has
    none: it never takes over those of a neighbour.
    """
    below = references_of(text, passages)
    body = text[: below.start]
    marks = find_marks(body, passages, below.labels)
    leading = _lead(body, marks)
    shown = _without_bullets(_without_tables(_blanked(_apart(body, marks) if leading else body, marks)))
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
    left = ""
    while left != text:
        left, text = text, _REMAINS.sub(lambda match: " " * len(match.group()), text)
    return text


def _without_bullets(text: str) -> str:
    """Make every item of a list a paragraph of its own, without moving anything."""
    return _BULLET.sub(lambda match: "\n" * min(2, len(match.group()) - 1) + " " * max(1, len(match.group()) - 2), text)


def _without_tables(text: str) -> str:
    """Make every row of a Markdown table a paragraph and its head a heading, without moving anything."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number and "|" in line and _TABLE_RULE.fullmatch(line):
            below = itertools.takewhile(lambda n: n < len(lines) and "|" in lines[n], itertools.count(number + 1))
            for row in below:
                lines[row] = _cells(lines[row])
            lines[number] = " " * len(line)
            lines[number - 1] = _cells(lines[number - 1], last=":")
    return "\n".join(lines)


def _cells(row: str, last: str = " ") -> str:
    """Put commas between the cells of a row that say something, and a break before the first."""
    row = re.sub(r"\|(\s*)$", rf"{last}\1", row)
    shown = re.sub(r"(?<=\w)(\s*)\|(?=\s*\w)", r"\1,", row).replace("|", " ")
    return f"\n{shown[1:]}" if shown.startswith(" ") else shown


def _tidy(text: str) -> str:
    return re.sub(r"[,;\s]*\s([.,;:!?])", r"\1", " ".join(text.split()))


def marks_in(text: str, passages: Sequence[Passage] = ()) -> list[int]:
    """Return the numbers of all marks in order, ranges such as [2-4] written out."""
    return [number for mark in find_marks(text, passages) for number in mark.numbers]


def strip_marks(text: str, passages: Sequence[Passage] = ()) -> str:
    """Return what an answer says: without its marks, its list of references and the white space that they leave."""
    below = references_of(text, passages)
    body = text[: below.start]
    return _tidy(_blanked(body, find_marks(body, passages, below.labels)))


def references_of(text: str, passages: Sequence[Passage] = ()) -> ReferenceList:
    """Return the list of references below an answer, which is not part of it."""

    def cited_in(above: str) -> frozenset[str]:
        marks = find_marks(above, passages)
        return frozenset().union(*(mark.written for mark in marks), [str(n) for mark in marks for n in mark.numbers])

    return find_references(text, passages, cited_in)


def find_marks(
    text: str, passages: Sequence[Passage] = (), labels: Mapping[str, int] = MappingProxyType({})
) -> list[CitationMark]:
    """Return the marks of a text in order. What may be something else is one only if it leads to a passage.

    `labels` are those of a list of references below the text, with the passages that they stand for.
    """
    names = names_of(passages)
    names = {label: number for label, number in labels.items() if not label.isdigit()} | names
    numbered = not _SURE_MARK.search(text)  # "(1)" in a text that cites otherwise counts something
    found: list[CitationMark] = []
    for match in _ANY_MARK.finditer(text):
        numbers = _numbers_of(match, names, passages, numbered=numbered)
        if numbers:
            written = frozenset(folded(piece) for piece in re.split(r"[;,]", match[match.lastgroup or ""]))
            listed = tuple(labels.get(str(number), number) for number in numbers)
            start = match.start() - text[: match.start()].endswith("~")  # what ties a mark to its word in LaTeX
            found.append(CitationMark(start, match.end(), listed, written))
    return _ranges(found, text)


def _ranges(marks: Sequence[CitationMark], text: str) -> list[CitationMark]:
    """Read "[1]-[3]" as one mark on all that is between."""
    found: list[CitationMark] = []
    for mark in marks:
        before = found[-1] if found else None
        if before and re.fullmatch(r"\s?[–-]\s?", text[before.end : mark.start]):
            first, last = before.numbers[-1], mark.numbers[0]
            between = tuple(range(first + 1, last)) if 0 < first < last < first + MOST_IN_A_RANGE else ()
            numbers = (*before.numbers, *between, *mark.numbers)
            found[-1] = CitationMark(before.start, mark.end, numbers, before.written | mark.written)
        else:
            found.append(mark)
    return found


def _numbers_of(
    match: re.Match[str], names: Mapping[str, int], passages: Sequence[Passage], *, numbered: bool
) -> list[int]:
    kind = match.lastgroup or ""
    inside = match[kind]
    if kind in ("round", "square", "curly"):
        known = _known(inside, names) or _told_by_year(match, inside, names)
        return known or (_counted(match, inside, len(passages)) if numbered else [])
    if kind in ("raised", "caret"):
        return _raised(inside.translate(_DIGITS), len(passages)) if numbered else []
    if kind in ("at", "address", "link", "note"):
        found = passage_of(inside, passages) if kind == "note" else _named_in(kind, match, names)
        return [found] if found else []
    if kind == "zero":
        return [int(number) + 1 for number in inside.split(",")]
    plain = re.sub(r"[\[\]\s,;]+", ",", inside).strip(",") if kind == "element" and "[" in inside else inside
    if _is_numbers(plain) and folded(inside) not in names:
        return _spelled(plain)
    return [_resolved(piece, names) for piece in re.split(r"\s*[;,\ue202]\s*(?![^@]*\bp)", inside) if piece.strip()]


def _named_in(kind: str, match: re.Match[str], names: Mapping[str, int]) -> int | None:
    """Return the passage that a word or an address names, or the words that the address is put on."""
    number = named(match[kind], names)
    return number or (named(match.group()[1:].split("](")[0], names) if kind == "link" else None)


def _told_by_year(match: re.Match[str], inside: str, names: Mapping[str, int]) -> list[int]:
    """Return the passage that "Fell and Moss (2020)" names, by the year in brackets and the words before it."""
    before = _AUTHORS.search(match.string[: match.start()])
    if match.lastgroup != "round" or before is None or not re.match(r"\d{4}", inside):
        return []
    found = named(f"{before['authors']} {inside}", names)
    return [found] if found else []


def _counted(match: re.Match[str], inside: str, passages: int) -> list[int]:
    """Return the numbers of a bracket that may not be a mark, if all of them lead to a passage.

    "(1)" and "{1}" end a clause; "(Source 1)" does too. In square brackets any one word may precede the number, as
    long as all such brackets of the text have that word: "[S1]", "[Context 2]".
    """
    if match.lastgroup == "square" and _IN_MORE_WAYS.fullmatch(inside.strip()):
        return _within(_spelled(inside), passages)
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
    for part in re.split(r"\s*(?:[,;&/+]|\band\b)\s*|(?<=\d)\s+(?=\d)", inside.strip()):
        ends = [int(number) for number in re.split(r"\s*(?:[–-]|\.\.|\bto\b)\s*", part)]
        # "[3-1]" or "[1-900]" isn't a range of sources: both ends count as marks.
        found += range(ends[0], ends[-1] + 1) if 0 <= ends[-1] - ends[0] < MOST_IN_A_RANGE else ends
    return found


def _within(numbers: list[int], passages: int) -> list[int]:
    return numbers if all(number <= passages for number in numbers) else []


def _raised(digits: str, passages: int) -> list[int]:
    """Read superscripts: "12" is passage 12 where there are as many, else 1 and 2; beyond them it is an exponent."""
    whole = _within(_spelled(digits), passages)
    return whole or _within([int(digit) for digit in digits if digit not in ",-–0"], passages)


def _known(inside: str, names: Mapping[str, int]) -> list[int]:
    """Return the passages that the pieces of a bracket name; none of them unless one does."""
    for parting in (None, r"\s*;\s*", r"\s*[;,]\s*"):
        pieces = [inside] if parting is None else re.split(parting, inside)
        pieces = [piece for piece in pieces if not LOCATOR.fullmatch(piece)]
        if any(named(piece, names) for piece in pieces):
            return [_resolved(piece, names) for piece in pieces]
    return []


def _resolved(piece: str, names: Mapping[str, int]) -> int:
    """Return the passage that a piece of a mark points at; a number below 1, its own for each name, where none does."""
    number = int(piece) if piece.strip().isdigit() else -1 - sum(map(ord, piece.casefold().strip("@# "))) % 9999
    return named(piece, names) or number

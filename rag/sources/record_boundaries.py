"""Where a record begins and ends in files of tagged lines: RIS, MEDLINE, Web of Science, EndNote and others.

A line is a tag and a text, and may continue. A record's boundaries are taken from the whole file, never from one tag:
an end tag, an empty line, the tag that begins records in this file coming again. Each record is then compared with its
title tags: one that names two papers is refused, since nobody can say whose abstract it has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from rag.sources.decoding import Line
from rag.sources.entry import Entry, Flaw
from rag.sources.tagged_record import Field, Layout, TaggedLine, TaggedRecord, ends_sentence, repeated

# How the records of each format begin: of two formats in one file, one is read and the other reported.
_BEGINNINGS = {
    "RIS": re.compile(r"\s*TY {1,2}- ?[A-Z]{3,}\s*$"),
    "MEDLINE": re.compile(r"PMID- *\d+\s*$"),
    "EndNote": re.compile(r"%0 [A-Z][A-Za-z ]+$"),
    "Web of Science": re.compile(r"PT [JBCSP]\s*$"),
    "BibTeX": re.compile(r"\s*@[A-Za-z]+\s*[{(]\s*[^\s,{}=]+\s*,"),
}
_SOME_BEGINNING = re.compile("|".join(f"(?:{begin.pattern})" for begin in _BEGINNINGS.values()))
_ANY_TAG = re.compile(r"(?:[A-Z][A-Z0-9]{1,3}[ \t]{0,3}(?:-[ \t]|:[ \t])|[a-z][a-z0-9] {2}- |%[0-9A-Z][ \t])\S")
_BIBTEX_FIELD = re.compile(r"\s*[A-Za-z]+\s*=\s*[{\"\d]")
_SPACED_TAG = re.compile(r"[A-Z][A-Z0-9] (?=\S)")  # RefWorks, Web of Science
_RULE = re.compile(r"[-–—_=*~#]{3,}")  # a rule drawn between two records


@dataclass(slots=True)
class _Block:
    """Fields with no clear boundary between them; `ended` by an end tag, `trailing` right after one.

    `behind` are lines without a tag, after an empty line that follows the last field.
    """

    fields: list[Field] = field(default_factory=list)
    ended: bool = False
    trailing: bool = False
    behind: list[Line] = field(default_factory=list)

    def end(self) -> None:
        """Close the block at an end tag: what is above it belongs to the last field."""
        self.ended = True
        if self.fields:
            self.fields[-1].lines += self.behind
        self.behind = []


def leading_tags(head: str) -> list[str]:
    """Return the tags that lines of a text begin with, each once, if at least a third of its lines do."""
    lines = [line.strip() for line in head.splitlines()[:400] if line.strip()]
    tags = [match.group().rstrip()[:-1].rstrip(" \t-:") for line in lines if (match := _ANY_TAG.match(line))]
    tags = tags or [match.group().rstrip() for line in lines if (match := _SPACED_TAG.match(line))]
    return list(dict.fromkeys(tags)) if len(tags) >= 3 and len(tags) * 3 >= len(lines) and len(set(tags)) > 2 else []


def begins_record_of(text: str) -> str:
    """Return the format that a line begins a record of, empty for any other line."""
    begins = _SOME_BEGINNING.match(text)
    return next((name for name, begin in _BEGINNINGS.items() if begin.match(text)), "") if begins else ""


def begins_with_tag(text: str) -> bool:
    """Return whether a line begins as one of a tagged format, or of BibTeX."""
    return bool(_ANY_TAG.match(text) or _BIBTEX_FIELD.match(text))


def tag_lines(lines: Iterable[Line], tag: re.Pattern[str]) -> Iterator[TaggedLine]:
    """Read each line by a pattern with two groups, tag and text."""
    for number, text in lines:
        match = tag.match(text)
        yield (
            TaggedLine(number, match.group(1).upper(), match.group(2) or "")
            if match
            else TaggedLine(number, None, text.strip())
        )


def tagged_entries(
    lines: Iterable[Line], tag: re.Pattern[str], layout: Layout, entry: Callable[[TaggedRecord], Entry]
) -> Iterator[Entry | Flaw]:
    """Yield the entry of each record, a flaw for each that doesn't add up or is of another format."""
    held: list[Flaw] = []
    own = _of_this_format(_apart(lines, tag) if layout.indented else lines, layout, tag, held)
    for record in tagged_records(tag_lines(own, tag), layout):
        yield from held
        held.clear()
        yield from checked(record, layout, entry)
    yield from held


def _apart(lines: Iterable[Line], tag: re.Pattern[str]) -> Iterator[Line]:
    """Yield an empty line above one that is neither tagged nor indented."""
    for line in lines:
        if line.text[:1].strip() and not tag.match(line.text):
            yield Line(line.number, "")
        yield line


def checked(record: TaggedRecord, layout: Layout, entry: Callable[[TaggedRecord], Entry]) -> Iterator[Entry | Flaw]:
    """Yield the entry of a record, or the flaw of one that doesn't add up; then the text after it that isn't read.

    "Total records: 12" or "Record 2 of 12" isn't part of any paper. What ends like a sentence may be.
    """
    flaw = record.flaw(layout)
    yield Flaw(flaw, record.line, record.first(*layout.titles)) if flaw else entry(record)
    if record.under:
        shown = repr(record.under[0].text[:60])
        reason = f"text under a record isn't read: {shown}; if it belongs to the abstract, join it to the line above"
        if record.keeps_what_is_under_it:
            reason = f"a paragraph is read as the abstract's last: {shown}; if it isn't, put an empty line above it"
        yield Flaw(reason, record.under[0].number)
    if record.behind and ends_sentence(record.behind[-1].text):
        shown = record.behind[0].text[:60]
        reason = (
            f"text after a record isn't read: {shown!r}; if it belongs to the record, delete the empty line above it"
        )
        yield Flaw(reason, record.behind[0].number)


def tagged_records(lines: Iterable[TaggedLine], layout: Layout) -> Iterator[TaggedRecord]:
    """Yield the records, each with exactly the fields that no boundary separates from it."""
    open_record: TaggedRecord | None = None
    begun, width = False, 0
    for block in _blocks(lines, layout):
        width = max([width, *(length for field in block.fields[:-1] for length in field.breaks().values())])
        for fields in (pieces := _pieces(block.fields, layout)):
            behind = block.behind if fields is pieces[-1] else []
            if open_record and open_record.is_gone_on_by(fields, layout):
                open_record = open_record.joined(fields, behind)
            elif _is_record(fields, layout) or (begun and not block.trailing):
                if open_record:
                    yield open_record.cut_to_its_own(layout, width)
                enclosed = block.ended and fields[0].tag in layout.starts
                open_record, begun = TaggedRecord(fields, enclosed, behind), True
        if block.ended and open_record:
            yield open_record
            open_record = None
    if open_record:
        yield open_record.cut_to_its_own(layout, width)


def _is_record(fields: list[Field], layout: Layout) -> bool:
    """Return whether fields are of a paper, not what is before the first or after a record's end."""
    return any(field.tag in layout.starts | layout.titles | layout.abstracts for field in fields)


def _blocks(lines: Iterable[TaggedLine], layout: Layout) -> Iterator[_Block]:
    """Split the lines where a boundary is clear: at end tags, empty lines before a tag, and start tags come again."""
    block, paused = _Block(), False
    for number, tag, text in lines:
        if tag is None:
            empty = not text or bool(_RULE.fullmatch(text))
            paused = paused or empty
            if block.fields and not empty:
                _go_on(block, Line(number, text), paused)
        elif tag in layout.ends:
            block.end()
            yield block
            block, paused = _Block(trailing=True), False
        elif tag not in layout.header:
            if block.fields and (paused or _begins_again(block, tag, layout)):
                yield block
                block = _Block()
            block.trailing, paused = block.trailing and not paused, False
            block.fields.append(Field(tag, [Line(number, text)]))
    if block.fields:
        yield block


def _go_on(block: _Block, line: Line, paused: bool) -> None:
    """Add a line without a tag: to the last text, or after it if an empty line comes between."""
    if paused:
        block.behind.append(line)
    else:
        block.fields[-1].lines.append(line)


def _begins_again(block: _Block, tag: str, layout: Layout) -> bool:
    return tag in layout.starts and block.fields[0].tag in layout.starts


def _pieces(fields: list[Field], layout: Layout) -> list[list[Field]]:
    """Split a block of several records: at its start tags, or at the tag that it begins with, whichever adds up."""
    if not fields:
        return []
    starts = [place for place, field in enumerate(fields) if field.tag in layout.starts]
    if len(starts) <= 1 and not repeated(fields, layout.titles):
        return [fields]
    for places in (starts, _opening_again(fields, layout)):
        pieces = [fields[start:end] for start, end in pairwise([0, *(p for p in places if p), len(fields)])]
        # Where the last piece lacks what ends another, all may be cut at the wrong place.
        turned = places is not starts and {piece[-1].tag for piece in pieces} - {one.tag for one in pieces[-1]}
        if not turned and all(_adds_up(piece, layout) for piece in pieces):
            return pieces
    return [fields]


def _adds_up(fields: list[Field], layout: Layout) -> bool:
    """Return whether fields are those of one paper: it has a title, and says nothing twice."""
    return any(field.tag in layout.titles for field in fields) and not repeated(fields, layout.stated_once)


def _opening_again(fields: list[Field], layout: Layout) -> list[int]:
    """Return where the first tag comes again with a whole record before it."""
    has_starts = any(field.tag in layout.starts for field in fields)
    places, seen = [], set[str]()
    for place, (above, below) in enumerate(pairwise(fields), start=1):
        seen.add(above.tag)
        whole = seen & layout.titles and (seen & layout.starts or not has_starts)
        if below.tag == fields[0].tag != above.tag and whole:
            places.append(place)
            seen = set()
    return places


def _of_this_format(lines: Iterable[Line], layout: Layout, tag: re.Pattern[str], held: list[Flaw]) -> Iterator[Line]:
    """Yield the lines but those of another format: from where its first record begins to the next of this format."""
    others = {name: begin for name, begin in _BEGINNINGS.items() if name != layout.name}
    foreign = ""
    for line in lines:
        begins = _SOME_BEGINNING.match(line.text)
        match = tag.match(line.text) if begins or foreign else None
        if match and match.group(1).upper() in layout.starts:
            foreign = ""
        elif begins and (found := next((name for name, begin in others.items() if begin.match(line.text)), "")):
            if found != foreign:
                kind = "entries" if found == "BibTeX" else "records"
                reason = f"{found} {kind} aren't read in this {layout.name} file: put them in a separate file"
                held.append(Flaw(reason, line.number))
            foreign = found
        if foreign:
            yield Line(line.number, "")
        else:
            yield line

"""JSON files of any size: one record a line, a list, a reply of a service with the list inside, or one object.

A file is cut into the texts of its records without parsing it whole, so that a broken record is named and the others
stay, and a file of gigabytes needs the memory of one record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.errors import SourceError
from rag.sources.decoding import MAX_LINE, Document
from rag.sources.json_nesting import holds_paper
from rag.sources.jsonrecord import JsonObject, json_object

# The names under which services put their list of records.
_LISTS = {"items", "results", "result", "data", "papers", "records", "documents", "articles", "works", "hits", "docs",
          "entries", "publications", "references", "entry", "collection"}  # fmt: skip
# What the first object of a list of records has, where it is too long or too broken to be parsed.
_TITLE = re.compile(r'\s*\{.*?"(?:\w+:)?(?:titles?|abstract)"\s*:', re.IGNORECASE | re.DOTALL)
_FIRST = json.JSONDecoder(strict=False)
# An object that has one of these at its own level is a record, whatever lists are in it.
_FIELDS = {"title", "abstract", "DOI", "doi", "paperId", "_id", "itemType", "display_name"}
# A list whose items are lists of values: the rows of a table.
_ROW = re.compile(r"\s*\[\s*[^\s\[{]")
_LOOKED_AT = 5  # items of a list
_TITLED = 2  # how much more a title counts than a list's name
_LONG_NAME = 1000  # characters
_TOKEN = re.compile(r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|[{}\[\]:]')
# Up to the next bracket outside a string. JSON strings never span lines, so the damage of a stray quote ends with
# its line.
_TO_BRACKET = re.compile(r'(?:[^"{}\[\]]++|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+["\n])*+([{}\[\]])', re.DOTALL)


# The end of a record before one that begins on its own line, for records whose quotes can't be trusted.
_NEXT_RECORD = re.compile(r"\}[ \t]*,?[ \t]*\n\s*(?=\{)")


class _List(NamedTuple):
    """A list in a file: where it begins after its bracket, its name, how surely it is one of records."""

    start: int
    name: str
    worth: int


class JsonRecord(NamedTuple):
    """A record with the line that it begins on, or in its place the reason why it can't be read."""

    line: int
    record: JsonObject | str


def json_records(document: Document) -> Iterator[JsonRecord]:
    """Yield each record.

    Raises SourceError where the file ends in the middle of a list, or of its only record.
    """
    yield from _lines(document) if is_json_lines(document.head) else _elements(document)


def is_json_lines(head: str) -> bool:
    """Return whether the file has one object per line."""
    first, _, rest = head.lstrip().partition("\n")
    if not first.startswith("{"):
        return False
    whole = not isinstance(json_object(first.strip().removesuffix(",")), str)
    following = rest.lstrip()
    # A broken first line must not stop the others: it is JSON Lines if the next lines begin new objects.
    return (whole and not _list_start(head)) or (len(first.strip()) > 1 and following.startswith('{"'))


def _lines(document: Document) -> Iterator[JsonRecord]:
    for line in document.lines():
        text = line.text.strip().removesuffix(",")
        if text and text not in ("[", "]"):
            yield JsonRecord(line.number, json_object(text))


def _elements(document: Document) -> Iterator[JsonRecord]:
    """Yield the objects of the list in the file, or those that follow each other at its top."""
    lists = _lists_of_records(document.head)
    start = _list_start(document.head)
    yield from (_unread(document.head, above) for above in lists if above.start < start and above.worth >= _TITLED)
    scanner = _Scanner(document, start)
    for element in scanner.elements(inside_list=start > 0):
        if not scanner.cut:
            yield element
    while start and not scanner.cut and scanner.opens_list():  # two replies, one after the other
        yield from (element for element in scanner.elements(inside_list=True) if not scanner.cut)
    if start and not scanner.cut:
        yield from scanner.other_lists()
    if scanner.cut:
        raise SourceError(document.name, "the file ends in the middle: export or download it again", scanner.line)


def _list_start(head: str) -> int:
    """Return where the list of records begins in the head, after its bracket; 0 where there is none.

    It is the outermost list, or the one whose first objects have most of a paper; of two alike, the one under a name
    that services use, or the first.
    """
    lists = _lists_of_records(head)
    return max(lists, key=lambda found: found.worth).start if lists else 0


def _lists_of_records(head: str) -> list[_List]:
    """Return the lists that may hold records; none inside one another, nor in what is a record itself.

    That is an object with a record's field above its lists, or with two below them.
    """
    opened: list[str] = []
    name = ""
    found: list[_List] = []
    fields = set[str]()
    for match in _TOKEN.finditer(head):
        token = match.group()
        if token.startswith('"'):
            name = token[1:-1]
        elif token == ":" and name in _FIELDS and opened and "[" not in opened:
            fields.add(name)
            if not found or len(fields) > 1:
                return []
        elif token in "[{":
            if token == "[" and "[" not in opened and (worth := _worth(name if opened else "", head, match.end())):
                found.append(_List(match.end(), name, worth))
            opened.append(token)
        elif token in "]}" and opened:
            opened.pop()
    return found


def _worth(name: str, head: str, start: int) -> int:
    """Return how surely a list is one of records: 0 for none, `_TITLED` and more where a first object has a title."""
    if _ROW.match(head, start):
        return 0
    known = max(map(holds_paper, values)) if (values := _first_values(head, start)) else bool(_TITLE.match(head, start))
    return known * _TITLED + int(not name or name in _LISTS)


def _first_values(head: str, start: int) -> list[object]:
    """Return the first items of a list, up to one that is cut off or broken."""
    values: list[object] = []
    while len(values) < _LOOKED_AT and (between := re.compile(r"[\s,]*").match(head, start)):
        try:
            value, start = _FIRST.raw_decode(head, between.end())
        except (ValueError, RecursionError):
            break
        values.append(value)
    return values


def _unread(text: str, found: _List) -> JsonRecord:
    return JsonRecord(1 + text.count("\n", 0, found.start), _not_read(found.name))


def _not_read(name: str) -> str:
    return f"another list, {name!r}, isn't read: save it as a file of its own"


class _Scanner:
    """Finds the records in a stream of text by their braces alone."""

    def __init__(self, document: Document, start: int) -> None:
        self._chunks = document.chunks()
        self._text = next(self._chunks, "")[start:]
        self._at = 0
        self.line = 1 + document.head[:start].count("\n")
        self.cut = False

    def elements(self, inside_list: bool) -> Iterator[JsonRecord]:
        """Yield each object; what is between objects is named where it is a value."""
        while True:
            self._skip(r"[\s,\[]*" if inside_list else r"[\s,]*")  # pages of a reply are lists in a list
            if self._at >= len(self._text):
                self.cut = self.cut or inside_list
                return
            opener = self._text[self._at]
            if opener == "]" and inside_list:
                return
            yield self._object() if opener == "{" or (opener == "[" and self._is_table()) else self._stray()
            if self.cut:
                return

    def opens_list(self) -> bool:
        """Move past the end of a list and into one that follows at once; return whether there is one."""
        following = re.compile(r"\]\s*,?\s*\[").match(self._text, self._at)
        if following is None:
            return False
        self._move(following.end())
        return True

    def other_lists(self) -> Iterator[JsonRecord]:
        """Report the lists of records after the one that was read."""
        name = ""
        while True:
            self._skip(r"[\s,:{}\]]*")
            if len(self._text) - self._at < _LONG_NAME:
                self._more()
            if self._at >= len(self._text):
                return
            if self._text[self._at] == '"':
                name = self._skip(r'"(?:[^"\\\n]|\\.)*"?').strip('"')
            elif self._text[self._at] == "[":
                self._move(self._at + 1)
                yield from self._other_list(name)
            else:
                self._skip(r'[^\s,:{}\[\]"]+')

    def _other_list(self, name: str) -> Iterator[JsonRecord]:
        """Move to the end of a list, and report it where one of its first objects has a title."""
        line, papers = self.line, False
        for place, element in enumerate(self.elements(inside_list=True)):
            papers = papers or (place < _LOOKED_AT and holds_paper(element.record) > 0)
        if papers:
            yield JsonRecord(line, _not_read(name))

    def _skip(self, pattern: str) -> str:
        """Move past what matches, reading on while it reaches the end of what was read."""
        compiled = re.compile(pattern)
        skipped = ""
        while True:
            match = compiled.match(self._text, self._at)
            skipped += match.group() if match else ""
            self._at = match.end() if match else self._at
            if self._at < len(self._text) or not self._more():
                break
        self.line += skipped.count("\n")
        return skipped

    def _more(self) -> bool:
        """Read on; keep only what was not yet handed over."""
        chunk = next(self._chunks, "")
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return bool(chunk)

    def _stray(self) -> JsonRecord:
        line = self.line
        text = self._skip(r"(?:[^,{}\[\]\"]+|\"(?:[^\"\\\n]|\\.)*\"?)") or self._text[self._at]
        if self._at < len(self._text) and text == self._text[self._at]:
            self._at += 1
        return JsonRecord(line, f"not a record: {text.strip()[:40]!r} where an object in braces was expected")

    def _is_table(self) -> bool:
        return bool(_ROW.match(self._text, self._at + 1))

    def _object(self) -> JsonRecord:
        """Read to the closing bracket; `cut` is set where the file ends before it. A table is an object of rows."""
        line, depth, length = self.line, 0, 0  # length: how much of the object has been read
        while depth or not length:
            match = _TO_BRACKET.match(self._text, self._at + length)
            if match:
                depth += 1 if match.group(1) in "{[" else -1
                length = match.end() - self._at
            elif len(self._text) - self._at > MAX_LINE or not self._more():
                return self._unclosed(line)
        text = self._text[self._at : self._at + length]
        record = json_object(text if text.startswith("{") else f'{{"rows": {text}}}')
        following = _NEXT_RECORD.search(self._text, self._at, self._at + length) if isinstance(record, str) else None
        self._move(following.start() + 1 if following else self._at + length)
        return JsonRecord(line, record)

    def _unclosed(self, line: int) -> JsonRecord:
        """Continue with the next record if a broken quote hid the end of this one, else give up on it."""
        following = _NEXT_RECORD.search(self._text, self._at)
        if following:
            record = json_object(self._text[self._at : following.start() + 1])
            self._move(following.start() + 1)
            return JsonRecord(line, record)
        if len(self._text) - self._at > MAX_LINE:
            self._skip_line()
            return JsonRecord(line, f"larger than {MAX_LINE:,} characters, too long for a record: remove it")
        self.cut = True
        return JsonRecord(line, "the file ends in the middle of this record: export it again")

    def _move(self, to: int) -> None:
        self.line += self._text.count("\n", self._at, to)
        self._at = to

    def _skip_line(self) -> None:
        """Move past the next line end, keeping nothing."""
        while (end := self._text.find("\n", self._at)) < 0:
            self._at = len(self._text)
            if not self._more():
                return
        self._at = end + 1
        self.line += 1

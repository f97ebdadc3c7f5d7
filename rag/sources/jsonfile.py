"""JSON files of any size: one record a line, a list, a reply of a service with the list inside, or one object.

A file is cut into the texts of its records without parsing it whole, so that a broken record is named and the others
stay, and a file of gigabytes needs the memory of one record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.errors import SourceError
from rag.sources.decoding import MAX_LINE, Document
from rag.sources.jsonrecord import JsonObject, json_object

# The names under which services put their list of records.
_LISTS = {"items", "results", "result", "data", "papers", "records", "documents", "articles", "works", "hits", "docs",
          "entries", "publications", "references", "entry", "collection"}  # fmt: skip
# Any other list is one of records where its first object, or one inside it, has a title or an abstract.
_FIRST_RECORD = re.compile(r'\s*\{(?:[^{}\[\]]|\{[^{}\[\]]*)*?"(?:title|abstract)"\s*:', re.IGNORECASE)
# An object that has one of these at its own level is a record, whatever lists are in it.
_FIELDS = {"title", "abstract", "DOI", "doi", "paperId", "_id", "itemType", "display_name"}
# A list whose items are lists of values: the rows of a table.
_ROW = re.compile(r"\s*\[\s*[^\s\[{]")
_TOKEN = re.compile(r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|[{}\[\]:]')
# Up to the next bracket outside a string. JSON strings never span lines, so the damage of a stray quote ends with
# its line.
_TO_BRACKET = re.compile(r'(?:[^"{}\[\]]++|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+["\n])*+([{}\[\]])', re.DOTALL)


# Where a record ends and the next begins on a line of its own, for records whose quotes can't be trusted.
_NEXT_RECORD = re.compile(r"\}[ \t]*,?[ \t]*\n\s*(?=\{)")


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
    start = _list_start(document.head)
    scanner = _Scanner(document, start)
    for element in scanner.elements(inside_list=start > 0):
        if not scanner.cut:
            yield element
    while start and not scanner.cut and scanner.opens_list():  # two replies, one behind the other
        yield from (element for element in scanner.elements(inside_list=True) if not scanner.cut)
    if start and (other := scanner.another_list()):
        yield other
    if scanner.cut:
        raise SourceError(document.name, "the file ends in the middle: export or download it again", scanner.line)


def _list_start(head: str) -> int:
    """Return where the list of records begins in the head, after its bracket; 0 where there is none.

    It is the outermost list, the one under a name that services use, or one of objects with titles, unless its object
    is a record itself.
    """
    opened: list[str] = []
    name = ""
    for match in _TOKEN.finditer(head):
        token = match.group()
        if token.startswith('"'):
            name = token[1:-1]
        elif token == ":" and name in _FIELDS and opened[-1:] == ["{"]:
            return 0
        elif token == "[" and "[" not in opened and _is_list_of_records(name if opened else "", head, match.end()):
            return match.end()
        elif token in "[{":
            opened.append(token)
        elif token in "]}" and opened:
            opened.pop()
    return 0


def _is_list_of_records(name: str, head: str, start: int) -> bool:
    if _ROW.match(head, start):
        return False
    return not name or name in _LISTS or bool(_FIRST_RECORD.match(head, start))


class _Scanner:
    """Finds the records in a stream of text by their braces alone."""

    def __init__(self, document: Document, start: int) -> None:
        self._chunks = document.chunks()
        self._text = next(self._chunks, "")[start:]
        self._at = 0
        self.line = 1 + document.head[:start].count("\n")
        self.cut = False

    def elements(self, inside_list: bool) -> Iterator[JsonRecord]:
        """Yield each object; what stands between objects is named where it is a value."""
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
        """Move behind the end of a list and into one that follows at once; return whether there is one."""
        following = re.compile(r"\]\s*,?\s*\[").match(self._text, self._at)
        if following is None:
            return False
        self._move(following.end())
        return True

    def another_list(self) -> JsonRecord | None:
        """Report a second list of records behind the one that was read."""
        for match in re.finditer(r'"([^"\\\n]*)"\s*:\s*\[', self._text[self._at :]):
            if _FIRST_RECORD.match(self._text, self._at + match.end()):
                line = self.line + self._text.count("\n", self._at, self._at + match.start())
                return JsonRecord(line, f"another list, {match[1]!r}, isn't read: save it as a file of its own")
        return None

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
        """Go on with the next record where a broken quote hid the end of this one, else give up on it."""
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

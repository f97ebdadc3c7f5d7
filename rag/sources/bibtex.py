"""BibTeX and BibLaTeX, as people and programs really write them.

A reader of our own: bibtexparser and pybtex drop what they can't parse, or everything after it. Here an entry ends with
its closing brace or where the next one begins, so that one broken entry is named and the others stay.
https://www.ctan.org/pkg/bibtex (btxdoc), https://www.ctan.org/pkg/biblatex
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rag.bibliography import publication_types
from rag.sources import identifiers
from rag.sources.cleaning import clean
from rag.sources.decoding import Document
from rag.sources.entry import Entry, Flaw, Format, keyword_line
from rag.sources.notice_fields import noted

_BEGIN = re.compile(r"^[ \t]*(?P<off>%[ \t%]*)?@[ \t]*(?P<kind>[A-Za-z][\w-]*)[ \t]*(?P<opener>[{(])", re.MULTILINE)
# An entry on the line where another ends, or where words come before it.
_INLINE = re.compile(
    r"(?<=\})[^{}@%]*(?=@[A-Za-z]+[ \t]*\{[^\s,{}=]+,)|^[^{}@%]+(?=@[A-Za-z]+[ \t]*\{[^\s,{}=]+,\s*\w+\s*=)"
)
_NO_RECORDS = {"string", "comment", "preamble", "set", "xdata"}
# Every BibTeX style defines these macros.
_MONTHS = {month.lower()[:3]: month for month in calendar.month_name if month}
_NAME = re.compile(r"\s*,?\s*([A-Za-z][\w.:+/-]*)\s*=\s*")
# Where a field begins, for entries whose braces can't be trusted: on a line of its own, or after a comma.
_FIELD_BEGIN = re.compile(
    r"(?:^[ \t]*,?[ \t]*|(?<=[}\"\w]),[ \t]*)([A-Za-z][\w-]*)[ \t]*=[ \t]*(?=[{\"\w])", re.MULTILINE
)
_BARE = re.compile(r"[^\s,{}#\"]+")


@dataclass(frozen=True)
class _Item:
    """One `@type{key, name = value, …}`; names in lower case, values without their outer braces."""

    kind: str
    key: str
    line: int
    fields: Mapping[str, str]
    flaw: str = ""


def recognise(head: str) -> bool:
    """Recognise `@type{` or `@type(` at the beginning of a line, followed by a key or a field."""
    return first_entry(head) is not None


def first_entry(head: str) -> int | None:
    """Return where the first entry begins; None where there is none."""
    found = re.search(
        r"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(]\s*(?:[^\s,{}=]*\s*,|[^,={}\n]*,\s*$|\w+\s*=|jabref)", head, re.MULTILINE
    )
    return found.start() if found else None


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the entries. A crossref is followed to entries anywhere in the file."""
    parents = _parents(document)
    for item in _items(document):
        if item.kind in _NO_RECORDS:
            continue
        if item.flaw:
            yield Flaw(item.flaw, item.line, clean(item.fields.get("title", ""), latex=True) or item.key)
        else:
            yield _entry(item, parents.get(item.fields.get("crossref", "").strip().lower()))


def _entry(item: _Item, parent: _Item | None) -> Entry:
    fields = {name: text for name, text in parent.fields.items() if name not in _OWN} if parent else {}
    if parent and "booktitle" not in fields and "title" in parent.fields:
        # An article in another is the same article; in a book, it is a part of it.
        fields["title" if item.kind == parent.kind == "article" else "booktitle"] = parent.fields["title"]
    fields |= {name: text for name, text in item.fields.items() if text.strip()}
    fields |= {
        name: re.sub(r"\\([_&%#~{}])", r"\1", fields[name]) for name in ("doi", "url", "eprint") if name in fields
    }

    notices = noted(clean(fields.get("note", ""), latex=True))
    if notices:
        fields["note"] = ""  # it names the DOI and the PMID of the notice

    def first(*names: str) -> str:
        return next((fields[name] for name in names if fields.get(name, "").strip()), "")

    title = first("title", "maintitle", "booktitle" if item.kind in ("book", "proceedings") else "title")
    subtitle = first("subtitle")
    date = first("date", "year")
    return Entry(
        line=item.line,
        key=item.key,
        title=f"{title}: {subtitle}" if subtitle and title else title,
        abstract=first("abstract", "abstractnote", "abst", "annotation"),
        authors=_names(first("author", "editor")),
        year=first("year", "date", "issued"),
        published=date
        if "-" in date
        else clean(f"{first('month')} {date}", latex=True)
        if identifiers.year(date)
        else "",
        venue=first("journaltitle", "journal", "booktitle", "journal-full", "series", "howpublished"),
        doi=first("doi") or (first("url") if "doi.org/" in first("url") else identifiers.doi_of_note(first("note"))),
        arxiv_id=_arxiv_id(first),
        pmid=_pmid(first),
        url=first("url", "link", "ee", "bdsk-url-1", "howpublished"),
        notices=notices,
        latex=True,
        kind=publication_types.of_bibtex(item.kind),
        volume=first("volume"),
        issue=first("number", "issue"),
        pages=first("pages", "eid", "articleno", "article-number"),
        series=first("series"),
        edition=first("edition"),
        publisher=first("publisher", "institution", "school", "organization"),
        editors=_names(first("editor")),
        groups=tuple(name for name in _names(f"{first('author')} and {first('editor')}") if _is_group(name)),
        types=(first("type"), first("note"), first("document_type")),
        keywords=(keyword_line(first("keywords", "keyword", "author_keywords")),),
        isbn=first("isbn"),
        issn=first("issn"),
        notes=tuple(filter(None, (first("note"), first("annote")))),
    )


_OWN = {"title", "abstract", "author", "doi", "eprint", "pmid", "url", "key", "subtitle", "crossref", "pages", "ids"}


def _arxiv_id(first: Callable[..., str]) -> str:
    where = f"{first('archiveprefix')} {first('eprinttype')} {first('journal')} {first('publisher')}".lower()
    eprint = first("eprint")
    if eprint and ("arxiv" in where or identifiers.arxiv_id(f"arXiv:{eprint}") == eprint):
        return eprint
    named = next(
        (text for text in (first("journal"), first("note"), first("url")) if identifiers.arxiv_id_of_url(text)), ""
    )
    return first("arxivid", "arxiv") or named


def _pmid(first: Callable[..., str]) -> str:
    if first("eprinttype").strip().lower() in ("pmid", "pubmed"):
        return first("eprint")
    marked = re.search(r"PMID:?\s*(\d+)", first("note"), re.IGNORECASE)
    return first("pmid", "pubmed-id", "pubmedid") or (marked.group(1) if marked else "")


def _names(text: str) -> tuple[str, ...]:
    """Split at ` and ` outside braces; the last may be `others`."""
    depth, start, names = 0, 0, []
    for match in re.finditer(r"[{}]|\s+and\s+", text, re.IGNORECASE):
        if match.group() in "{}":
            depth += 1 if match.group() == "{" else -1
        elif depth <= 0:
            names.append(text[start : match.start()])
            start = match.end()
    names.append(text[start:])
    return tuple(_with_suffix_last(name.strip()) for name in names if name.strip())


def _with_suffix_last(name: str) -> str:
    """Write `Fell, Jr., Ada` in the usual order, `Fell, Ada, Jr.`, and BibLaTeX's `family=Fell, given=Ada` as well."""
    parts = dict(re.findall(r"\b(family|given|prefix|suffix)\s*=\s*(\{[^{}]*\}|[^,]*)", name))
    if "family" in parts:
        family = " ".join(filter(None, (parts.get("prefix", "").strip(), parts["family"].strip())))
        return ", ".join(filter(None, (family, parts.get("given", "").strip(), parts.get("suffix", "").strip())))
    return re.sub(r"^([^,{}]+), *((?:[JS]r|I{2,3}|IV)\.?), *([^,{}]+)$", r"\1, \3, \2", name)


def _is_group(name: str) -> bool:
    """Return whether a name is all in braces, which no style splits."""
    return name.startswith("{") and _closing(name, 1, "}") == len(name) - 1


def _parents(document: Document) -> dict[str, _Item]:
    """Return the entries that others refer to by crossref; a file without crossref is not read a second time."""
    wanted: set[str] = set()
    for line in document.lines():
        for match in re.finditer(r"crossref\s*=\s*[{\"]\s*([^}\"]+?)\s*[}\"]", line.text, re.IGNORECASE):
            wanted.add(match.group(1).lower())
    return {item.key.lower(): item for item in _items(document) if item.key.lower() in wanted} if wanted else {}


def _items(document: Document) -> Iterator[_Item]:
    strings = dict(_MONTHS)
    for line, text in _blocks(document):
        item = _parse(text, line, strings)
        if item.kind == "string":
            strings.update(item.fields)
        yield item


def _blocks(document: Document) -> Iterator[tuple[int, str]]:
    """Yield each entry's text from its `@` to just before the next, with its first line."""
    begun, parts = 0, list[str]()
    for number, text in document.lines():
        for piece in _INLINE.sub("\n", text).split("\n"):
            if _BEGIN.match(piece):
                if parts:
                    yield begun, "\n".join(parts)
                begun, parts = number, []
            if begun:
                parts.append(piece)
    if parts:
        yield begun, "\n".join(parts)


def _parse(text: str, line: int, strings: Mapping[str, str]) -> _Item:
    begin = _BEGIN.match(text)
    kind = begin["kind"].lower() if begin else "comment"
    if begin is None or kind in ("comment", "preamble"):
        return _Item(kind, "", line, {})
    if begin["off"]:
        key = text[begin.end() :].partition(",")[0].strip()
        return _Item(kind, key, line, {}, "commented out with a %: remove the % to include it")
    closer = "}" if begin["opener"] == "{" else ")"
    close = _closing(text, begin.end(), closer)
    closed = close is not None
    if close is not None and _FIELD_BEGIN.search(text, close):
        close = None  # an extra brace closed it before its last field
    body = text[begin.end() : close if close is not None else len(text)]
    key, rest = ("", body) if kind == "string" else _split_key(body)
    fields = _fields(rest, strings)
    flaw = ""
    if fields is None or not closed:
        flaw = _unclosed(rest, line + text.count("\n", 0, text.rindex(rest)))
        fields = None
    if close is None or fields is None:
        fields = _fields_by_name(rest, strings)
    if not flaw and not closed:
        last = line + text.rstrip().count("\n")
        flaw = f"the entry isn't closed: add its last {closer} after line {last}"
    if not fields and kind not in _NO_RECORDS:
        flaw = "no fields could be read: check its braces and quotes"
    return _Item(kind, key, line, fields, flaw)


def _unclosed(body: str, line: int) -> str:
    """Say which field of the body, which begins on `line`, opens a brace or a quotation mark that never closes.

    Such a field swallows those below it, or the rest of the entry.
    """
    at = 0
    while match := _NAME.match(body, at):
        opener = body[match.end() : match.end() + 1]
        value = _value(body, match.end(), {})
        swallowed = value is not None and re.search(r"\n[ \t]*,?[ \t]*[A-Za-z][\w-]*[ \t]*=[ \t]*(?:[{\"]|$)", value[0])
        if opener in ("{", '"') and (value is None or swallowed):
            mark = "brace" if opener == "{" else "quotation mark"
            number = line + body.count("\n", 0, match.start(1))
            return f"the {mark} that opens {match.group(1)} on line {number} never closes: close it"
        if value is None:
            break
        at = value[1]
    return ""


def _split_key(body: str) -> tuple[str, str]:
    key, comma, rest = body.partition(",")
    if not comma or "=" in key or "\n" in key.strip():
        first_line, _, others = body.partition("\n")
        bare = first_line.strip()  # the comma after the key was forgotten
        return (bare, others) if bare and "=" not in bare else ("", body)
    return key.strip(), rest


def _closing(text: str, start: int, closer: str) -> int | None:
    """Return where the entry that was opened before `start` closes; an escaped brace is text."""
    depth = 0
    for match in re.finditer(r"\\.|[{}()]", text[start:], re.DOTALL):
        found = match.group()
        if found == closer and depth == 0:
            return start + match.start()
        if found == "{":
            depth += 1
        elif found == "}":
            depth -= 1
    return None


def _fields(body: str, strings: Mapping[str, str]) -> dict[str, str] | None:
    """Read `name = value` one after another; None where something else is between them."""
    fields: dict[str, str] = {}
    at = 0
    while match := _NAME.match(body, at):
        value = _value(body, match.end(), strings)
        if value is None:
            return None
        text, at = value
        name = match.group(1).lower()
        longer = name == "abstract" and len(text) > len(fields.get(name, ""))
        if longer or not fields.get(name):
            fields[name] = text
    return fields if not body[at:].strip(" \t\r\n,") else None


def _value(body: str, at: int, strings: Mapping[str, str]) -> tuple[str, int] | None:
    """Read a value with its `#` concatenations; return it and where it ends."""
    parts: list[str] = []
    while True:
        piece = _piece(body, at, strings)
        if piece is None:
            return None
        parts.append(piece[0])
        at = piece[1]
        joined = re.compile(r"\s*#\s*").match(body, at)
        if not joined:
            return "".join(parts), at
        at = joined.end()


def _piece(body: str, at: int, strings: Mapping[str, str]) -> tuple[str, int] | None:
    opener = body[at : at + 1]
    if opener == "{":
        end = _closing(body, at + 1, "}")
        return (body[at + 1 : end], end + 1) if end is not None else None
    if opener == '"':
        depth = 0
        for match in re.finditer(r"\\.|[{}\"]", body[at + 1 :], re.DOTALL):
            found = match.group()
            depth += {"{": 1, "}": -1}.get(found, 0)
            if found == '"' and depth <= 0:
                return body[at + 1 : at + 1 + match.start()], at + 1 + match.end()
        return None
    bare = _BARE.match(body, at)
    return (strings.get(bare.group().lower(), bare.group()), bare.end()) if bare else None


def _fields_by_name(body: str, strings: Mapping[str, str]) -> dict[str, str]:
    """Read fields from one name to the next, where braces or commas can't be trusted."""
    begins = list(_FIELD_BEGIN.finditer(body))
    ends = [*(match.start() for match in begins[1:]), len(body)]
    fields: dict[str, str] = {}
    for match, end in zip(begins, ends, strict=False):
        raw = body[match.end() : end].strip().rstrip(",").rstrip()
        if end == len(body) and raw.count("}") > raw.count("{"):
            raw = raw.removesuffix("}").rstrip(", \t\r\n")  # the brace of the entry
        if raw[:1] in ("{", '"'):
            raw = raw[1:-1] if raw[-1:] in ("}", '"') else raw[1:]
        fields.setdefault(match.group(1).lower(), strings.get(raw.lower(), raw))
    return fields


FORMAT = Format("bibtex", recognise, entries, (".bib", ".bibtex", ".biblatex"))

"""XML files of any size, cut into the elements of their records, each parsed separately.

So a broken record is named and the others stay, a file that ends too soon keeps its complete records, and only
character entities are ever expanded. A file that declares entities of its own, as bombs do, is refused.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree

from rag.errors import SourceError
from rag.sources.decoding import MAX_LINE, Document

MAX_DEPTH = 100  # levels; formulas have a dozen
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)([A-Za-z][A-Za-z0-9]{0,31};)?")
_PREFIX = re.compile(r"(</?)[A-Za-z_][\w.-]*:(?=[A-Za-z_])")
_TAG = re.compile(r"<[A-Za-z_][^<>]*>")
_PREFIXED_ATTRIBUTE = re.compile(
    r"\s[A-Za-z_][\w.-]*:[\w.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*')|\sxmlns\s*=\s*(?:\"[^\"]*\"|'[^']*')"
)
_STRAY_LESS = re.compile(r"<(?![A-Za-z_/!?])")
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2\\d|3[01]));"
)


class XmlText(NamedTuple):
    """The text of one record's element and the line that it begins on; `flaw` is what is wrong with it."""

    line: int
    text: str
    flaw: str = ""


def xml_records(document: Document, names: Sequence[str]) -> Iterator[XmlText]:
    """Yield each element of one of the names, outermost, with or without a namespace's prefix.

    Raises SourceError for a file that declares entities: expanded, they are how bombs and other files get in.
    """
    begin = re.compile(rf"<((?:[\w.-]+:)?(?:{'|'.join(names)}))(?=[\s>/])")
    if declared := re.search(r"<!ENTITY\s+(?:%\s+)?(\S*)", document.head):
        reason = f"declares an entity of its own, {declared[1]!r}, which is never expanded: replace it with its text"
        raise SourceError(document.name, reason, document.head.count("\n", 0, declared.start()) + 1)
    line, text = 1, ""
    chunks = document.chunks()
    while True:
        match = begin.search(text)
        end = _end(text, match) if match else None
        if match and end is not None:
            line += text.count("\n", 0, match.start())
            yield XmlText(line, text[match.start() : end])
            line += text.count("\n", match.start(), end)
            text = text[end:]
            continue
        if match and len(text) - match.start() > MAX_LINE:
            start = match.start()
            yield XmlText(
                line + text.count("\n", 0, start),
                text[start:][:2000],
                f"larger than {MAX_LINE:,} characters, too long for a record: remove it",
            )
            text, line = text[match.end() :], line + text.count("\n", 0, match.end())
            continue
        chunk = next(chunks, None)
        if chunk is None:
            if match:
                start = match.start()
                yield XmlText(
                    line + text.count("\n", 0, start),
                    text[start:][:2000],
                    "the file ends in the middle of this record: export it again",
                )
            return
        keep = match.start() if match else max(text.rfind("<"), 0)
        line += text.count("\n", 0, keep)
        text = text[keep:] + chunk


def _end(text: str, begin: re.Match[str]) -> int | None:
    """Return where the element ends that begins at the match; a begin of the same name before its end cuts it off."""
    name = re.escape(begin.group(1))
    closing = re.compile(rf"</{name}\s*>|<{name}(?=[\s>])").search(text, begin.end())
    if closing is None:
        return None
    return closing.end() if closing.group().startswith("</") else closing.start()


def parsed(text: str) -> ElementTree.Element | str:
    """Return the element without namespaces, or the reason why it isn't XML."""
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = _FORBIDDEN.sub("", _ENTITY.sub(_character, text))
    text = _TAG.sub(lambda tag: _PREFIXED_ATTRIBUTE.sub("", tag.group()), _PREFIX.sub(r"\1", text))
    try:
        element = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        try:  # "p < 0.05" that nobody escaped
            element = ElementTree.fromstring(_STRAY_LESS.sub("&lt;", text))
        except ElementTree.ParseError:
            return f"not XML ({error}): fix the record or export it again"
    except (RecursionError, ValueError) as error:
        return f"not XML ({error}): fix the record or export it again"
    return (
        element
        if _depth(element) <= MAX_DEPTH
        else f"elements nested over {MAX_DEPTH} deep, too deep for a record: remove it"
    )


def _depth(element: ElementTree.Element) -> int:
    """Count the levels of an element without going down them: what reads them later does, and must not overflow."""
    depth, level = 0, [element]
    while level:
        depth, level = depth + 1, [child for parent in level for child in parent]
    return depth


def inner(element: ElementTree.Element | None) -> str:
    """Return the text in an element with its tags, such as `<sup>2</sup>`, for cleaning to read."""
    if element is None:
        return ""
    parts = [html.escape(element.text or "", quote=False)]
    parts += [ElementTree.tostring(child, encoding="unicode") for child in element]
    return "".join(parts).strip()


def text(element: ElementTree.Element, path: str) -> str:
    """Return the plain text at a path below an element, that of tags inside included."""
    found = element.find(path)
    return "" if found is None else " ".join("".join(found.itertext()).split())


def texts(element: ElementTree.Element, path: str) -> tuple[str, ...]:
    """Return the plain texts of all elements at a path that have any."""
    return tuple(filter(None, (" ".join("".join(found.itertext()).split()) for found in element.iterfind(path))))


def _character(match: re.Match[str]) -> str:
    """Write a named character as itself; an ampersand that begins none is text."""
    named = html.unescape(match.group()) if match.group(1) else match.group()
    return named if named != match.group() and named not in "<>&" else f"&amp;{match.group(1) or ''}"

"""JSON Lines: one record a line, under the plain names `title` and `abstract`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rag.sources.entry import Entry, Flaw, Format
from rag.sources.jsonrecord import entry_of, json_object
from rag.sources.reading import Document


def recognise(head: str) -> bool:
    """Recognise a file whose first line that holds anything is one whole JSON object, or is cut by the head."""
    first, _, rest = head.lstrip().partition("\n")
    if not first.startswith("{"):
        return False
    try:
        json.loads(first)
    except json.JSONDecodeError:
        return len(first.strip()) > 1 and rest.lstrip().startswith('{"')
    except RecursionError:
        return False
    return True


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the records; a line that is no JSON object is named, and the others stay."""
    for line in document.lines():
        text = line.text.strip().removesuffix(",")
        if not text or text in ("[", "]"):
            continue
        record = json_object(text)
        yield Flaw(record, line.number) if isinstance(record, str) else entry_of(record, line.number)


FORMAT = Format("jsonl", recognise, entries, (".jsonl", ".ndjson"))

"""Citations that come beside the text: the content blocks of Anthropic, the annotations of OpenAI."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eval.answers.citation_marks import split_claims
from eval.answers.responses import Claim, Passage, PinnedQuote
from rag.text.sentences import split_sentences

# What an annotation puts into the text: links and numbers in brackets, alone or several in round ones.
_PLACED = re.compile(r"\s*\(?(?:\[[^\]]*\](?:\([^()]*\))?[\s,;]*)+\)?\s*|\s*【[^】]*】\s*")
# Of a file, "【4:0†bees.pdf】", where an annotation gives no end.
_OF_A_FILE = re.compile(r"【\d+:\d+†[^】]*】")
# What OpenAI adds to an address.
_ADDED = re.compile(r"[?&]utm_\w+=[^&#]*")


def from_blocks(blocks: Sequence[Mapping[str, Any]], passages: Sequence[Passage]) -> tuple[Claim, ...]:
    """Return the sentences of an Anthropic message: a block's citations belong to each of its sentences.

    `document_index` counts the documents sent, from 0; they are the passages. `cited_text` becomes a quote. Raises
    `KeyError` or `ValueError` naming what is wrong with a block.
    """
    claims: list[Claim] = []
    for block in blocks:
        pins = tuple(_pin(citation, passages) for citation in block.get("citations") or ())
        marks = tuple(dict.fromkeys(pin.passage for pin in pins))
        for claim in split_claims(_text(block["text"]), passages):
            claims.append(
                Claim(claim.text, tuple(dict.fromkeys((*claim.marks, *marks))), tuple(p for p in pins if p.quote))
            )
    return tuple(claims)


def text_of(blocks: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of an Anthropic message."""
    return "".join(_text(block["text"]) for block in blocks)


def _pin(citation: Mapping[str, Any], passages: Sequence[Passage]) -> PinnedQuote:
    place = citation.get("document_index")
    if place is None:
        return PinnedQuote(
            _number(citation, ("source", "url", "title", "document_title"), passages), citation.get("cited_text", "")
        )
    if not isinstance(place, int) or isinstance(place, bool):
        raise ValueError(f"document_index is {place!r}: give a whole number from 0")
    return PinnedQuote(place + 1, citation.get("cited_text", "").strip())


def from_annotations(
    text: str, annotations: Sequence[Mapping[str, Any]], passages: Sequence[Passage]
) -> tuple[Claim, ...]:
    """Return the sentences of an OpenAI message: an annotation belongs to the sentence that holds its place.

    `url`, `file_id` or `filename` is the id or key of a passage. Raises `KeyError` or `ValueError` naming what is wrong
    with an annotation.
    """
    text = _without_placed(text, annotations)
    spans = split_sentences(text)
    marks: list[list[int]] = [[] for _ in spans]
    for annotation in annotations:
        at = annotation.get("start_index", annotation.get("index"))
        if not isinstance(at, int) or isinstance(at, bool):
            raise ValueError(f"an annotation has the place {at!r}: give start_index or index")
        owner = max((place for place, span in enumerate(spans) if span.start <= at), default=0)
        marks[owner].append(_number(annotation, ("url", "file_id", "filename", "title"), passages))
    claims = []
    for span, numbers in zip(spans, marks, strict=True):
        for claim in split_claims(text[span.start : span.end], passages):
            claims.append(Claim(claim.text, tuple(dict.fromkeys((*claim.marks, *numbers)))))
    return tuple(claims)


def _without_placed(text: str, annotations: Sequence[Mapping[str, Any]]) -> str:
    """Put spaces where the annotations stand in the text, so that places stay."""
    spans = [match.span() for match in _OF_A_FILE.finditer(text)]
    for annotation in annotations:
        start, end = annotation.get("start_index"), annotation.get("end_index")
        if isinstance(start, int) and isinstance(end, int) and _PLACED.fullmatch(text[start:end]):
            spans.append((start, end))
    for start, end in spans:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def _number(citation: Mapping[str, Any], fields: Sequence[str], passages: Sequence[Passage]) -> int:
    """Return the number of the passage that a citation names, -1 where it names none."""
    named = {_ADDED.sub("", str(citation[field])) for field in fields if citation.get(field)}
    return next((n for n, p in enumerate(passages, start=1) if {p.id, p.key, p.title} & named), -1)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"the text of a block is {value!r}")
    return value

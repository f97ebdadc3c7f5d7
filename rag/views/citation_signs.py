"""What a citation can mean to a reader, and the sign and name of each meaning, on the page and in exports.

A sentence in the abstract's own words is quoted: that it is there isn't a judgement, so it gets no tick. A paper that
disagrees isn't a fault of the citation, so it doesn't look like one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.views.counts import counted

if TYPE_CHECKING:
    from rag.types import Citation, Sentence


@dataclass(frozen=True, slots=True)
class Sign:
    """One meaning: `name` for programs, `mark` to see, `label` to read, `meaning` to explain it."""

    name: str
    mark: str
    label: str
    meaning: str


QUOTED = Sign("quoted", "”", "quoted", "the abstract says so in these words")
RECORD = Sign("record", "≡", "from the record", "the paper’s record says so")
DISAGREES = Sign("disagrees", "⇄", "disagrees", "another paper, which says otherwise")
READ = Sign("read", "¶", "read", "the paper was read and isn’t cited")
STATED = Sign("stated", "¶", "stated here", "this sentence states what the table shows")
VERDICTS = {
    "supported": Sign("supported", "✓", "supported", "reworded, and the cited sentence supports it"),
    "partial": Sign("partial", "◐", "partly supported", "the cited sentence supports only part of it"),
    "contradicted": Sign("contradicted", "✕", "contradicted", "the cited sentence says otherwise"),
    "unsupported": Sign("unsupported", "!", "not supported", "the cited sentence doesn’t support it"),
    "unknown": Sign("unknown", "?", "not checked", "whether the cited sentence supports it wasn’t checked"),
}
LEGEND = (QUOTED, *VERDICTS.values(), DISAGREES)
# Those that a plain text can leave out: nothing is in doubt.
PLAIN = (QUOTED, RECORD, VERDICTS["supported"])


def sign_of(citation: Citation, text: str) -> Sign:
    """Return what a citation means for the sentence of an answer that has this text."""
    verdict = VERDICTS[citation.verdict]
    if verdict is not VERDICTS["supported"]:
        return verdict
    if citation.record:
        return RECORD
    return QUOTED if _bare(citation.quote) == _bare(text) else verdict


def pinned(sentences: Sequence[Sentence]) -> list[tuple[Citation, Sign]]:
    """Return each citation with its meaning, in the order of the text: those of a sentence, then who disagrees."""
    return [
        pin
        for sentence in sentences
        for pin in (
            *((citation, sign_of(citation, sentence.text)) for citation in sentence.citations),
            *((citation, DISAGREES) for citation in sentence.agreement.contradicting),
        )
    ]


def quotes(pins: Sequence[tuple[Citation, Sign]]) -> list[tuple[str, str]]:
    """Return the words of a paper's pins, each once, with the labels of all that they mean."""
    found: dict[str, list[str]] = {}
    for pin, sign in pins:
        labels = found.setdefault(pin.words, [])
        labels += [sign.label] if sign.label not in labels else []
    return [(words, ", ".join(labels)) for words, labels in found.items()]


def sides(sentence: Sentence) -> str:
    """Return how many papers support a contested sentence and how many disagree; empty if none does."""
    against = len({citation.number for citation in sentence.agreement.contradicting})
    if not against:
        return ""
    supporting = len(sentence.agreement.supporting)
    return f"{counted(supporting, 'paper supports', 'papers support')}, {counted(against, 'disagrees', 'disagree')}"


def doubts(sentence: Sentence) -> str:
    """Return in words what is in doubt about a sentence: "partly supported"; empty if nothing is."""
    if not sentence.citations:
        return "no source"
    signs = dict.fromkeys(sign_of(citation, sentence.text) for citation in sentence.citations)
    return ", ".join(sign.label for sign in signs if sign not in PLAIN)


def with_marks(
    sentence: Sentence,
    escaped: Callable[[str], str],
    marks: Callable[[Sequence[tuple[Citation, Sign]]], str],
    *,
    after_stop: bool = False,
) -> str:
    """Return a sentence as text that keeps its doubts and who disagrees; `marks` writes the marks of citations."""
    own = marks([(citation, sign_of(citation, sentence.text)) for citation in sentence.citations])
    doubt = f"({escaped(found)})" if (found := doubts(sentence)) else ""
    body = escaped(sentence.text.strip())
    if after_stop:
        text = " ".join(filter(None, (body + own, doubt)))
    else:
        stop = body[-1:] if body[-1:] in (".", "!", "?") and not body.endswith("..") else ""
        text = " ".join(filter(None, (body.removesuffix(stop) if stop else body, own, doubt))) + stop
    if not (counted := sides(sentence)):
        return text
    against = marks([(citation, DISAGREES) for citation in sentence.agreement.contradicting])
    return f"{text} ({escaped(counted)}: {against})"


def _bare(text: str) -> str:
    return " ".join(text.split()).rstrip(".!?…")

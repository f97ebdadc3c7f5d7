"""Sentences of scholarly prose, as offsets into the text.

A splitter of our own: the common ones break at "et al.", "Fig.", "i.i.d." and "p < .05", and lose offsets where a text
repeats itself. A sentence never starts or ends in white space; together the sentences hold every non-blank character.
"""

from __future__ import annotations

import re

from rag.types import Span

# Words that a full stop may follow inside a sentence. Compared in lower case, without the last full stop.
ABBREVIATIONS = frozenset(
    """al approx art b.c a.d c.f ca cf ch chap co corp dept dr ed eds eg e.g eq eqs eqn eqns esp est etc.\
 fig figs gen gov i.e ie i.i.d inc incl jr lab ltd max min mr mrs ms mt no nos nr op p.a ph.d phd pp prof pt refs ref\
 resp rev sec sect secs sp spp sr st subsp suppl tab univ v.s var viz vol vols vs w.r.t wrt a.k.a aka u.s u.k e.u\
 i.v s.c p.o i.p i.m b.i.d t.i.d q.d""".split()  # noqa: SIM905 - a list of quoted strings reads worse
)
# A possible end: closing punctuation, then white space or the end of the text. Only where the punctuation begins: a
# text of full stops would take time that grows with its square.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]}»]*+(?=\s|$)|[。！？]+[”’」』）]*|\n[ \t]*\n")
_REACH = 200  # characters that are looked at before an initial
_NEXT_WORD = re.compile(r"\s*+(?P<word>\S{1,40})")
_LAST_WORD = re.compile(r"[^\s(\[{\"'“‘]+$")
_INITIAL = re.compile(r"^[A-Z]$|^[A-Z](\.[A-Z])+$")
_OPENS_SENTENCE = re.compile(r"[\"'“‘(\[{«$\\]*([A-Z0-9À-ÖØ-Þ\u0370-\uffff$\\]|[a-z]+[A-Z0-9]|[a-z]-[A-Z])")


def split_sentences(text: str) -> list[Span]:
    """Split a text into sentences, in order, as spans without surrounding white space."""
    spans: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().isspace() or _ends_sentence(text, match):
            _append(spans, text, start, match.end())
            start = match.end()
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        begin = start + len(piece) - len(piece.lstrip())
        spans.append(Span(begin, begin + len(stripped)))


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    """Judge whether the punctuation at `match` closes a sentence."""
    mark = match.group()[0]
    following = _NEXT_WORD.match(text, match.end())
    if following is None or mark in "。！？":
        return True
    # "what happens?) and then": a lower-case word goes on with the sentence, whatever the mark.
    if not _OPENS_SENTENCE.match(text, following.start("word")):
        return False
    if mark != "." or match.group().startswith(".."):
        return True
    # No abbreviation is as long as this; looking further back would take time that grows with the text.
    before = _LAST_WORD.search(text, max(0, match.start() - 40), match.start())
    word = before.group() if before else ""
    if word.lower() in ABBREVIATIONS:
        return False
    # Initials ("J. Smith", "U.S. Army") go on, but "vitamin C. We" ends: an initial follows another name part.
    return not (
        _INITIAL.match(word) and _is_name_like(text[max(0, match.start() - _REACH) : match.start()], following["word"])
    )


def _is_name_like(before: str, following: str) -> bool:
    """Distinguish "by J. Smith" from "in group A. We found": a common opener usually follows a sentence's end."""
    opener = re.match(r"[A-Za-z]+", following)
    if opener and opener.group().lower() in _OPENERS:
        return False
    previous = before.rstrip().rsplit(None, 2)
    return len(previous) < 2 or previous[-2][-1:] in ".,;(&" or previous[-2].lower() in {"by", "and", "of", "from"}


_OPENERS = frozenset(
    """the this these those we our in it its here however a an as at both by for from if to using while when with
    although additionally finally furthermore moreover results there they thus yet on one such that""".split()  # noqa: SIM905
)

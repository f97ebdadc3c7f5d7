"""Windows: runs of whole sentences, each small enough to embed, so that every sentence is in at least one vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.types import Chunk, Span

# Changes whenever the windows of a text would: the catalog refuses vectors of windows made by another rule.
FINGERPRINT = "whole-sentences:256:title:1"
MAX_TOKENS = 256
# Each window repeats the title; one that would fill a window is cut, or there would be no room for the abstract.
MAX_TITLE_TOKENS = 64
SPECIAL_TOKENS = 2  # [CLS] and [SEP], which `count_tokens` includes for each text

CountTokens = Callable[[Sequence[str]], list[int]]


def chunk(
    paper_id: str, title: str, abstract: str, sentences: Sequence[Span], count_tokens: CountTokens
) -> list[Chunk]:
    """Split an abstract into windows, each with the title before it and at most `MAX_TOKENS` tokens long.

    A window holds as many sentences as fit; neighbours share at least one sentence if two fit, and the last window
    reaches back as far as it can. A sentence too long for a window is split at white space near its middle.
    """
    heading = _heading(title, count_tokens)
    room = MAX_TOKENS - (count_tokens([heading])[0] if heading else SPECIAL_TOKENS)
    pieces = [piece for s in sentences for piece in _fit(abstract, s, room, count_tokens)]
    lengths = [n - SPECIAL_TOKENS for n in count_tokens([abstract[p.start : p.end] for p in pieces])]
    chunks = []
    for number, (first, last) in enumerate(_runs(lengths, room)):
        start, end = pieces[first].start, pieces[last].end
        chunks.append(Chunk(f"{paper_id}#{number}", paper_id, start, end, f"{heading}{abstract[start:end]}"))
    return chunks


def _heading(title: str, count_tokens: CountTokens) -> str:
    """Return the title as put before each window's sentences, cut to `MAX_TITLE_TOKENS`."""
    if not title:
        return ""
    words = title.split(" ")
    while len(words) > 1 and count_tokens([" ".join(words)])[0] > MAX_TITLE_TOKENS:
        words = words[: max(1, len(words) * 3 // 4)]
    cut = " ".join(words)
    while count_tokens([cut])[0] > MAX_TITLE_TOKENS:
        cut = cut[: len(cut) // 2]
    return cut + ("\n" if cut.endswith((".", "?", "!")) else ".\n")


def _runs(lengths: Sequence[int], room: int) -> list[tuple[int, int]]:
    """Pack consecutive lengths into overlapping runs (first, last) of at most `room` in sum."""
    runs: list[tuple[int, int]] = []
    first = 0
    while first < len(lengths):
        last, total = first, lengths[first]
        while last + 1 < len(lengths) and total + lengths[last + 1] <= room:
            last += 1
            total += lengths[last]
        if last == len(lengths) - 1:
            while first > 0 and total + lengths[first - 1] <= room:
                first -= 1
                total += lengths[first]
            runs.append((first, last))
            return runs
        runs.append((first, last))
        first = last if last > first and lengths[last] + lengths[last + 1] <= room else last + 1
    return runs


def _fit(text: str, span: Span, room: int, count_tokens: CountTokens) -> list[Span]:
    """Return the span, halved as often as needed until each part fits."""
    if count_tokens([text[span.start : span.end]])[0] - SPECIAL_TOKENS <= room:
        return [span]
    middle = (span.start + span.end) // 2
    space = text.rfind(" ", span.start + 1, middle)
    cut = space if space > span.start + (span.end - span.start) // 4 else middle
    left, right = Span(span.start, cut), Span(cut + (text[cut] == " "), span.end)
    return [*_fit(text, left, room, count_tokens), *_fit(text, right, room, count_tokens)]

"""Estimate how long an add will take, before it begins."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rag import arguments, sources
from rag.errors import InputError
from rag.models.embedding import Embedder
from rag.text import windows as chunks
from rag.text.sentences import split_sentences
from rag.types import Record
from rag.views.counts import counted

# A smaller file is done before anyone has read an estimate; counting its records would only cost time.
LONG = 5_000_000  # bytes, about 3,000 abstracts
# Records sampled to see how many are stored already, and how many of the others are embedded to measure the speed.
DRAWN, MEASURED = 60, 12


def plan(files: Sequence[str], embedder: Embedder, is_stored: Callable[[Record], bool]) -> str | None:
    """Return how long adding these files will take at the speed measured now, None for a short job.

    A file that is already stored is a short job too: nothing is embedded for it, not even to measure.
    """
    paths = [arguments.path("path", file) for file in files]
    if sum(path.stat().st_size for path in paths if path.is_file()) < LONG:
        return None
    total, drawn = _draw(paths)
    new = [record for record in drawn if not is_stored(record)]
    if not new:
        return None
    windows = [_windows(record, embedder) for record in new[:MEASURED]]
    embedder.embed(windows[0][:1])  # loads the model
    began = time.perf_counter()
    embedder.embed([text for texts in windows for text in texts])
    share = len(new) / len(drawn)
    seconds = (time.perf_counter() - began) / len(windows) * share * total
    stored = "" if share == 1 else f", {1 - share:.0%} of them stored already"
    return (
        f"{counted(total, 'record')}{stored}, about {_duration(seconds)} at the speed measured now. "
        "Ctrl-C stops cleanly; continue with the same command, which embeds nothing again."
    )


def _draw(paths: Sequence[Path]) -> tuple[int, list[Record]]:
    """Count the records of these files, and sample some (reservoir sampling, Vitter 1985)."""
    chance = random.Random(0)
    total, drawn = 0, list[Record]()
    for path in paths:
        try:
            for item in sources.read(path):
                total += 1
                if not (isinstance(item, Record) and item.abstract):
                    continue
                if len(drawn) < DRAWN:
                    drawn.append(item)
                elif (place := chance.randrange(total)) < DRAWN:
                    drawn[place] = item
        except InputError:
            continue  # the add itself reports what is wrong with the file
    return total, drawn


def _windows(record: Record, embedder: Embedder) -> list[str]:
    spans = split_sentences(record.abstract)
    cut = chunks.chunk("", record.title, record.abstract, spans, embedder.count_tokens)
    return [window.text for window in cut]


def _duration(seconds: float) -> str:
    if seconds < 90 * 60:
        return f"{max(1, round(seconds / 60))} min"
    return f"{seconds / 3600:.0f} h"

"""What a long add is going to take, said before it begins."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rag import sources
from rag.errors import InputError
from rag.models.embedding import Embedder
from rag.store.sentence_vectors import embed_long
from rag.types import Record

# Smaller files are done before anyone has read a plan; counting their records would only cost time.
LONG = 5_000_000  # bytes, about 3,000 abstracts
SAMPLE = 12


def plan(files: Sequence[str], embedder: Embedder) -> str | None:
    """Return the records of these files and the time that they take at the speed measured now, None for a short job."""
    paths = [Path(file) for file in files]
    if sum(path.stat().st_size for path in paths if path.is_file()) < LONG:
        return None
    total, sample = 0, list[str]()
    for path in paths:
        try:
            for item in sources.read(path):
                total += 1
                if isinstance(item, Record) and len(sample) < SAMPLE:
                    sample.append(f"{item.title}\n{item.abstract}")
        except InputError:
            continue  # the add itself tells what is wrong with the file
    if not sample:
        return None
    embed_long(embedder, sample[:1])  # loads the model
    began = time.perf_counter()
    embed_long(embedder, sample)
    seconds = (time.perf_counter() - began) / len(sample) * total
    return (
        f"{total:,} records, about {_told(seconds)} at the speed measured now; what is stored already is not embedded "
        "again. Ctrl-C stops cleanly: continue with the same command."
    )


def _told(seconds: float) -> str:
    if seconds < 90 * 60:
        return f"{max(1, round(seconds / 60))} min"
    return f"{seconds / 3600:.0f} h"

"""`texts`, and `add --vectors`: export texts for embedding elsewhere, and read the vectors back."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from rag.commands.output import whole_file
from rag.commands.progress_bar import progress_bar
from rag.errors import InputError
from rag.views.counts import counted

if TYPE_CHECKING:
    from rag.library import Library
    from rag.models.embedding import Embedder
    from rag.models.precomputed import Given, MissingVectorsError


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `add` and `texts` share."""
    parser.add_argument(
        "--vectors", metavar="FILE", type=Path, action="append", default=[],
        help="vectors made elsewhere for the texts from `pincite texts`: .jsonl, or .npy with .keys next to it",
    )  # fmt: skip


def given(options: argparse.Namespace, embedder: Embedder) -> Given | None:
    """Return the embedder that reads its vectors from the named files, None without any."""
    embed_missing = bool(getattr(options, "embed_missing", False))
    if not options.vectors:
        if embed_missing:
            raise InputError("--embed-missing needs --vectors FILE: name the files with your vectors")
        return None
    from rag.models.precomputed import Given
    from rag.models.vector_files import read_vectors

    return Given(embedder, [read_vectors(path, embedder) for path in options.vectors], embed_missing=embed_missing)


def write_texts(library: Library, files: list[str], known: Given | None, output: Path | None) -> tuple[int, int]:
    """Write each text to embed as a line {"key", "text"}; return how many, and how many `known` already holds."""
    from rag.models.precomputed import key_of

    written, left_out = 0, 0
    with nullcontext(sys.stdout) if output is None else whole_file(output) as lines:

        def take(text: str) -> None:
            nonlocal written, left_out
            if known is not None and known.holds(text):
                left_out += 1
                return
            written += 1
            lines.write(json.dumps({"key": key_of(text), "text": text}) + "\n")

        with progress_bar("reading") as progress:
            library.texts(*files, take=take, progress=progress)
    return written, left_out


def with_count(error: MissingVectorsError, library: Library, files: list[str], known: Given) -> InputError:
    """Return the error for texts without a vector, with their number over all files."""
    missing = 0

    def take(text: str) -> None:
        nonlocal missing
        missing += not known.holds(text)

    library.texts(*files, take=take)
    return InputError(
        f"{counted(missing, 'text has', 'texts have')} no vector, such as "
        f"{error.texts[0][:60]!r}: write them with `pincite texts FILE… --vectors VECTORS -o missing.jsonl`, embed "
        "them too and name both vector files, or let this machine embed them with --embed-missing. What was added so "
        "far stays"
    )

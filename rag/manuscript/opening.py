"""From a file to a manuscript, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag.errors import SourceError
from rag.manuscript import markdown, plain_text, tex
from rag.manuscript.passages import Manuscript
from rag.sources.decoding import documents, prepare
from rag.text.runs import without_long_runs

LARGEST = 5_000_000  # bytes; a book has two million
WORD = ".docx"
_READERS: dict[str, Callable[[str, str], Manuscript]] = {
    ".md": markdown.read, ".markdown": markdown.read, ".qmd": markdown.read, ".rmd": markdown.read,
    ".tex": tex.read, ".latex": tex.read, ".ltx": tex.read, ".txt": plain_text.read, ".text": plain_text.read,
}  # fmt: skip
ENDINGS = (*_READERS, WORD)


def open_manuscript(path: Path) -> Manuscript:
    """Read a manuscript. Raises `SourceError` for a file that can't be read as one."""
    suffix = path.suffix.lower()
    if suffix not in ENDINGS:
        raise SourceError(path, f"a manuscript ends in {', '.join(ENDINGS)}: save it as one of them")
    if path.is_file() and path.stat().st_size > LARGEST:
        raise SourceError(path, f"has more than {LARGEST:,} bytes: no manuscript does")
    if suffix == WORD:
        from rag.manuscript import word

        return word.read(path)
    return _READERS[suffix](str(path), _text(path))


def _text(path: Path) -> str:
    try:
        document = next(iter(documents(path)))
        prepare(document)
        return without_long_runs("".join(f"{line.text}\n" for line in document.lines()))
    except OSError as error:
        raise SourceError(path, f"can't be read: {error.strerror or error}") from error

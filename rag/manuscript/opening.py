"""From a file to a manuscript, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rag.errors import SourceError
from rag.manuscript import markdown, plain_text, tex
from rag.manuscript.passages import Manuscript, ManuscriptSentence, Paragraph
from rag.manuscript.unread import with_uncited
from rag.sources.decoding import documents, prepare
from rag.text.runs import without_long_runs

LARGEST = 5_000_000  # bytes; a book has two million
WORD = ".docx"
_READERS: dict[str, Callable[[str, str], Manuscript]] = {
    ".md": markdown.read, ".markdown": markdown.read, ".qmd": markdown.read, ".rmd": markdown.read,
    ".tex": tex.read, ".latex": tex.read, ".ltx": tex.read, ".txt": plain_text.read, ".text": plain_text.read,
}  # fmt: skip
ENDINGS = (*_READERS, WORD)


MOST_INCLUDED = 100  # files; a thesis has thirty


def open_manuscript(path: Path, *, included: bool = False) -> Manuscript:
    """Read a manuscript. Raises `SourceError` for a file that can't be read as one.

    With `included` the files that it includes are read as well, those in its own folder alone: a manuscript may be
    from someone else.
    """
    found = _opened(path)
    if not included:
        notes = (f"{name}: included, and not read here: check it on its own" for _, name in found.included)
        return replace(found, notes=(*found.notes, *notes))
    return _with_uncited(_Included(path.parent).joined(found))


def _with_uncited(manuscript: Manuscript) -> Manuscript:
    return replace(manuscript, notes=with_uncited(manuscript))


def with_references(manuscript: Manuscript) -> tuple[Manuscript, list[Path]]:
    """Return the files of references that a manuscript names, and the manuscript with a note of those left unread.

    Only files in its own folder are read, as with what it includes: the manuscript may be from someone else, and the
    report may go back to them.
    """
    folder = Path(manuscript.file).parent
    files, notes = list[Path](), list[str]()
    for name in manuscript.bibliography:
        try:
            if _within(folder, name).is_file():
                files.append(folder / name)
        except SourceError as error:
            notes.append(f"{name[:200]}: named, and not read: {error.reason}; if it is yours, name it with --bib")
    return replace(manuscript, notes=(*manuscript.notes, *notes)), files


def _within(folder: Path, name: str) -> Path:
    """Return where a name leads. Raises `SourceError` if that is out of the folder, whether or not there is a file."""
    try:
        place = (folder / name).resolve()
        place.is_file()
    except (OSError, ValueError) as error:  # too long, or with a NUL in it
        raise SourceError(name[:200], "no file can have this name") from error
    if not place.is_relative_to(folder.resolve()):
        raise SourceError(name, "it isn't in the manuscript's folder")
    return place


class _Included:
    """Joins a manuscript with the files that it includes, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._left = LARGEST
        self._seen: set[Path] = set()

    def joined(self, manuscript: Manuscript, name: str = "") -> Manuscript:
        """Return a manuscript with what it includes in its place; `name` is that of its own file, if it is included."""
        parts, rest, notes = list[Manuscript](), manuscript, list[str]()
        for offset, inner in manuscript.included:
            before, rest = _split(rest, offset)
            try:
                parts += [_named(before, name), self._read(inner)]
            except SourceError as error:
                parts.append(_named(before, name))
                notes.append(f"{inner}: included, and not read: {error.reason}")
        parts.append(_named(rest, name))
        return _together(manuscript, parts, notes)

    def _read(self, name: str) -> Manuscript:
        file = self._folder / (name if Path(name).suffix.lower() in _READERS else f"{name}.tex")
        place = _within(self._folder, str(file))
        if place in self._seen or len(self._seen) == MOST_INCLUDED:
            raise SourceError(file, "it was included before" if place in self._seen else "too many files are included")
        if not place.is_file():
            raise SourceError(file, "no such file")
        self._seen.add(place)
        self._left -= place.stat().st_size
        if self._left < 0:
            raise SourceError(file, f"the included files have more than {LARGEST:,} bytes")
        return self.joined(_opened(place), place.relative_to(self._folder).as_posix())


def _split(manuscript: Manuscript, offset: int) -> tuple[Manuscript, Manuscript]:
    """Return what is before an offset of the file, and what is after it."""
    before = tuple(paragraph for paragraph in manuscript.paragraphs if paragraph.start < offset)
    numbers = {paragraph.number for paragraph in before}
    return (
        replace(
            manuscript, paragraphs=before, passages=tuple(p for p in manuscript.passages if p.paragraph in numbers)
        ),
        replace(
            manuscript,
            paragraphs=manuscript.paragraphs[len(before) :],
            passages=tuple(p for p in manuscript.passages if p.paragraph not in numbers),
        ),
    )


def _named(manuscript: Manuscript, name: str) -> Manuscript:
    return replace(manuscript, passages=tuple(replace(one, file=one.file or name) for one in manuscript.passages))


def _together(manuscript: Manuscript, parts: Sequence[Manuscript], notes: Sequence[str]) -> Manuscript:
    """Return parts as one manuscript, its paragraphs numbered through."""
    paragraphs, passages = list[Paragraph](), list[ManuscriptSentence]()
    for part in parts:
        numbers = {one.number: len(paragraphs) + at for at, one in enumerate(part.paragraphs, 1)}
        paragraphs += [replace(one, number=numbers[one.number]) for one in part.paragraphs]
        passages += [replace(one, paragraph=numbers[one.paragraph]) for one in part.passages]
    return replace(
        manuscript,
        paragraphs=tuple(paragraphs),
        passages=tuple(passages),
        references={key: entry for part in parts for key, entry in part.references.items()},
        bibliography=tuple(dict.fromkeys(name for part in parts for name in part.bibliography)),
        included=(),
        notes=tuple(dict.fromkeys((*manuscript.notes, *notes, *(note for part in parts for note in part.notes)))),
    )


def _opened(path: Path) -> Manuscript:
    suffix = path.suffix.lower()
    if suffix not in ENDINGS:
        raise SourceError(path, f"a manuscript ends in {', '.join(ENDINGS)}: save it as one of them")
    if path.is_file() and path.stat().st_size > LARGEST:
        raise SourceError(path, f"has more than {LARGEST:,} bytes, too many for a manuscript")
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

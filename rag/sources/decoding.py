"""Files to text: compression, archives and encodings, line by line, so that a file of any size fits in memory."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, cast

from rag.errors import SourceError

HEAD = 64_000  # characters that a format is recognised by
CHUNK = 1 << 20  # bytes read at a time
MAX_LINE = 20_000_000  # bytes; no abstract is nearly as long, and a broken file must not fill the memory
MAX_UNPACKED = 8 << 30  # bytes of one compressed file
MAX_RATIO = 200  # unpacked to packed; text compresses about 4 times, a bomb 1000 times
MAX_MEMBERS = 10_000

_NOT_TEXT = (
    (b"%PDF", "a PDF: pincite reads exports with abstracts (BibTeX, RIS, CSV, JSON …), not papers themselves"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file: save it as CSV"),
    (b"SQLite format 3", "a SQLite database: export its records as BibTeX, RIS, CSV or JSON"),
    (b"PK\x03\x04", "an archive inside an archive: unpack it first"),
    (b"\x1f\x8b", "a packed file inside a packed file: unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"BZh", "packed with bzip2: unpack it first"),
    (b"\xfd7zXZ", "packed with xz: unpack it first"),
    (b"(\xb5/\xfd", "packed with zstd: unpack it first"),
)


_MARKS = "\ufeff\u200b\u2060"  # byte order marks and zero-width characters, which editors leave at the beginning
# What reading a packed file raises where it is cut or altered.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile)


class Line(NamedTuple):
    """A line without its end, and its 1-based number."""

    number: int
    text: str


@dataclass
class Document:
    """One text file, or one member of an archive. `name` is what the user gave, member appended.

    It can be opened again and again. `overlong` collects the numbers of lines over MAX_LINE: `lines` leaves them out.
    `encoding` and `head` are set by `prepare`. `flaw` is the reason why it must not be opened.
    """

    name: str
    suffix: str
    open: Callable[[], IO[bytes]]
    encoding: str = "utf-8"
    head: str = ""
    overlong: list[int] = field(default_factory=list)
    member: bool = False
    flaw: str = ""
    preamble: int = 0  # lines above the records, which `lines` leaves out
    rewrite: Callable[[str], str] | None = None  # how `lines` writes each line that it gives
    spaced: bool = False  # whether `lines` leaves out every other line, all of which are empty

    def lines(self) -> Iterator[Line]:
        """Yield the lines, whatever ends them (LF, CRLF, CR), without a byte order mark."""
        self.overlong.clear()
        with self.open() as stream:
            plain = self.encoding == "utf-8"
            lines = _utf8_lines(stream) if plain else _wide_lines(stream, self.encoding)
            for number, text in enumerate(lines, start=1):
                if number <= self.preamble or (self.spaced and number % 2 == 0):
                    continue
                if text is None:
                    self.overlong.append(number)
                    continue
                text = text.lstrip(_MARKS) if text[:1] in _MARKS else text  # also of files put together
                yield Line(number, self.rewrite(text) if self.rewrite else text)

    def chunks(self) -> Iterator[str]:
        """Yield the text in pieces of about a million characters, for formats without meaningful lines."""
        decoder = codecs.getincrementaldecoder(self.encoding)(FALLBACK)
        with self.open() as stream:
            first = True
            while data := stream.read(CHUNK):
                text = decoder.decode(data).replace("\ufeff", "")
                yield text.lstrip(_MARKS) if first else text
                first = False
            yield decoder.decode(b"", final=True)


def documents(path: Path | str) -> Iterator[Document]:
    """Yield what a path holds, not yet looked into: the file itself, what it unpacks to, or an archive's members.

    Raises SourceError if the file doesn't exist, OSError and those of DAMAGED if it can't be read.
    """
    name = str(path)
    path = Path(path)
    if path.is_dir():
        raise SourceError(name, "this is a folder: name the files in it")
    if not path.exists():
        raise SourceError(name, "no such file: check the path")
    if not path.is_file():  # each read would take the next part of a pipe, and a device may have no end
        raise SourceError(name, "this is a pipe or a device: save it as a file, or use `pincite add -`")
    with path.open("rb") as stream:
        magic = stream.read(8)
    if not magic:
        raise SourceError(name, "the file is empty: export it again")
    if magic.startswith(b"PK\x03\x04"):
        yield from _zip_members(name, path)
    elif magic.startswith(b"\x1f\x8b"):
        yield _gunzipped(name, path)
    else:
        yield Document(name, path.suffix.lower(), lambda: path.open("rb"))


def prepare(document: Document) -> None:
    """Detect the encoding and read the head; raise SourceError for anything but text."""
    if document.flaw:
        raise SourceError(document.name, document.flaw)
    with document.open() as stream:
        head = stream.read(4 * HEAD)
    for magic, what in _NOT_TEXT:
        if head.startswith(magic):
            raise SourceError(document.name, f"this is {what}")
    document.encoding = _encoding(head)
    text = codecs.getincrementaldecoder(document.encoding)(FALLBACK).decode(head)
    document.head = text.replace("\ufeff", "").lstrip(_MARKS)[:HEAD]
    if not document.head.strip("\0 \t\r\n\f\v"):
        raise SourceError(document.name, "the file is empty: export it again")
    if _looks_binary(document.head):
        raise SourceError(document.name, "this is a binary file: export as BibTeX, RIS, CSV or JSON instead")


def _from_windows(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that aren't UTF-8 as Windows-1252, which holds all of Latin-1's letters: files mix the two."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.encoding != "utf-8":
        return "\ufffd", error.end
    stray = error.object[error.start : error.end]
    return stray.decode("latin-1" if stray in b"\x81\x8d\x8f\x90\x9d" else "cp1252", "replace"), error.end


FALLBACK = "pincite-windows-1252"
codecs.register_error(FALLBACK, _from_windows)


def _encoding(head: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return encoding
    # Without a mark, UTF-16 shows by the zero byte in every second place of its ASCII letters.
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    if max(even, odd) > len(head[:2000]) // 8 and min(even, odd) * 8 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return _declared(head) or "utf-8"


def _declared(head: bytes) -> str | None:
    """Return the encoding that an XML declaration or a web page names, where it is one of single or double bytes."""
    match = re.match(rb"\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)[\"']", head) or re.match(
        rb"\s*<(?:!doctype|html|head)\b.{0,4000}?<meta\b[^<>]*\bcharset\s*=\s*[\"']?([\w.-]+)", head, re.I | re.S
    )
    try:
        name = codecs.lookup(match.group(1).decode("ascii")).name if match else "utf-8"
    except (LookupError, UnicodeDecodeError):
        return None
    # Latin-1 and ASCII are read as UTF-8 with Windows-1252 for the rest: declarations of these are often untrue.
    return name if re.match(r"cp125[1-8]|gb|big5|shift|euc|koi8|iso8859-(?!1$)", name) else None


def _looks_binary(head: str) -> bool:
    controls = sum(
        1 for c in head[:8000] if (c < " " and c not in "\t\n\r\f\v\x1a\x1b\x1c\x1d\x1e\x1f") or c == "\ufffd"
    )
    return controls > len(head[:8000]) // 50


def _utf8_lines(stream: IO[bytes]) -> Iterator[str | None]:
    """Yield lines; None for a line that is too long."""
    rest = b""
    skipping = False
    while chunk := stream.read(CHUNK):
        if chunk.endswith(b"\r"):  # CR or half of CRLF: the next byte decides
            chunk += stream.read(1)
        pieces = (rest + chunk).splitlines(keepends=True)
        rest = b"" if pieces[-1].endswith((b"\n", b"\r")) else pieces.pop()
        for piece in pieces:
            yield None if skipping or len(piece) > MAX_LINE else piece.rstrip(b"\r\n").decode("utf-8", FALLBACK)
            skipping = False
        if len(rest) > MAX_LINE:
            rest, skipping = b"", True
    if rest or skipping:
        yield None if skipping else rest.decode("utf-8", FALLBACK)


def _wide_lines(stream: IO[bytes], encoding: str) -> Iterator[str | None]:
    """Yield lines of another encoding, such as UTF-16; None for a line that is too long."""
    with io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=None) as wide:
        while line := wide.readline(MAX_LINE + 1):
            if len(line) <= MAX_LINE:
                yield line.rstrip("\n")
                continue
            while line and not line.endswith("\n"):
                line = wide.readline(MAX_LINE)
            yield None


class _Limited(io.RawIOBase):
    """A stream that refuses to unpack to more than is plausible: a bomb unpacks a thousandfold."""

    def __init__(self, stream: IO[bytes], name: str, packed: int) -> None:
        self._stream = stream
        self._name = name
        self._left = min(MAX_UNPACKED, max(packed * MAX_RATIO, 64 << 20))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type] # typeshed has no name for the buffer of readinto
        chunk = self._stream.read(len(view))
        self._left -= len(chunk)
        if self._left < 0:
            raise SourceError(self._name, "unpacks to suspiciously much data: unpack it yourself and check it")
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _gunzipped(name: str, path: Path) -> Document:
    packed = path.stat().st_size
    suffix = PurePosixPath(path.stem).suffix.lower()

    def unpack() -> IO[bytes]:
        return io.BufferedReader(_Limited(cast("IO[bytes]", gzip.open(path, "rb")), name, packed), CHUNK)

    return Document(name, suffix, unpack)


def _zip_members(name: str, path: Path) -> Iterator[Document]:
    """Yield the members of an archive that are text, in its order; nothing is ever written to disk."""
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not _is_litter(m.filename)]
        if any(m.filename in ("[Content_Types].xml", "mimetype") for m in members):
            raise SourceError(name, "this is an office document: save it as CSV")
        if not members:
            raise SourceError(name, "the archive is empty: pack it again")
        if len(members) > MAX_MEMBERS:
            raise SourceError(name, f"the archive holds {len(members)} files, more than {MAX_MEMBERS}: unpack it first")
        for member in members:
            yield _member(archive, member, f"{name}/{member.filename}")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Document:
    def unpack() -> IO[bytes]:
        try:
            return io.BufferedReader(_Limited(archive.open(member), name, member.compress_size), CHUNK)
        except NotImplementedError as error:
            raise SourceError(name, "uses an unsupported compression: unpack it first") from error

    path = PurePosixPath(member.filename)
    flaw = ""
    if member.flag_bits & 0x1:
        flaw = "is locked with a password: unpack it first"
    elif path.is_absolute() or ".." in path.parts:
        flaw = "points outside its archive: unpack it yourself and check it"
    return Document(name, path.suffix.lower(), unpack, member=True, flaw=flaw)


def _is_litter(filename: str) -> bool:
    """Recognise what file managers add on their own: `__MACOSX/`, `.DS_Store`, `Thumbs.db`."""
    parts = PurePosixPath(filename).parts
    return not parts or "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1] == "Thumbs.db"

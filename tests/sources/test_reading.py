"""Encodings, compression, archives, and files that hold no papers."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from rag.errors import SourceError
from rag.sources import read
from rag.types import Record

TEXT = "title,abstract\nMoths à la carte – “dusk”,Scent leads them to the café.\n"


def pack(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(TEXT.encode(encoding))
    (record,) = read(path)
    assert isinstance(record, Record)
    assert record.title == "Moths à la carte – “dusk”"
    assert record.abstract == "Scent leads them to the café."


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(TEXT.replace("\n", end).encode())
    (record,) = read(path)
    assert record.title == "Moths à la carte – “dusk”"
    assert isinstance(record, Record)
    assert record.origin.line == 2


def test_gzip_and_zip(tmp_path: Path) -> None:
    packed, archive = tmp_path / "mine.csv.gz", tmp_path / "export.zip"
    packed.write_bytes(gzip.compress(TEXT.encode()))
    line = json.dumps({"title": "Kelp", "abstract": "Buried."}).encode()
    archive.write_bytes(pack({"a/one.csv": TEXT.encode(), "__MACOSX/._one.csv": b"\0\1", "two.jsonl": line}))
    (record,) = read(packed)
    assert isinstance(record, Record)
    assert record.origin.file == str(packed)
    assert [item.origin.file for item in read(archive) if isinstance(item, Record)] == [
        f"{archive}/a/one.csv",
        f"{archive}/two.jsonl",
    ]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("blank.csv", b"\xef\xbb\xbf \r\n\n", "the file is empty"),
        ("scan.pdf", b"%PDF-1.7\n...", "a PDF"),
        ("photo.txt", bytes(range(256)) * 40, "a binary file"),
        ("bomb.csv.gz", gzip.compress(b"title,abstract\n" + b"a" * (200 << 20)), "far more than it should"),
        ("cut.csv.gz", gzip.compress(TEXT.encode() * 400)[:40], "the packed file is damaged"),
        ("nested.zip", pack({"inner.zip": pack({"a.csv": TEXT.encode()})}), "an archive inside an archive"),
        ("climbs.zip", pack({"../../etc/passwd": TEXT.encode()}), "points outside its archive"),
        ("paper.docx", pack({"[Content_Types].xml": b"<x/>"}), "an office document"),
        ("cut.zip", pack({"a.csv": TEXT.encode()})[:60], "the packed file is damaged"),
    ],
)
def test_files_that_hold_no_papers(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SourceError, match=message) as caught:
        list(read(path))
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_no_such_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        list(read(tmp_path / "absent.bib"))
    with pytest.raises(SourceError, match="this is a folder"):
        list(read(tmp_path))

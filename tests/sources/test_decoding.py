"""Encodings, compression, archives, and files that hold no papers."""

import gzip
import io
import json
import os
import random
import tracemalloc
import zipfile
from pathlib import Path

import pytest

import rag.sources
from rag.errors import SourceError
from rag.sources import decoding, jsonfile, read
from rag.types import Record, Rejection

TEXT = "title,abstract\nMoths à la carte – “dusk”,Scent leads them to the café.\n"


def pack(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def locked(archive: bytes) -> bytes:
    """Set the flag of encryption in both headers of a one-member archive."""
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = archive.index(mark) + offset
        archive = archive[:at] + bytes([archive[at] | 1]) + archive[at + 1 :]
    return archive


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
        ("bomb.csv.gz", gzip.compress(b"title,abstract\n" + b"a" * (200 << 20)), "suspiciously much data"),
        ("cut.csv.gz", gzip.compress(TEXT.encode() * 400)[:40], "the compressed file is damaged"),
        ("locked.zip", locked(pack({"a.csv": TEXT.encode()})), "is locked with a password"),
        ("nested.zip", pack({"inner.zip": pack({"a.csv": TEXT.encode()})}), "an archive inside an archive"),
        ("climbs.zip", pack({"../../etc/passwd": TEXT.encode()}), "points outside its archive"),
        ("paper.docx", pack({"[Content_Types].xml": b"<x/>"}), "an office document"),
        ("cut.zip", pack({"a.csv": TEXT.encode()})[:60], "the compressed file is damaged"),
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


def test_a_pipe_or_a_device_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "papers.bib")
    for place in (tmp_path / "papers.bib", Path("/dev/zero")):
        with pytest.raises(SourceError, match="a pipe or a device"):
            list(read(place))


def test_one_bad_member_of_an_archive_stops_no_other(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(pack({"scan.pdf": b"%PDF-1.7", "../up.csv": TEXT.encode(), "good.csv": TEXT.encode()}))
    record, *rejections = read(path)
    assert isinstance(record, Record)
    assert record.origin.file == f"{path}/good.csv"
    assert [item.file for item in rejections if isinstance(item, Rejection)] == [
        f"{path}/scan.pdf",
        f"{path}/../up.csv",
    ]


def test_a_gzip_that_is_cut_late_keeps_what_was_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "CHUNK", 1 << 16)
    rows = "".join(f"Paper {n},{random.Random(n).random()} is the text.\n" for n in range(20_000))
    path = tmp_path / "big.csv.gz"
    path.write_bytes(gzip.compress(f"title,abstract\n{rows}".encode())[:-20_000])
    records = read(path)
    assert next(records).title == "Paper 0"
    with pytest.raises(SourceError, match="the compressed file is damaged"):
        list(records)


def test_a_giant_first_line_is_named_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (decoding, jsonfile, rag.sources):
        monkeypatch.setattr(module, "MAX_LINE", 2_000_000)
    good = json.dumps({"title": "Good", "abstract": "Text."})
    path = tmp_path / "giant.jsonl"
    path.write_text('{"title": "' + "x" * 5_000_000 + '"}' + f"\n{good}\n{good}\n")
    rejection, *records = read(path)
    assert isinstance(rejection, Rejection)
    assert (rejection.line, rejection.reason) == (
        1,
        "larger than 2,000,000 characters, too long for a record: remove it",
    )
    assert [item.origin.line for item in records if isinstance(item, Record)] == [2, 3]


@pytest.mark.parametrize("shape", ["jsonl", "json", "csv", "bibtex", "ris", "pubmed"])
def test_a_file_is_read_in_the_memory_of_a_few_records(
    tmp_path: Path, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read piece by piece, so that a file of gigabytes needs no more memory than a small one."""
    monkeypatch.setattr(decoding, "CHUNK", 1 << 16)
    record = {
        "jsonl": '{"title": "T", "abstract": "%s"}\n',
        "json": '{"title": "T", "abstract": "%s"},\n',
        "csv": "T,%s\n",
        "bibtex": "@article{k, title={T}, abstract={%s}}\n",
        "ris": "TY  - JOUR\nTI  - T\nAB  - %s\nER  - \n",
        "pubmed": "<PubmedArticle><ArticleTitle>T</ArticleTitle><Abstract><AbstractText>%s</AbstractText></Abstract>"
        "</PubmedArticle>\n",
    }[shape] % ("A sentence of an abstract. " * 60)
    begin = {"json": "[", "csv": "title,abstract\n", "pubmed": "<PubmedArticleSet>"}.get(shape, "")
    end = {"json": '{"title": "T", "abstract": "x"}]', "pubmed": "</PubmedArticleSet>"}.get(shape, "")
    path = tmp_path / "many"
    path.write_text(begin + record * 1_000 + end)
    assert path.stat().st_size > 1_600_000
    tracemalloc.start()
    count = sum(1 for _ in read(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count >= 1_000
    assert peak < 800_000


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("long.jsonl", '{"title": "%s"}', 1),
        ("long.csv", "title,abstract\nT,%s\n", 2),
        ("long.bib", "@misc{k,\ntitle={%s}}", 2),
    ],
)
def test_a_file_with_nothing_but_a_giant_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, line: int
) -> None:
    for module in (decoding, jsonfile, rag.sources):
        monkeypatch.setattr(module, "MAX_LINE", 2_000_000)
    path = tmp_path / name
    path.write_text(text % ("x" * 5_000_000))
    with pytest.raises(SourceError, match="than 2,000,000") as caught:
        list(read(path))
    assert caught.value.line == line

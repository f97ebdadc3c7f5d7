"""Plain JSON Lines and CSV: the files that people write themselves."""

import json
from pathlib import Path

import pytest

from rag.errors import SourceError
from rag.sources import decoding, read
from rag.types import Record, Rejection

FULL = {
    "id": "moth20", "title": "How moths find flowers", "abstract": "Scent leads them.",
    "authors": ["Ada Fell", "Bo Ng"],
    "year": 2020, "venue": "Dusk", "doi": "https://doi.org/10.1234/MOTH.5", "arxiv_id": "arXiv:2001.01234v2",
    "url": "https://example.org/moth",
}  # fmt: skip


def only(path: Path) -> Record:
    (record,) = read(path)
    assert isinstance(record, Record)
    return record


def test_jsonl_fields(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(FULL) + "\n", encoding="utf-8")
    record = only(path)
    assert record.title == "How moths find flowers"
    assert record.abstract == "Scent leads them."
    assert record.authors == ("Ada Fell", "Bo Ng")
    assert (record.year, record.venue, record.doi) == (2020, "Dusk", "10.1234/moth.5")
    assert (record.arxiv_id, record.url) == ("2001.01234", "https://example.org/moth")
    assert (record.origin.file, record.origin.position, record.origin.line) == (str(path), 1, 1)
    assert (record.origin.key, record.origin.format) == ("moth20", "jsonl")


def test_one_bad_line_of_jsonl_stops_no_other(tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    good = json.dumps({"title": "Good", "abstract": "Text."})
    path.write_text(
        f'{good}\nnot json\n[1]\n{{"title": "No text"}}\n{{"abstract": "Nameless."}}\n\n'
        f'{{"title": NaN}}\n{good}\n{{"title": "Cu'
    )
    found = list(read(path))
    assert [type(item) for item in found] == [Record] + [Rejection] * 5 + [Record, Rejection]
    rejections = [item for item in found if isinstance(item, Rejection)]
    assert [rejection.line for rejection in rejections] == [2, 3, 4, 5, 7, 9]
    assert rejections[2].reason.startswith("no abstract")
    assert rejections[2].title == "No text"
    assert rejections[3].reason.startswith("no title")
    assert [item.origin.position for item in found if isinstance(item, Record)] == [1, 7]


def test_csv_with_quoted_lines_and_rows_of_other_lengths(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(
        "\ufeffTitle,Abstract,ID,Authors,Year\r\n"
        '"Moths, at dusk","First line.\r\nSecond ""quoted"" line.",m1,"Fell, A.; Ng, B.",2020\r\n'
        "Short row\r\n"
        "Kelp,Buried,k1,Ada Fell,2021,and,more\r\n"
        "\r\n"
        "Marsh,Grows.,s1,,2019\r\n".encode()
    )
    moths, short, long, marsh = read(path)
    assert isinstance(moths, Record)
    assert (moths.title, moths.abstract) == ("Moths, at dusk", 'First line. Second "quoted" line.')
    assert (moths.authors, moths.origin.key, moths.origin.line) == (("Fell, A.", "Ng, B."), "m1", 2)
    assert isinstance(short, Rejection)
    assert short.reason.startswith("no abstract")
    assert short.line == 4
    assert isinstance(long, Rejection)
    assert "7 fields under 5 columns" in long.reason
    assert isinstance(marsh, Record)
    assert marsh.origin.line == 7


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(delimiter.join(["title", "abstract"]) + "\n" + delimiter.join(["Moths, a study", "Dusk."]) + "\n")
    assert only(path).title == "Moths, a study"


def test_csv_without_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("name,price\nmilk,3\n")
    with pytest.raises(SourceError, match=r"prices.csv:1: no column named title and none named abstract: name it"):
        list(read(path))


def test_a_line_over_the_limit_is_named_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_LINE", 5_000_000)
    path = tmp_path / "long.jsonl"
    good = json.dumps({"title": "Good", "abstract": "Text."})
    path.write_text(f"{good}\n" + '{"title": "' + "x" * 7_000_000 + '"}' + f"\n{good}\n")
    found = list(read(path))
    assert [type(item) for item in found] == [Record, Record, Rejection]
    assert isinstance(found[2], Rejection)
    assert found[2].line == 2

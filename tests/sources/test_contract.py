"""One contract over all formats: the same papers in, the same records out."""

import gzip
from pathlib import Path

import pytest
from source_samples import ABSTRACT, ALONE, KELP, KELP_ABSTRACT, SAMPLES, TITLE

from rag.sources import read
from rag.types import Record, Rejection


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> tuple[str, str, bool]:
    return SAMPLES[request.param]


def test_every_format_gives_the_same_record(sample: tuple[str, str, bool], tmp_path: Path) -> None:
    format_name, text, keys = sample
    path = tmp_path / "a name that tells nothing"
    path.write_text(text, encoding="utf-8")
    moths, alone, kelp = read(path)

    assert isinstance(moths, Record)
    assert moths.title == TITLE
    assert moths.abstract == ABSTRACT
    assert moths.authors == ("Fell, Ada", "Éco, Béla")
    assert moths.year == 2020
    assert (moths.published or "2020").startswith("2020")
    assert (moths.venue or "").lower() == "journal of dusk"
    assert moths.doi == "10.1234/moth.5"
    assert moths.arxiv_id in (None, "2001.01234")
    assert moths.origin.file == str(path)
    assert moths.origin.format == format_name
    assert not moths.notices
    assert not moths.sections

    assert isinstance(alone, Rejection)
    assert alone.reason.startswith("no abstract")
    assert (alone.file, alone.title) == (str(path), ALONE)

    assert isinstance(kelp, Record)
    assert (kelp.title, kelp.abstract, kelp.year) == (KELP, KELP_ABSTRACT, 2021)
    assert (moths.origin.position, kelp.origin.position) == (1, 3)
    lines = [moths.origin.line, alone.line, kelp.origin.line]
    assert lines == sorted(line for line in lines if line)
    if keys:
        assert [moths.origin.key, kelp.origin.key] == ["moth20", "kelp21"]


@pytest.mark.parametrize("change", ["crlf", "utf-16", "bom", "gzip", "latin-1"])
def test_every_format_in_every_wrapping(sample: tuple[str, str, bool], tmp_path: Path, change: str) -> None:
    text = sample[1].removeprefix("\ufeff").replace("\r\n", "\n")
    text = text.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"') if change == "latin-1" else text
    data = {
        "crlf": text.replace("\n", "\r\n").encode(),
        "utf-16": text.encode("utf-16"),
        "bom": b"\xef\xbb\xbf" + text.encode(),
        "gzip": gzip.compress(text.encode()),
        "latin-1": text.encode("latin-1"),
    }[change]
    path = tmp_path / "export"
    path.write_bytes(data)
    assert [(item.title, getattr(item, "abstract", None)) for item in read(path)] == [
        (TITLE, ABSTRACT), (ALONE, None), (KELP, KELP_ABSTRACT),
    ]  # fmt: skip

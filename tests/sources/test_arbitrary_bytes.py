"""Whatever the bytes: records, rejections or the one typed error, and every record can be stored."""

import json
import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from source_samples import SAMPLES

from rag.errors import SourceError
from rag.sources import read
from rag.types import Record, Rejection

# 25 inputs a format in the default run, 2,000 in `make check`, 20,000 in `make soak`.
INPUTS = {"check": 2000, "soak": 20_000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 25)
quickly = settings(max_examples=INPUTS, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
UGLY = [
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"{",
    b"}",
    b'"',
    b"\\",
    b"<",
    b"&",
    b"@",
    b",",
    b"\r",
    b"\n\n",
    b"ER  -",
    b"]",
    b"]]>",
]

PIECES = st.sampled_from([b"", *UGLY]) | st.binary(max_size=8)


def read_all(data: bytes) -> list[Record | Rejection]:
    with tempfile.TemporaryDirectory() as folder:
        return read_from(Path(folder) / "input", data)


def read_from(path: Path, data: bytes) -> list[Record | Rejection]:
    path.write_bytes(data)
    try:
        return list(read(path))
    except SourceError as error:
        refused = error
    message = str(refused)
    assert refused.reason
    assert message.startswith(str(path))
    assert "\n" not in message
    return []


def check(found: list[Record | Rejection]) -> None:
    for item in found:
        if isinstance(item, Record):
            assert item.title
            assert item.abstract
            json.dumps([item.title, item.abstract, *item.authors]).encode()
            f"{item.title}{item.abstract}{item.venue}{item.authors}{item.url}{item.origin.key}".encode()
            assert item.year is None or 1500 <= item.year < 2100
            for section in item.sections:
                assert 0 <= section.start <= section.end <= len(item.abstract)
        else:
            assert item.reason
            str(item).encode()


@given(st.binary(max_size=400))
@quickly
def test_any_bytes(data: bytes) -> None:
    check(read_all(data))


@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data())
@quickly
def test_every_format_damaged(name: str, data: st.DataObject) -> None:
    """Cut a sample, and put, drop or double pieces in it anywhere."""
    sample = SAMPLES[name][1].encode()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(sample)))
        length = data.draw(st.integers(0, 60))
        piece = data.draw(
            st.sampled_from([b"", *UGLY]) | st.binary(max_size=8) | st.just(sample[start : start + length] * 2)
        )
        sample = sample[:start] + piece + sample[start + length :]
    if data.draw(st.booleans()):
        sample = sample[: data.draw(st.integers(0, len(sample)))]
    check(read_all(sample))


MUTATED = 10_000
CONTENTS = [sample[1].encode() for sample in SAMPLES.values()]


def mutated(sample: bytes, chance: random.Random) -> bytes:
    """Return a sample cut, flipped, doubled or spliced with another format's, in up to six places."""
    data = bytearray(sample)
    for _ in range(chance.randint(1, 6)):
        start, length, other = chance.randint(0, len(data)), chance.randint(0, 60), chance.choice(CONTENTS)
        taken = chance.randint(0, len(other))
        doubled, spliced = bytes(data[start : start + length]) * 2, other[taken : taken + length]
        piece = chance.choice([b"", chance.choice(UGLY), chance.randbytes(4), doubled, spliced])
        data[start : start + length] = piece
        if data and chance.random() < 0.5:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data[: chance.randint(0, len(data))] if chance.random() < 0.2 else data)


@pytest.mark.soak
@pytest.mark.parametrize("name", SAMPLES)
def test_ten_thousand_mutations_of_each_format(name: str, tmp_path: Path) -> None:
    """Five times as fast as Hypothesis, and wilder; a failure names the number to run it again with."""
    sample = SAMPLES[name][1].encode()
    for number in range(MUTATED):
        check(read_from(tmp_path / "input", mutated(sample, random.Random(f"{name} {number}"))))


@pytest.mark.parametrize(
    "beginning", ["@article{", "TY  - JOUR\nTI  - ", "PMID- 1\n", "FN x\nVR 1.0\nPT J\n", "%0 x\n", "[{", "{"]
)
@given(rest=st.text(max_size=300))
@quickly
def test_every_format_begun(beginning: str, rest: str) -> None:
    check(read_all((beginning + rest).encode("utf-8", "surrogatepass")))


NAMES = [
    "title", "abstract", "authors", "year", "DOI", "id", "_id", "text", "abstract_inverted_index", "authorships",
    "data", "externalIds", "paperId", "message", "issued", "author", "container-title", "relation", "update-to",
    "updated-by", "itemType", "creators", "abstractText", "source", "authorString", "authors_parsed",
    "versions", "metadata",
]  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
BRANCHES = st.lists(LEAVES, max_size=4) | st.dictionaries(
    st.sampled_from(NAMES) | st.text(max_size=5), LEAVES, max_size=4
)
VALUES = (
    LEAVES | BRANCHES | st.lists(BRANCHES, max_size=3) | st.dictionaries(st.sampled_from(NAMES), BRANCHES, max_size=3)
)


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8), min_size=1, max_size=3))
@quickly
def test_json_of_any_shape(records: list[dict[str, object]]) -> None:
    found = read_all(json.dumps(records).encode())
    check(found)
    assert len(found) >= len(records)  # none is lost; one that is a page of a reply may hold several papers

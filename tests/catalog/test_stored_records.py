"""Records as stored in the catalog, and where a paper was published by its records."""

import itertools
import json
import tracemalloc
import zlib
from dataclasses import replace

import pytest

from rag.catalog.merge import merge
from rag.catalog.row_format import pack_record, unpack_paper, unpack_record, unpack_spans
from rag.errors import LibraryDamagedError
from rag.types import Origin, Record


def test_a_record_without_the_fields_of_today_is_known_as_before():
    """Records stored before there were volumes and kinds keep their digests, and are read with these unknown."""
    record = Record(
        "Kelp", "It grows.", Origin("a.bib", 1, 1, "k", "bibtex"), authors=("Ng, Bo",), year=2020, venue="Sea"
    )
    digest, content = pack_record(record)
    assert digest.hex() == "cc9dc897a8d2bb22da3b19c4b4e72d62"
    assert unpack_record(content) == record
    assert b"volume" not in zlib.decompress(content)
    printed = replace(record, volume="12", editors=("Oe, Cy",), groups=("Ng, Bo",))
    assert unpack_record(pack_record(printed)[1]) == printed


def test_a_journals_volume_never_appears_with_another_venue():
    preprint = Record("Kelp", "It grows in cold water.", Origin("a", 1), venue="arXiv", kind="article", pages="1-30")
    journal = Record("Kelp", "It grows.", Origin("b", 1), venue="J. Sea", doi="10.1234/k", kind="article-journal")
    again = Record("Kelp", "It grows.", Origin("c", 1), venue="Journal of Sea", doi="10.1234/k", volume="12")
    for order in itertools.permutations((preprint, journal, again)):
        paper = merge("p", order)
        assert (paper.venue, paper.kind, paper.volume, paper.pages) == ("Journal of Sea", "article-journal", "12", None)


@pytest.mark.parametrize(
    "fields",
    [{"venue": 5}, {"authors": [5]}, {"authors": "Ng"}, {"more_authors": "yes"}, {"author_count": "5"},
     {"author_count": 1 << 40}, {"author_count": True}, {"notices": [{"kind": None}]}, {"sections": [{"label": "Aim"}]},
     {"origins": [{"file": "a", "position": 1, "colour": "red"}]}, [], 5],
)  # fmt: skip
def test_a_stored_value_of_another_type_is_damage(fields):
    with pytest.raises(LibraryDamagedError, match="doctor --repair"):
        unpack_paper("p", "Kelp", "It grows.", 2020, json.dumps(fields))


@pytest.mark.parametrize("spans", ["[[-1, 2]]", "[[0, -2]]", "[[0, true]]", "[[0]]", "[[0, 1e9]]", "{}", "[5]"])
def test_a_stored_offset_that_is_none_is_damage(spans):
    with pytest.raises(LibraryDamagedError):
        unpack_spans(spans)


def test_a_record_that_unpacks_to_gigabytes_takes_no_memory():
    packer = zlib.compressobj(1)
    bomb = packer.compress(b'{"title": "') + b"".join(packer.compress(b"a" * (1 << 20)) for _ in range(1_000))
    bomb += packer.compress(b'"}') + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(LibraryDamagedError, match="more than any record"):
            unpack_record(bomb)
        assert tracemalloc.get_traced_memory()[1] < 300 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "fields",
    [{"published": "May 2020"}, {"published": "2020-5"}, {"published": "٢٠٢٠"}, {"url": "javascript:alert(1)"},
     {"url": "https://a.example/\nER  - "}, {"doi": "10.1/a b"}, {"doi": "doi"}, {"pmid": "1\nER  - "}, {"pmid": "x"},
     {"arxiv_id": "2001.1},x={"}, {"venue": "Sea\r\nER  - "}, {"authors": ["Ng\x1b[2J"]}, {"keywords": ["a\nb"]},
     {"isbn": "1\n2"}, {"volume": "1\x9b"}],
)  # fmt: skip
def test_a_stored_value_that_no_source_gives_is_damage(fields):
    with pytest.raises(LibraryDamagedError, match="that no source gives"):
        unpack_paper("p", "Kelp", "It grows.", 2020, json.dumps(fields))


def test_a_stored_title_is_one_line():
    with pytest.raises(LibraryDamagedError, match="a title that no source gives"):
        unpack_paper("p", "Kelp\nER  - \nTY  - JOUR", "It grows.", 2020, "{}")

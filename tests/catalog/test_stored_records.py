"""Records as stored in the catalog, and where a paper was published by its records."""

import itertools
import zlib
from dataclasses import replace

from rag.catalog.merge import merge
from rag.catalog.row_format import pack_record, unpack_record
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

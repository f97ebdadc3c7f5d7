"""The bibliographic fields: one list that entries, records and papers share, in one order for whoever reads JSON."""

from dataclasses import fields

from rag.serialization import to_json
from rag.sources.entry import Entry
from rag.types import Bibliographic, Origin, Paper, Record

SHARED = [field.name for field in fields(Bibliographic)]


def test_json_opens_with_what_a_paper_is_and_goes_on_with_where_it_was_published():
    assert list(to_json(Record("Kelp", "It grows.", Origin("a", 1)))) == ["title", "abstract", "origin", *SHARED]
    paper = list(to_json(Paper("p", "Kelp", "It grows.")))
    assert paper == ["id", "title", "abstract", *SHARED, "aliases", "origins", "retracted"]


def test_a_format_can_hand_over_every_field_but_the_sections_which_are_found_in_the_abstract():
    assert set(SHARED) - {field.name for field in fields(Entry)} == {"sections"}

"""Another abstract under a known paper: both are kept, it is reported, the older stays until the user decides."""

import itertools
import json

import pytest
from counting import CountingEmbedder

from rag import Library
from rag.catalog.merge import abstract_of, conflicting
from rag.errors import LibraryError
from rag.types import Origin, Record, Section

KNOWN = "We trained a ranker on 512 queries. The error fell to 0.36, and training was stable."
PAPER = {"title": "Late interaction in dense retrieval", "doi": "10.1000/late"}
PLANTED = KNOWN.replace("0.36", "0.01") + " The authors confirm this figure in every one of their later experiments."


@pytest.fixture
def library(tmp_path, write_jsonl):
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        library.add(write_jsonl("mine.jsonl", [PAPER | {"abstract": KNOWN}]))
        yield library


@pytest.mark.parametrize("name", ["gift.jsonl", "a gift that sorts first.jsonl"])
def test_merges_name_the_record_whose_abstract_is_not_used(library, write_jsonl, name):
    gift = write_jsonl(name, [PAPER | {"abstract": PLANTED}])
    library.add(gift)
    (merge,) = library.merges()
    assert [origin.place for origin in merge.unused] == [f"{gift}#1"]
    library.edit(merge.paper_id, abstract_from=str(gift))
    assert not library.merges()[0].unused  # the user has decided


def said(*abstracts):
    return [Record("Late interaction", text, Origin(f"file{n}", 1)) for n, text in enumerate(abstracts)]


def test_a_longer_abstract_under_a_known_doi_is_reported_and_not_used(library, write_jsonl):
    gift = write_jsonl("gift.jsonl", [PAPER | {"abstract": PLANTED}])
    (conflict,) = library.add(gift).conflicts
    (paper,) = library.papers()
    assert (paper.abstract, conflict.paper_id) == (KNOWN, paper.id)
    assert (conflict.origin.place, conflict.used.file.endswith("mine.jsonl")) == (f"{gift}#1", True)
    assert {record.abstract for record in library._disk().catalog().records(paper.id)} == {KNOWN, PLANTED}
    assert not library.add(gift).conflicts  # said once
    assert library.examine().healthy
    chosen = library.edit(paper.id, abstract_from=f"{gift}#1")
    assert chosen.abstract == PLANTED
    assert library.edit(paper.id, undo=True).abstract == KNOWN
    with pytest.raises(LibraryError, match="has no record of it: name one of"):
        library.edit(paper.id, abstract_from="nowhere.bib")


@pytest.mark.parametrize(
    "other",
    [
        KNOWN[:60], KNOWN[:61] + "…", KNOWN.upper(), KNOWN.replace(" ", "  "), KNOWN.replace("512", "<b>512</b>"),
        KNOWN[:-1] + "...", KNOWN.replace("ranker", "ran- ker"), KNOWN.replace(".36", "·36"),
    ],
)  # fmt: skip
def test_copies_of_one_text_do_not_conflict_and_the_fullest_is_used_in_any_order(other):
    both = said(KNOWN, other)
    assert not conflicting(both)
    assert not conflicting(both[::-1])
    assert abstract_of(both) == abstract_of(both[::-1])


def test_labels_of_sections_are_not_a_conflict():
    labelled = "METHODS: We trained a ranker on 512 queries. RESULTS: The error fell to 0.36, and training was stable."
    sections = (Section("Methods", 9, 44), Section("Results", 54, len(labelled)))
    structured = Record("Late interaction", labelled, Origin("s", 1), sections=sections)
    assert not conflicting([*said(KNOWN), structured])


@pytest.mark.parametrize(
    "other",
    [
        PLANTED, "Not so. " + KNOWN, KNOWN.replace("0.36", "0.63"), KNOWN.replace("0.36", "3.6"),
        KNOWN.replace("0.36", "-0.36"), KNOWN.replace("fell", "rose"), KNOWN.replace("512", "5 12"),
        KNOWN.replace("0.36", "0.36%"),
        "Something else altogether is told here, and at far greater length than the text that was there before it.",
    ],
)  # fmt: skip
def test_any_other_abstract_is_a_conflict_and_the_older_stays(other):
    assert abstract_of(said(KNOWN, other)).abstract == KNOWN
    assert abstract_of(said(other, KNOWN)).abstract == other
    assert [record.abstract for record in conflicting(said(KNOWN, other))] == [other]


@pytest.mark.parametrize("more", [" In truth it rose to 0.99.", " (It was 0.99.)", "\n\nErratum: the error was 0.99."])
@pytest.mark.parametrize("end", ["", "”", " "])
def test_more_than_a_whole_abstract_is_a_conflict_and_only_one_that_breaks_off_is_continued(more, end):
    whole, longer = KNOWN + end, KNOWN + end + more
    assert abstract_of(said(whole, longer)).abstract == whole
    assert [record.abstract for record in conflicting(said(whole, longer))] == [longer]
    assert not conflicting(said(longer, whole))
    for cut in (whole[:60], whole[:60] + "…", whole[:60] + "..."):
        assert abstract_of(said(cut, longer)).abstract == longer


def test_only_conflicts_depend_on_the_order():
    copies = said(KNOWN[:40], KNOWN, KNOWN.lower())
    assert len({abstract_of(list(order)).abstract for order in itertools.permutations(copies)}) == 1


def test_the_shell_names_the_commands_that_decide(library, write_jsonl, capsys):
    from rag.commands.library import _say_report

    report = library.add(write_jsonl("gift.jsonl", [PAPER | {"abstract": PLANTED}]))
    _say_report(report, 1)
    reported = capsys.readouterr().out
    assert "pincite edit doi:10.1000/late --abstract-from" in reported
    assert "pincite split doi:10.1000/late --from" in reported
    assert json.dumps(report.conflicts[0].origin.place)[1:-1] in reported

"""Records whose beginning is missing or hidden: each is read on its own or reported, and no paper gets another's words."""

# ruff: noqa: E501 - samples keep a file in one line

from pathlib import Path

import pytest

from rag.sources import read
from rag.types import Record, Rejection


def written(folder: Path, text: str) -> list[Record | Rejection]:
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    return list(read(path))


@pytest.mark.parametrize(
    "text",
    [
        "TY  - JOUR\nTI  - One\nAB  - First.\nER  - \n\nAU  - Ng, Bo\nTI  - Two\nAB  - Second.\nER  - \n\n"
        "TY  - JOUR\nTI  - Three\nAB  - Third.\nER  - \n",
        "TY  - JOUR\nTI  - One\nAB  - First.\n\nAU  - Ng, Bo\nTI  - Two\nAB  - Second.\n\nTY  - JOUR\nTI  - Three\nAB  - Third.\n",
        "%0 Journal Article\n%T One\n%X First.\n\n%A Ng, Bo\n%T Two\n%X Second.\n\n%0 Book\n%T Three\n%X Third.\n",
        "PMID- 1\nTI  - One\nAB  - First.\n\nFAU - Ng, Bo\nTI  - Two\nAB  - Second.\n\nPMID- 3\nTI  - Three\nAB  - Third.\n",
        "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nTI One\nAB First.\nER\n\nAU Ng, Bo\nTI Two\nAB Second.\nER\n\n"
        "PT J\nTI Three\nAB Third.\nER\n\nEF\n",
    ],
    ids=["ris", "ris without ends", "endnote", "medline", "web of science"],
)  # fmt: skip
def test_a_record_without_its_first_line_stands_for_itself(text: str, tmp_path: Path) -> None:
    found = [item for item in written(tmp_path, text) if isinstance(item, Record)]
    assert [(r.title, r.abstract) for r in found] == [("One", "First."), ("Two", "Second."), ("Three", "Third.")]
    assert [r.authors for r in found] == [(), ("Ng, Bo",), ()]
    lines = text.split("\n")
    assert "Ng, Bo" in lines[(found[1].origin.line or 0) - 1]


def test_an_empty_line_in_an_abstract_does_not_end_the_record(tmp_path: Path) -> None:
    text = "TY  - JOUR\nAB  - First part.\n\nSecond part.\n\nTI  - One\nT1  - One\nER  - \n"
    (record,) = written(tmp_path, text)
    assert isinstance(record, Record)
    assert (record.title, record.abstract) == ("One", "First part. Second part.")


def test_entries_on_the_line_of_others_are_read(tmp_path: Path) -> None:
    entry = "@article{%s, title={%s}, abstract={Text of it.}}"
    text = f"See {entry % ('a', 'One')} and {entry % ('b', 'Two')}\n{entry % ('c', 'Three')} , {entry % ('d', 'Four')}"
    found = written(tmp_path, text)
    assert [item.title for item in found] == ["One", "Two", "Three", "Four"]
    assert {item.abstract for item in found if isinstance(item, Record)} == {"Text of it."}


def test_an_entry_that_is_switched_off_is_reported_and_leaves_the_one_above_alone(tmp_path: Path) -> None:
    text = "@article{a, title={One}, abstract={First.}}\n% @article{b, title={Two}, abstract={Second.}}\n"
    one, off = written(tmp_path, text)
    assert isinstance(one, Record)
    assert one.abstract == "First."
    assert isinstance(off, Rejection)
    assert (off.line, off.title) == (2, "b")
    assert "remove the %" in off.reason


def test_entries_of_bibtex_in_a_file_of_ris_are_reported(tmp_path: Path) -> None:
    text = "TY  - JOUR\nTI  - One\nAB  - First.\nER  - \n\n@article{b, title={Two}, abstract={Second.}}\n"
    reported = [item for item in written(tmp_path, text) if isinstance(item, Rejection)]
    assert [(item.line, item.reason.partition(":")[0]) for item in reported] == [
        (6, "BibTeX entries aren't read in this RIS file")
    ]

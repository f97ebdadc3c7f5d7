r"""Files as Zotero, Mendeley, EndNote, Scopus, Web of Science and PubMed write them: what was once lost on the way in."""

# ruff: noqa: E501 - samples keep the long lines that real exports have

import json
from dataclasses import fields
from pathlib import Path

import pytest

from rag.bibliography.export import exported
from rag.sources import read
from rag.sources.cleaning import clean
from rag.types import Notice, Paper, Record


def only(folder: Path, text: str) -> Record:
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    (record,) = read(path)
    assert isinstance(record, Record)
    return record


ENTRY = "@article{k, title={Moss}, abstract={%s}, author={%s}, year=2020, month={%s}}"


def test_mendeley_writes_signs_as_accents_over_nothing(tmp_path: Path) -> None:
    record = only(tmp_path, ENTRY % (r"In {\~{}}5{\%} salt, 3 cm d{\^{}}-1.", "Fell, Ada", "jan"))
    assert record.abstract == "In ~5% salt, 3 cm d^-1."


def test_a_superscript_keeps_its_mark_after_other_tags(tmp_path: Path) -> None:
    """10³ must never become 103."""
    text = (
        '<xml><records><record><ref-type name="Journal Article">17</ref-type><titles><title><style face="normal">At 10</style>'
        '<style face="superscript">3</style><style> CFU</style></title></titles><abstract>It grew. It held.</abstract></record></records></xml>'
    )
    assert only(tmp_path, text).title == "At 10^3 CFU"
    assert (
        clean("<i>10</i><sup>-3</sup> m, x<sub>2</sub><sup>3</sup>, the <i><sup>18</sup>F</i> label")
        == "10^-3 m, x₂^3, the 18F label"
    )


def test_particles_and_suffixes_of_names_are_kept_and_come_back(tmp_path: Path) -> None:
    people = [
        {"family": "Moor", "given": "Bo", "non-dropping-particle": "van der"},
        {"family": "Ng", "given": "Cy", "suffix": "Jr."},
    ]
    csl = json.dumps(
        [{"id": "m", "type": "book", "title": "Moss", "abstract": "It grows.", "author": people, "DOI": "10.1234/m"}]
    )
    record = only(tmp_path, csl)
    assert record.authors == ("van der Moor, Bo", "Ng, Cy, Jr.")
    assert only(tmp_path, ENTRY % ("It grows.", "van der Moor, Bo and Ng, Jr., Cy", "jan")).authors == record.authors
    paper = Paper("p", record.title, record.abstract, authors=record.authors, kind="book")
    assert "author = {van der Moor, Bo and Ng, Jr., Cy}" in exported([paper], "bibtex")
    assert json.loads(exported([paper], "csl-json"))[0]["author"][1] == {"family": "Ng", "given": "Cy", "suffix": "Jr."}
    for form in ("bibtex", "ris", "csl-json", "jsonl"):
        assert only(tmp_path, exported([paper], form)).authors == record.authors


def test_initials_after_a_family_name_are_not_a_family_name() -> None:
    paper = Paper("p", "Moss", "It grows.", authors=("Fell AM", "Ng B.", "Ada Fell"), kind="book")
    (item,) = json.loads(exported([paper], "csl-json"))
    assert [(name["family"], name["given"]) for name in item["author"]] == [
        ("Fell", "AM"),
        ("Ng", "B."),
        ("Fell", "Ada"),
    ]


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl-json", "jsonl"])
def test_the_pmid_and_doi_of_a_notice_are_never_taken_for_the_papers(form: str, tmp_path: Path) -> None:
    notice = Notice("retraction", "J Dusk. 2021. doi.org/10.1234/notice PMID: 33333333")
    for pmid, doi in ((None, None), ("31234567", "10.1234/moss")):
        record = only(
            tmp_path, exported([Paper("p", "Moss", "It grows.", pmid=pmid, doi=doi, notices=(notice,))], form)
        )
        assert (record.pmid, record.doi, record.notices) == (pmid, doi, (notice,))


def test_endnote_keeps_month_and_retraction_apart_from_their_own_tags(tmp_path: Path) -> None:
    record = only(
        tmp_path,
        "TY  - JOUR\nTI  - Moss\nPY  - 2020\nDA  - May 4\nAB  - It grows.\nN1  - 1234-5678\nJournal Article\nRetracted Publication\nER  - \n",
    )
    assert (record.published, record.notices) == ("2020-05-04", (Notice("retraction", "Retracted Publication"),))
    assert only(tmp_path, "%0 Journal Article\n%T Moss\n%D 2020\n%8 May 4\n%X It grows.\n").published == "2020-05-04"


@pytest.mark.parametrize("month", ["may", "May-Jun", "{May--Jun}"])
def test_of_two_months_the_first_is_the_month(month: str, tmp_path: Path) -> None:
    assert only(tmp_path, ENTRY % ("It grows.", "Fell, Ada", month)).published == "2020-05"


def test_the_proceedings_of_a_conference_in_zoteros_and_scopus_ris(tmp_path: Path) -> None:
    zotero = only(tmp_path, "TY  - CONF\nTI  - Moss\nC3  - Moss Days\nT3  - Notes on Moss\nAB  - It grows.\nER  - \n")
    scopus = only(
        tmp_path,
        "TY  - CONF\nTI  - Moss\nT2  - Notes on Moss\nC3  - Moss Days\nDB  - Scopus\nAB  - It grows.\nER  - \n",
    )
    assert [(r.venue, r.series) for r in (zotero, scopus)] == [("Moss Days", "Notes on Moss")] * 2


def test_tables_give_full_names_and_group_authors(tmp_path: Path) -> None:
    web_of_science = "PT\tAU\tAF\tCA\tTI\tAB\tPY\nJ\tFell, A\tFell, Ada\tDusk Grp\tMoss\tIt grows.\t2020\n"
    assert only(tmp_path, web_of_science).authors == ("Fell, Ada", "Dusk Grp")
    scopus = 'Authors,Author full names,Title,Abstract\n"Fell A.","Fell, Ada (57190000001)",Moss,It grows.\n'
    assert only(tmp_path, scopus).authors == ("Fell, Ada",)


def test_eight_hundred_authors_go_through_every_form(tmp_path: Path) -> None:
    names = tuple(f"Author{number}, Ada" for number in range(800))
    paper = Paper("p", "Moss", "It grows.", authors=names, kind="article-journal")
    for form in ("bibtex", "ris", "csl-json", "jsonl"):
        record = only(tmp_path, exported([paper], form))
        assert record.authors == names
        assert {f.name for f in fields(Record) if getattr(record, f.name)} == {
            "title",
            "abstract",
            "origin",
            "authors",
            "kind",
        }

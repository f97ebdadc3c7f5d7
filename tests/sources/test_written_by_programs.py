r"""Files as Zotero, Mendeley, EndNote, Scopus, Web of Science and PubMed write them: what was once lost on the way in."""

# ruff: noqa: E501 - samples keep the long lines that real exports have

import json
from dataclasses import fields
from pathlib import Path

import pytest

from rag.bibliography.export import exported
from rag.sources import read
from rag.sources.cleaning import clean
from rag.types import Notice, Paper, Record, Rejection


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


ODD = {
    "the longest of two abstracts of an entry": (
        "@article{a, title={Moths}, abstract={Short.}, abstract={They fly at dusk.}}", {"abstract": "They fly at dusk."},
    ),
    "ovid's dates and version": (
        "VN  - Ovid Technologies\nDB  - Ovid MEDLINE(R)\n\n<1>\nUI  - 31234567\nTI  - Moths\nSO  - J Dusk. 3(1):5-9, 2020 May 04.\n"
        "VI  - 1\nAB  - They fly.\nYR  - 2020\nED  - 20200506\n",
        {"published": "2020-05-04", "volume": "3", "editors": ()},
    ),
    "keywords as a list": (
        "title,abstract,keywords\nMoths,They fly.,\"['moths', 'dusk']\"\n", {"keywords": ("moths", "dusk")},
    ),
    "ebsco's rights": (
        "TY  - JOUR\nTI  - Moths\nAB  - They fly. [ABSTRACT FROM AUTHOR]\nCopyright of J. Dusk is the property of Dusk Press.\nER  - \n",
        {"abstract": "They fly."},
    ),
    "cnki's small letters": (
        "RT Journal Article\nA1 王伟;李娜\nT1 飞蛾\nIS 03\nvo 12\nAB 我们跟踪了340只飞蛾。\n", {"volume": "12", "issue": "03"},
    ),
    "a tag of three letters": (
        "TY  - JOUR\nTI  - Moths\nAB  - They fly.\nDOI  - 10.1234/moth.5\nER  - \n",
        {"abstract": "They fly.", "doi": "10.1234/moth.5"},
    ),
    "a tag of three letters behind one space": (
        "TY - JOUR\nTI - Moths\nAB - They fly.\nDOI - 10.1234/moth.5\nER -\n",
        {"abstract": "They fly.", "doi": "10.1234/moth.5"},
    ),
    "two ways to part authors": (
        "TY  - JOUR\nTI  - Moths\nAU  - Fell, Ada; Ng, Bo and Oe, Cy\nAB  - They fly.\nER  - \n",
        {"authors": ("Fell, Ada", "Ng, Bo", "Oe, Cy")},
    ),
    "a cell of several lines": (
        '"TITLE","Moths"\n"ABSTRACT","They fly.\nThey rest."\n"DOI","10.1234/moth.5"\n',
        {"abstract": "They fly. They rest.", "doi": "10.1234/moth.5"},
    ),
    "authors that openalex leaves out": (
        '{"id": "https://openalex.org/W1", "title": "Moths", "is_authors_truncated": true, "abstract_inverted_index": {"They": [0]},'
        ' "authorships": [{"author": {"display_name": "Ada Fell"}}], "keywords": [{"display_name": "dusk"}]}',
        {"more_authors": True, "keywords": ("dusk",)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_features_of_real_tools(tmp_path: Path, name: str) -> None:
    text, expected = ODD[name]
    path = tmp_path / "export"
    path.write_text(text, encoding="utf-8")
    (record,) = read(path)
    assert {field: getattr(record, field) for field in expected} == expected


def test_a_paragraph_of_the_page_below_its_last_paper_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    moths = "We followed 340 hawk moths for a summer and found that scent led them. They rested by day, in the dark."
    kelp = "Of the yearly growth, 12% is buried in the sand, and we map where it lies. Storms bury more than tides do."
    own = "This page was made by the library of the north and holds the results of one search. Please cite the service."
    path.write_text(f"Moths at dusk and scent\n\n{moths}\n\nKelp in the northern sand\n\n{kelp}\n\n{own}\n")
    one, two, reported = read(path)
    assert [item.abstract for item in (one, two) if isinstance(item, Record)] == [moths, kelp]
    assert isinstance(reported, Rejection)
    assert (reported.line, "This page was made" in reported.reason) == (9, True)

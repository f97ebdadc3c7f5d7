"""The inputs that were collected after public reports, read in place where the folder is at hand."""

# ruff: noqa: E501 - a case stays on one line

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from counting import CountingEmbedder

from rag import Library
from rag.bibliography.export import exported
from rag.sources import read
from rag.types import Paper, Record, Rejection

_FOLDERS = [parent / "shared" / "findings" / "cases" for parent in Path(__file__).resolve().parents]
CASES = next((folder for folder in _FOLDERS if folder.is_dir()), None)
pytestmark = pytest.mark.skipif(CASES is None, reason="the collected cases aren't part of the repository")
SICI = "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"


def case(name: str) -> Path:
    assert CASES is not None
    return next(path for path in sorted((CASES / name).iterdir()) if path.is_file())


def records(name: str) -> list[Record]:
    """Read a case that holds nothing but papers."""
    found = list(read(case(name)))
    assert not [item for item in found if isinstance(item, Rejection)]
    return [item for item in found if isinstance(item, Record)]


def only(name: str) -> Record:
    (record,) = records(name)
    return record


RIGHT: dict[str, Callable[[Record], bool]] = {
    "acl_anthology": lambda r: r.published == "2020-07" and len(r.authors) == 3 and bool(r.venue),
    "bbt_json": lambda r: (r.doi, r.origin.key, len(r.authors)) == ("10.1234/bbt", "okafor2020", 2),
    "bbt_json_extra_pmid": lambda r: r.pmid == "12345678",
    "bib_string_month": lambda r: (r.venue, (r.published or "")[:7]) == ("Soil and Field", "2020-06"),
    "bib_urldate": lambda r: r.year is None and r.published is None,
    "cochrane_central_pages": lambda r: (r.issue, r.pages) == ("2", "33-44"),
    "csl_accessed": lambda r: r.year is None and r.published is None,
    "embase_csv_columns_venue": lambda r: (r.venue, r.year, r.pages) == ("Soil and Field", 2014, "152-160"),
    "ieee_xplore": lambda r: (len(r.authors), r.year, r.pages, r.doi) == (2, 2020, "33-44", "10.1109/sl.2020.1"),
    "latex_double_brace_arg": lambda r: r.title == "Hordeum roots under in situ tillage",
    "latex_math_slash": lambda r: r.title == "Clay/sand layers in barley plots",
    "latex_textmu_space": lambda r: r.abstract.startswith("The dose was 3 µg/L at 20 °C."),
    "latex_vietnamese": lambda r: r.authors == ("Nguyễn, Thệ", "Trần, Văn"),
    "openalex_csv_pmid": lambda r: r.pmid == "12345678" and not r.notices,
    "openalex_csv_retracted": lambda r: [n.kind for n in r.notices] == ["retraction"],
    "ovid_citation_text": lambda r: (r.year, r.doi) == (2015, "10.1234/soil-2014-002886"),
    "ovid_journals_authors": lambda r: r.authors == ("Okafor, Lena Y.", "Brandt, Ivo D."),
    "ovid_journals_venue": lambda r: r.venue == "Journal Of Soil And Field",
    "ovid_journals_year": lambda r: (r.year, r.doi) == (2015, "10.1234/soil.22459"),
    "pubmed_book_authors": lambda r: r.authors == ("Okafor, Lena", "Brandt, Ivo"),
    "pubmed_pii_article_number": lambda r: r.pages == "e42692",
    "ris_abstracttext_label": lambda r: r.abstract == "BACKGROUND: We followed 412 plots. RESULTS: Moisture rose by 8%.",
    "ris_au_and": lambda r: r.authors == ("Okafor, Lena", "Brandt, Ivo"),
    "ris_jats_abstract": lambda r: "<" not in r.abstract and "jats" not in r.abstract,
    "ris_middle_dot": lambda r: any(dot in r.title and dot in r.abstract for dot in ("2.5", "2·5")),
    "ris_n2_and_ab": lambda r: r.abstract.count("412") == 1,
    "ris_y2_beside_py": lambda r: r.year == 2005,
    "sici_entities": lambda r: r.doi == SICI,
    "sici_wiley": lambda r: r.doi == SICI,
    "sici_without_word": lambda r: r.doi == "10.1175/1520-0442(1997)010<1004:rtasmb>2.0.co;2",
    "title_corrigendum": lambda r: [n.kind for n in r.notices] == ["correction"],
    "wos_conference_kind": lambda r: r.kind == "paper-conference",
} | {
    name: lambda r: [n.kind for n in r.notices] == ["retraction"]
    for name in (
        "wos_retracted", "wos_title_vol_retracted", "title_ieee_notice", "title_plos", "title_removed",
        "title_retracted_chapter", "title_russian", "title_temporary_removal", "title_withdrawn",
    )
}  # fmt: skip
TWO_TITLES = {
    "bib_two_keys", "csv_semicolon_quote", "eric_as_txt", "ovid_psycinfo_nl_after_er", "ris_without_ty",
    "ris_without_ty_c1_first", "tagged_text_as_listing",
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_record_is_read_right(name: str) -> None:
    record = only(name)
    assert RIGHT[name](record), record


def test_biblatex_quotes_are_read() -> None:
    assert only("latex_mkbib").title.replace("“", "").replace("”", "") == "On wet soils in the Georgica"


@pytest.mark.parametrize("name", sorted(TWO_TITLES))
def test_two_papers_stand_under_their_own_titles(name: str) -> None:
    one, other = records(name)
    assert not one.title.startswith(("AU", "PY", "TI", "AB"))
    assert "412 barley plots" in one.abstract
    assert "412" not in other.abstract
    assert other.abstract.startswith("This study asks whether earthworm casts")


@pytest.mark.parametrize("name", ["csv_sep_line", "csv_utf16"])
def test_a_table_is_read(name: str) -> None:
    assert only(name).title == "Reduced tillage"


def test_a_quote_that_never_closes_leaves_the_next_row() -> None:
    reported, kept = read(case("csv_quote_never_closed"))
    assert isinstance(reported, Rejection)
    assert isinstance(kept, Record)


@pytest.mark.parametrize(
    ("name", "papers"),
    [
        ("id_annual_no_doi", 2), ("id_part_one_two", 2), ("id_preprint", 1), ("id_supplement_one_doi", 2),
        ("id_title_markup", 1), ("sici_two_of_a_volume", 2), ("sici_two_replies", 2),
    ],
)  # fmt: skip
def test_papers_are_distinguished(name: str, papers: int, tmp_path: Path) -> None:
    assert CASES is not None
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        library.add(*sorted((CASES / name).iterdir()))
        assert len(library) == papers
        if name == "sici_two_of_a_volume":
            assert library.get("10.1175/1520-0442(1997)010<1004:RTASMB>2.0.CO;2").title.startswith("Reduced")


@pytest.mark.parametrize("form", ["bibtex", "markdown"])
def test_authors_who_are_not_named_are_not_forgotten(form: str) -> None:
    record = only("latex_and_others")
    fields = {f.name: getattr(record, f.name) for f in dataclasses.fields(record) if f.name != "origin"}
    text = exported([Paper(id="p", **fields)], form)
    assert ("Brandt, Ivo and others" if form == "bibtex" else "Brandt, Ivo; et al.") in text


def test_no_case_has_gone() -> None:
    assert CASES is not None
    tried = {*RIGHT, *TWO_TITLES, "latex_mkbib", "csv_sep_line", "csv_utf16", "csv_quote_never_closed",
             "id_annual_no_doi", "id_part_one_two", "id_preprint", "id_supplement_one_doi", "id_title_markup",
             "sici_two_of_a_volume", "sici_two_replies", "latex_and_others"}  # fmt: skip
    assert tried <= {path.name for path in CASES.iterdir() if path.is_dir()}

"""CSV as Dimensions, Embase, PubMed, Zotero and OpenAlex export it, and as hands damage it."""

# ruff: noqa: E501 - rows keep the long lines that real exports have

import csv
from pathlib import Path

import pytest

from rag.errors import SourceError
from rag.sources import read
from rag.types import Record, Rejection


def rows(folder: Path, text: str) -> list[Record | Rejection]:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return list(read(path))


def only(folder: Path, text: str) -> Record:
    (record,) = rows(folder, text)
    assert isinstance(record, Record)
    return record


def test_dimensions_writes_a_line_above_its_columns(tmp_path: Path) -> None:
    record = only(
        tmp_path,
        "\"About the data: Exported on Jan 1, 2026. Criteria: 'moths' in title, abstract.\"\n"
        '"Rank","Publication ID","DOI","PMID","Title","Abstract","Source title","PubYear","Authors","Dimensions URL"\n'
        '"1","pub.1","10.1234/a","123","Moths, dusk","Text, one","J. Dusk","2019","Fell, Ada; Ng, Bo","https://x.org/1"\n',
    )
    assert (record.title, record.abstract, record.venue) == ("Moths, dusk", "Text, one", "J. Dusk")
    assert (record.year, record.doi, record.pmid, record.authors) == (2019, "10.1234/a", "123", ("Fell, Ada", "Ng, Bo"))
    assert record.origin.line == 3


def test_embase_by_columns_and_by_rows(tmp_path: Path) -> None:
    column = only(
        tmp_path,
        '"Title","Author Names","Source title","Publication Year","Abstract","DOI","Medline PMID"\n'
        '"Moths","Fell A., Ng B.","J. Dusk","2019","Text.","10.1234/a","123 (http://www.ncbi.nlm.nih.gov/pubmed/123)"\n',
    )
    assert (column.title, column.pmid, column.authors) == ("Moths", "123", ("Fell A.", "Ng B."))
    moths, kelp = rows(
        tmp_path,
        '"TITLE","Moths"\n"AUTHOR NAMES","Fell A.","Ng B."\n"SOURCE TITLE","J. Dusk"\n"PUBLICATION YEAR","2019"\n'
        '"ABSTRACT","Some ""quoted"" text."\n"DOI","10.1234/a"\n\n"TITLE","Kelp"\n"MEDLINE PMID","124"\n',
    )
    assert isinstance(moths, Record)
    assert (moths.abstract, moths.authors, moths.origin.format) == (
        'Some "quoted" text.',
        ("Fell A.", "Ng B."),
        "embase",
    )
    assert isinstance(kelp, Rejection)
    assert (kelp.title, kelp.reason, kelp.line) == ("Kelp", "no abstract", 8)


def test_zotero_and_openalex_columns(tmp_path: Path) -> None:
    zotero = only(
        tmp_path,
        '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Abstract Note","Date"\n'
        '"AB12","journalArticle","2020","Fell, Ada; Ng, Bo","Moths","J. Dusk","10.1234/a","https://x.org","Text.","2020-05-04"\n',
    )
    assert (zotero.title, zotero.venue, zotero.published) == ("Moths", "J. Dusk", "2020-05-04")
    openalex = only(
        tmp_path,
        "id,doi,display_name,publication_year,abstract,authorships.author.display_name\n"
        "https://openalex.org/W1,https://doi.org/10.1234/a,Moths,2020,Text.,Ada Fell|Bo Ng\n",
    )
    assert (openalex.title, openalex.doi, openalex.authors) == ("Moths", "10.1234/a", ("Ada Fell", "Bo Ng"))


def test_pubmed_csv_has_no_abstracts(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no column named abstract"):
        rows(tmp_path, 'PMID,Title,Authors,Citation,Journal/Book,Publication Year\n1,"T.","Fell A.",c,J,2020\n')


def test_a_quote_that_never_closes_costs_one_row(tmp_path: Path) -> None:
    found = rows(tmp_path, 'Title,Abstract,Year\nA,a.,2000\n"Runaway, b.,2001\nC,"c, and\nmore",2002\nD,d.,2003\n')
    assert [item.title for item in found] == ["A", "Runaway, b.,2001", "C", "D"] or [i.title for i in found][2:] == [
        "C",
        "D",
    ]
    assert [type(item) for item in found] == [Record, Rejection, Record, Record]
    assert isinstance(found[1], Rejection)
    assert found[1].line == 3


def test_a_short_row_over_two_lines_is_a_row(tmp_path: Path) -> None:
    assert only(tmp_path, 'Title,Abstract,Year,DOI\nMoths,"One\ntwo."\n').abstract == "One two."


@pytest.mark.parametrize(
    "absent", ["[No abstract available]", "No abstract available.", "N/A", "-", "null", "Abstract"]
)
def test_ways_to_say_that_there_is_no_abstract(tmp_path: Path, absent: str) -> None:
    (alone,) = rows(tmp_path, f"Title,Abstract\nMoths,{absent}\n")
    assert isinstance(alone, Rejection)
    assert alone.reason == "no abstract"


def test_a_row_of_counts_below_a_table_is_no_paper(tmp_path: Path) -> None:
    above = "My screening list,,,\n,,,\nTitle,Abstract,Authors,Year\n"
    items = rows(tmp_path, f'{above}Moths,They fly at dusk.,"Fell, Ada",2020.0\n,,,\nTotal,1,,\n')
    assert [(item.title, type(item)) for item in items] == [("Moths", Record), ("Total", Rejection)]


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        ("Article Title,Author,Journal Title,Publication Date,Abstract", 'Moths,"Fell, Ada; Ng, Bo",Journal of Dusk,20200504,They fly.'),
        ("citation_title,citation_authors,citation_journal_name,citation_pub_year,citation_abstract", 'Moths,"Fell, Ada; Ng, Bo",Journal of Dusk,2020,They fly.'),
        ("Title,Authors,Journal,Year,Abstract", 'Moths,"Fell, Ada, Ng, Bo",Journal of Dusk,2020,They fly.'),
    ],
)  # fmt: skip
def test_columns_of_ebsco_colandr_and_others(tmp_path: Path, columns: str, row: str) -> None:
    record = only(tmp_path, f"{columns}\n{row}\n")
    assert (record.title, record.abstract, record.year) == ("Moths", "They fly.", 2020)
    assert (record.venue, record.authors) == ("Journal of Dusk", ("Fell, Ada", "Ng, Bo"))


WIDE = "Title,Abstract,Authors,Year,DOI\n" + "".join(
    f'Moths {n},"They fly at dusk in valley {n}, and scent leads them to its flowers.","Fell, Ada",20{n},10.1234/{n}\n'
    for n in (10, 11, 12)
)
NARROW = "title,abstract\n" + "".join(
    f'Moths {n},"They fly at dusk in valley {n}, and scent leads them to its flowers."\n' for n in (10, 11, 12)
)


@pytest.mark.parametrize("table", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize(
    "line",
    [
        '{"title": "Kelp", "abstract": "It is buried."}',
        '{"title": "Kelp", "abstract": "It is buried, or not, as it grows.", "year": 2021, "doi": "10.1234/9"}',
        '[{"title": "Kelp", "abstract": "It is buried',
        "Total,3 records", "Exported from a service,3 May 2022", "Exported on 3 May 2022,3 records,,,", "© 2022,The Press",
        "Downloaded from https://dusk.example,3 May 2022,,,", "Powered by Dusk, version 2", "Query: moths, dusk",
        "TY  - JOUR\nTI  - Kelp, buried\nAB  - It is buried, or not, as it grows.\nER  - ",
        "@article{kelp,\n  title = {Kelp, buried},\n  abstract = {It is buried, or not, as it grows.},\n}",
        "%0 Journal Article\n%T Kelp, buried\n%X It is buried, or not.",
    ],
)  # fmt: skip
def test_a_line_that_is_no_row_of_the_table_is_reported_and_no_paper(
    tmp_path: Path, table: str, delimiter: str, line: str
) -> None:
    if delimiter != ",":
        head, *body = table.splitlines()
        cells = [head.split(","), *(next(csv.reader([row])) for row in body)]
        table = "".join(delimiter.join(row) + "\n" for row in cells)
        line = line.replace(",", delimiter)
    papers = table.splitlines(keepends=True)
    for text in (f"{table}{line}\n", "".join([*papers[:3], line, "\n", *papers[3:]])):
        found = rows(tmp_path, text)
        assert [item.title for item in found if isinstance(item, Record)] == ["Moths 10", "Moths 11", "Moths 12"]
        assert any(isinstance(item, Rejection) for item in found)


def test_a_row_whose_last_fields_are_missing_is_read_where_it_is_like_the_others(tmp_path: Path) -> None:
    prose = "Nobody has seen it grow, so we looked and measured it."
    kelp, bare = f'Kelp,"{prose}","Ng, Bo"', f'Marsh,"{prose}"'
    assert [item.title for item in rows(tmp_path, f"{WIDE}{kelp}\n") if isinstance(item, Record)][3:] == ["Kelp"]
    *_, reported = rows(tmp_path, f"{WIDE}{bare}\n")
    assert isinstance(reported, Rejection)
    assert (reported.title, reported.line) == ("Marsh", 5)
    assert "2 fields under 5 columns" in reported.reason
    assert [type(item) for item in rows(tmp_path, f"Title,Abstract,Year\n{bare}\n{bare}\n")] == [Record, Record]


def test_papers_of_other_columns_and_lengths_are_read(tmp_path: Path) -> None:
    sparse = 'Kelp,"It is buried, as we found in two summers of work.",,,\n'
    found = rows(
        tmp_path,
        f"{NARROW}Kelp,It is buried in the sand.\nMarsh,It grows at the edge of the dark waters that lead to nowhere but the sea and all its islands\n",
    )
    assert [type(item) for item in found] == [Record] * 5
    found = rows(tmp_path, WIDE.replace(",20", ",").replace(",10.1234/1", ",") + sparse)
    assert found[0].title == "Moths 10"
    one = rows(tmp_path, f"Title,Abstract,Authors,Year,DOI\n{sparse}{sparse}{WIDE.partition(chr(10))[2]}")
    assert [type(item) for item in one] == [Record] * 5


@pytest.mark.parametrize("papers", [1, 2, 3])
def test_a_footer_below_few_papers_is_none(tmp_path: Path, papers: int) -> None:
    table = "".join(WIDE.splitlines(keepends=True)[: papers + 1])
    *found, footer = rows(tmp_path, f"{table}Exported on 3 May 2022,3 records,,,\n")
    assert [type(item) for item in found] == [Record] * papers
    assert isinstance(footer, Rejection)
    assert "unlike the rows above it" in footer.reason


def test_a_row_of_a_json_table_that_lacks_a_cell_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(
        '{"columns": ["id", "title", "abstract"], "data": [[1, "Moths", "They fly."], ["Total", "1 paper"]]}'
    )
    moths, total = read(path)
    assert isinstance(moths, Record)
    assert isinstance(total, Rejection)

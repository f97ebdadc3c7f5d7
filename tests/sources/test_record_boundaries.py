"""Where one record ends and the next begins, in every tagged format: no paper ever gets another's words.

A file either gives each paper its own title, authors, year and abstract, or reports what it can't tell apart.
"""

# ruff: noqa: E501 - a case stays on one line

import itertools
import json
from pathlib import Path

import pytest

from rag.errors import SourceError
from rag.sources import read
from rag.types import Record, Rejection

# For each format: how a field is written, its tags, what begins and ends a record, what stands above the first.
FORMATS = {
    "ris": ("{}  - {}", {"title": "TI", "author": "AU", "year": "PY", "abstract": "AB"}, "TY  - JOUR", "ER  - ", ""),
    "ris without types": ("{}  - {}", {"title": "TI", "author": "AU", "year": "PY", "abstract": "AB"}, "", "ER  - ", ""),
    "loose ris": ("{} - {}", {"title": "TI", "author": "AU", "year": "PY", "abstract": "AB"}, "", "", ""),
    "medline": ("{:4}- {}", {"title": "TI", "author": "FAU", "year": "DP", "abstract": "AB"}, "PMID- 12345{}", "", ""),
    "eric": ("{:4}- {}", {"title": "TI", "author": "AU", "year": "DP", "abstract": "AB"}, "OWN - ERIC", "", ""),
    "web of science": ("{} {}", {"title": "TI", "author": "AU", "year": "PY", "abstract": "AB"}, "PT J", "ER",
                       "FN Clarivate Analytics Web of Science\nVR 1.0\n"),
    "endnote": ("%{} {}", {"title": "T", "author": "A", "year": "D", "abstract": "X"}, "%0 Journal Article", "", ""),
    "refworks": ("{} {}", {"title": "T1", "author": "A1", "year": "YR", "abstract": "AB"}, "RT Journal Article", "", ""),
    "cochrane": ("{}: {}", {"title": "TI", "author": "AU", "year": "YR", "abstract": "AB"}, "ID: CN-0000{}", "", ""),
    "embase": ('"{}","{}"', {"title": "TITLE", "author": "AUTHOR NAMES", "year": "PUBLICATION YEAR",
                             "abstract": "ABSTRACT"}, "", "", ""),
}  # fmt: skip
PAPERS = {
    str(number): {
        "title": f"Moths of valley {number}",
        "author": f"Fell{number}, Ada",
        "year": str(2010 + number),
        "abstract": f"We followed the moths of valley {number} for a summer and counted {number}00 of them.",
    }
    for number in range(1, 5)
}
ORDERS = {
    "as ever": ("start", "title", "author", "year", "abstract"),
    "title before the type": ("title", "author", "start", "year", "abstract"),
    "authors before the type": ("author", "title", "start", "year", "abstract"),
    "type at the end": ("title", "author", "abstract", "year", "start"),
    "abstract first": ("abstract", "title", "author", "year", "start"),
}


def block(format_name: str, number: str, order: tuple[str, ...], without: str = "") -> str:
    form, tags, start, end, _ = FORMATS[format_name]
    lines = [
        start.format(number) if part == "start" else form.format(tags[part], PAPERS[number][part])
        for part in order
        if part != without
    ]
    return "\n".join([*filter(None, lines), *filter(None, [end])])


def found(folder: Path, text: str) -> list[Record | Rejection]:
    path = folder / "export.txt"
    path.write_text(text, encoding="utf-8")
    try:
        return list(read(path))
    except SourceError as error:
        return [Rejection(str(path), error.reason, error.line)]


def assert_nobody_has_the_words_of_another(items: list[Record | Rejection]) -> None:
    for record in items:
        if isinstance(record, Record):
            own = PAPERS[record.title.split()[-1]]
            assert record.abstract == own["abstract"]
            assert record.authors in ((own["author"],), ())
            assert record.year in (int(own["year"]), None)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("format_name", FORMATS)
def test_whatever_tag_comes_first_each_paper_keeps_its_own_words(tmp_path: Path, format_name: str, order: str) -> None:
    if format_name in ("refworks", "cochrane", "embase") and order != "as ever":
        order = {"refworks": "as ever", "cochrane": "as ever"}.get(format_name, "authors before the type")
    blocks = [block(format_name, number, ORDERS[order]) for number in PAPERS]
    items = found(tmp_path, FORMATS[format_name][4] + "\n\n".join(blocks) + "\n")
    assert [(item.title, type(item)) for item in items] == [(paper["title"], Record) for paper in PAPERS.values()]
    assert_nobody_has_the_words_of_another(items)


@pytest.mark.parametrize("between", ["\n", "\n\n", "\n----\n", "\n\n\n"])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("format_name", FORMATS)
def test_what_is_missing_or_run_together_is_reported_and_never_slides(
    tmp_path: Path, format_name: str, order: str, between: str
) -> None:
    if format_name == "embase" and between == "\n":
        order = "as ever"  # Embase always has empty lines; without them a record begins with its title
    for broken, without in itertools.product(("1", "2", "4"), ("", "title", "abstract", "start", "author")):
        blocks = [block(format_name, n, ORDERS[order], without if n == broken else "") for n in PAPERS]
        items = found(tmp_path, FORMATS[format_name][4] + between.join(blocks) + "\n")
        assert items
        assert_nobody_has_the_words_of_another(items)
        if "\n\n" in between and any(isinstance(item, Record) for item in items):
            missing = set(PAPERS) - {item.title.split()[-1] for item in items if item.title}
            assert missing <= {broken}


@pytest.mark.parametrize(("one", "other"), [*itertools.permutations(["ris", "medline", "endnote"], 2)])
def test_of_two_formats_in_one_file_one_is_read_and_the_other_reported(tmp_path: Path, one: str, other: str) -> None:
    blocks = [block(one, "1", ORDERS["as ever"]), block(other, "2", ORDERS["as ever"])]
    items = found(tmp_path, "\n\n".join(blocks) + "\n")
    assert_nobody_has_the_words_of_another(items)
    records = [item for item in items if isinstance(item, Record)]
    reported = [item for item in items if isinstance(item, Rejection)]
    assert len(records) == 1
    assert "put them in a separate file" in reported[0].reason


def test_a_second_title_in_the_middle_of_a_record_is_refused(tmp_path: Path) -> None:
    text = "TY  - JOUR\nTI  - One\nAU  - Fell, Ada\nTI  - Two\nAB  - Whose?\nER  - \n"
    (reported,) = found(tmp_path, text + text.replace("TI  - Two\n", "").replace("Whose?", "Mine."))[:1]
    assert isinstance(reported, Rejection)
    assert (reported.line, reported.title) == (1, "One")
    assert "TI appears twice in one record, on lines 2 and 4" in reported.reason


PREAMBLES = {
    "two lines": "Search results for moths\nExported on 3 May 2022 by the library\n\n",
    "one line": "RefWorks Export\n",
    "fields": "Provider: Dusk Press\nDatabase: Moths\nContent: text/plain\n\n",
    "a rule": "============\nMy export\n============\n",
    "a comment": "# exported by a tool: 3 records\n\n\n",
    "many lines": "".join(f"Line {n} of the remarks on this file that nobody reads.\n" for n in range(20)) + "\n",
}


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("preamble", PREAMBLES)
def test_remarks_above_the_first_record_change_nothing(tmp_path: Path, format_name: str, preamble: str) -> None:
    whole = FORMATS[format_name][4] + "\n\n".join(block(format_name, n, ORDERS["as ever"]) for n in PAPERS) + "\n"
    plain, remarked = found(tmp_path, whole), found(tmp_path, PREAMBLES[preamble] + whole)
    assert [(item.title, getattr(item, "abstract", "")) for item in remarked] == [
        (item.title, getattr(item, "abstract", "")) for item in plain
    ]
    first = next(item for item in remarked if isinstance(item, Record))
    above = PREAMBLES[preamble].count("\n")
    assert first.origin.line == next(item for item in plain if isinstance(item, Record)).origin.line + above


BEHIND = {
    "a count": "\nExported from Zotero on 3 May 2022\nTotal records: 12\n",
    "a rule": "----\nTotal records: 12\n",
    "the owner": "\nEnd of file\n\n© 2022 The Press. All rights reserved.\n",
    "a sentence": "\n\n    This file was exported from a database. It holds 12 records.\n",
}


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("footer", BEHIND)
def test_what_stands_behind_the_last_record_is_in_no_abstract(tmp_path: Path, format_name: str, footer: str) -> None:
    whole = FORMATS[format_name][4] + "\n\n".join(block(format_name, n, ORDERS["as ever"]) for n in PAPERS) + "\n"
    items = found(tmp_path, whole + BEHIND[footer])
    assert [item.title for item in items if isinstance(item, Record)] == [one["title"] for one in PAPERS.values()]
    assert_nobody_has_the_words_of_another(items)
    reported = [item.reason for item in items if isinstance(item, Rejection)]
    ended = bool(FORMATS[format_name][3])
    assert len(reported) == (footer in ("the owner", "a sentence") and not ended)
    assert all("text after a record isn't read" in reason for reason in reported)


DIRECTLY_BEHIND = [
    "© 2022 The Press. All rights reserved.",
    "Downloaded from https://dusk.example/export on 3 May 2022",
    "This export was made by the library.\nTotal records: 4",
    "https://dusk.example/export",
    "COPYRIGHT: The Press owns this record; nobody may copy it to any other place.",
    "本文件由图书馆导出。",
]


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("footer", DIRECTLY_BEHIND)
@pytest.mark.parametrize("abstract", ["", "wrapped"])
def test_a_footer_directly_under_the_last_abstract_is_no_part_of_it(
    tmp_path: Path, format_name: str, footer: str, abstract: str
) -> None:
    whole = FORMATS[format_name][4] + "\n\n".join(block(format_name, n, ORDERS["as ever"]) for n in PAPERS) + "\n"
    if abstract == "wrapped" and format_name != "embase":
        indent = "      " if format_name == "medline" else "   " if format_name == "web of science" else ""
        whole = whole.replace(" for a summer and", f" for a\n{indent}summer and")
        footer = footer.replace("https", "See https")
    items = found(tmp_path, whole + footer + "\n")
    assert_nobody_has_the_words_of_another(items)
    reported = [item for item in items if isinstance(item, Rejection)]
    by_its_place = bool(FORMATS[format_name][3]) or format_name == "medline"  # behind an end, or not indented
    assert by_its_place or [footer.split("\n")[0][:30] in item.reason for item in reported] == [True]
    assert all(item.line == 1 + whole.count("\n") for item in reported)


@pytest.mark.parametrize("format_name", ["loose ris", "eric", "endnote", "refworks", "cochrane"])
def test_what_may_be_a_footer_or_the_end_of_a_sentence_is_read_and_reported(tmp_path: Path, format_name: str) -> None:
    whole = FORMATS[format_name][4] + "\n\n".join(block(format_name, n, ORDERS["as ever"]) for n in PAPERS)
    *_, last, reported = found(tmp_path, whole.removesuffix(".") + "\nDownloaded from a service\n")
    assert isinstance(last, Record)
    assert isinstance(reported, Rejection)
    assert last.abstract.endswith("400 of them Downloaded from a service")
    assert "is read as the abstract's last: 'Downloaded from a service'" in reported.reason


@pytest.mark.parametrize("format_name", ["loose ris", "eric", "endnote", "refworks", "cochrane"])
def test_a_footer_between_two_files_put_together_is_no_part_of_an_abstract(tmp_path: Path, format_name: str) -> None:
    one, *others = [block(format_name, number, ORDERS["as ever"]) for number in PAPERS]
    items = found(tmp_path, "\n".join([one, DIRECTLY_BEHIND[0], "", *others]) + "\n")
    assert_nobody_has_the_words_of_another(items)
    assert sum("text under a record isn't read: '© 2022" in getattr(item, "reason", "") for item in items) == 1


@pytest.mark.parametrize("format_name", ["loose ris", "eric", "endnote", "refworks", "cochrane"])
def test_an_abstract_at_the_end_keeps_its_sections_its_broken_lines_and_its_long_paragraphs(
    tmp_path: Path, format_name: str
) -> None:
    long = "We counted moths. " * 30
    for lines in (
        ["BACKGROUND: Moths fly.", "METHODS: We counted them.", "RESULTS: 300 flew."],
        ["Background: Moths fly.", "Conclusions: 300 flew."],
        ["We followed the moths of this valley for one summer, which was a hot one", "and counted 300."],
        ["Smith and her friends followed the moths of the valley for one summer and", "the next. The sum of them is by",
         "Smith's own count 300."],
        ["We followed the moths.", long.strip()],
    ):  # fmt: skip
        text = FORMATS[format_name][4] + block(format_name, "1", ORDERS["as ever"])
        record, *reported = found(tmp_path, text.replace(PAPERS["1"]["abstract"], "\n".join(lines)) + "\n")
        assert isinstance(record, Record)
        assert record.abstract == " ".join(lines)
        assert ["is read as the abstract's last" in getattr(item, "reason", "") for item in reported] == [True] * (
            lines[-1] == long.strip()
        )


@pytest.mark.parametrize(
    ("format_name", "line"),
    [
        ("endnote", "%5 of the plots were dry."), ("endnote", "%a of the plots were dry."),
        ("endnote", "%: all plots were dry."), ("endnote", "%{ all plots were dry."), ("endnote", "%of the plots dried."),
        ("cochrane", "CI: 1.2 to 3.4."), ("cochrane", "AIM: To count moths."), ("cochrane", "RR: 0.9."),
        ("eric", "HER2- moths were few."), ("eric", "CD34- moths were few."), ("refworks", "US moths were few."),
        ("loose ris", "OR - 0.9."), ("ris", "P53 - of moths."),
    ],
)  # fmt: skip
def test_a_line_of_an_abstract_that_looks_like_a_tag_and_is_none_stays_in_it(
    tmp_path: Path, format_name: str, line: str
) -> None:
    text = FORMATS[format_name][4] + "\n\n".join(block(format_name, number, ORDERS["as ever"]) for number in "12")
    whole = text.replace("00 of them.", f"00 of\nthem, as was said\n{line}\nand that is all.")
    first = found(tmp_path, whole)[0]
    assert isinstance(first, Record)
    assert first.abstract.endswith(f"as was said {line} and that is all.")


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_line_between_two_records_is_in_neither(tmp_path: Path, format_name: str) -> None:
    blocks = "".join(f"{block(format_name, n, ORDERS['as ever'])}\n\nRecord {n} of 4\n" for n in PAPERS)
    items = found(tmp_path, FORMATS[format_name][4] + blocks)
    assert [(item.title, type(item)) for item in items] == [(one["title"], Record) for one in PAPERS.values()]
    assert_nobody_has_the_words_of_another(items)


def test_an_abstract_goes_on_behind_an_empty_line_where_its_record_does(tmp_path: Path) -> None:
    text = "TY  - JOUR\nTI  - Moths\nAB  - They fly.\n\nThey rest.\nKW  - wings\nER  - \n"
    text += "TY  - JOUR\nTI  - Kelp\nAB  - It grows.\n\nIt is buried.\nER  - \n"
    moths, kelp = found(tmp_path, text)
    assert isinstance(moths, Record)
    assert isinstance(kelp, Record)
    assert (moths.abstract, moths.keywords, kelp.abstract) == (
        "They fly. They rest.",
        ("wings",),
        "It grows. It is buried.",
    )


def test_tags_with_a_space_behind_them_are_no_titles(tmp_path: Path) -> None:
    text = "".join(
        f"XA Fell, Ada\nXT Moths at dusk\nXY 2021\nXB We followed moths for a summer. {n} flew.\n\n" for n in "123"
    )
    (reported,) = found(tmp_path, text)
    assert isinstance(reported, Rejection)
    assert "lines that begin with XA, XT, XY, XB" in reported.reason


PAIR = [{"title": "Moths", "abstract": "They fly."}, {"title": "Kelp", "abstract": "It is buried."}]


@pytest.mark.parametrize(
    "wrapped",
    [
        {"recommendedPapers": PAIR}, {"query": "dusk", "mine": PAIR}, {"data": {"papers": PAIR}},
        {"data": {"search": {"edges": [{"node": paper} for paper in PAIR]}}},
        {"hits": {"total": 2, "hits": [{"_id": "1", "_source": paper} for paper in PAIR]}},
    ],
)  # fmt: skip
def test_a_list_of_papers_is_found_in_whatever_is_around_it(tmp_path: Path, wrapped: object) -> None:
    assert [item.title for item in found(tmp_path, json.dumps(wrapped, indent=1))] == ["Moths", "Kelp"]


def test_what_is_around_papers_and_not_read_is_named(tmp_path: Path) -> None:
    (reported,) = found(tmp_path, json.dumps({"soil": {"size": {"n": 1}}, "plan": {"n": 2}, "count": 2}, indent=1))
    assert isinstance(reported, Rejection)
    assert "an object around 'soil', 'plan'" in reported.reason


def test_a_second_list_of_papers_is_reported(tmp_path: Path) -> None:
    *_, reported = found(tmp_path, json.dumps({"recommendedPapers": PAIR, "morePapers": PAIR}, indent=1))
    assert isinstance(reported, Rejection)
    assert "'morePapers', isn't read" in reported.reason


def test_a_second_table_in_a_file_goes_by_its_own_columns(tmp_path: Path) -> None:
    text = "title,abstract,authors\nMoths,They fly.,Ada Fell\nabstract,title,year\nIt is buried.,Kelp,2021\n"
    items = found(tmp_path, text)
    assert [(item.title, getattr(item, "abstract", "")) for item in items] == [
        ("Moths", "They fly."),
        ("Kelp", "It is buried."),
    ]


def test_a_translated_title_below_the_title_is_not_a_second_paper(tmp_path: Path) -> None:
    (record,) = found(tmp_path, "TY  - JOUR\nTI  - Moths\nTI  - Falter\nAB  - Text.\nER  - \n")
    assert isinstance(record, Record)
    assert record.title == "Moths"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("XX - Moths at dusk\nYY - Fell, Ada\nZZ - 2020\nQQ - We followed moths for a summer and counted them.\n", "XX, YY"),
        ("1. J Dusk. 2020 May;3(1):5-9. doi: 10.1234/moth.\n\nMoths at dusk.\n\nFell A(1), Ng B.\n\nAuthor information:\n"
         "(1)Fjord Lab.\n\nWe followed moths for a whole summer. They flew at dusk, and scent led them.\n\nPMID: 123456\n",
         "PubMed"),
        ("1: Fell A. Moths at dusk. J Dusk. 2020 May;3(1):5-9. doi: 10.1234/moth. PMID: 123456.\n\n2: Ng B. Kelp.\n", "PubMed"),
        ("Scopus\nEXPORT DATE:01 Jan 2020\n\nFell, A.\nMoths at dusk\n(2020) J Dusk, 3 (1), pp. 5-9.\nABSTRACT: They fly.\n", "Scopus"),
        ("Document 1 of 2\n\nMoths at dusk\n\nAuthor: Fell, Ada\n\nAbstract: We followed moths for a whole summer. They flew.\n",
         "the labels Abstract, Author"),
        ("- title: Moths at dusk\n  abstract: We followed moths for a whole summer. They flew at dusk.\n", "the labels title"),
        ("---\nreferences:\n- id: moths\n  title: Moths at dusk\n  abstract: They fly.\n...\n", "CSL YAML"),
        ('<?xml version="1.0"?><!DOCTYPE article PUBLIC "x" "y"><article><front><article-meta><title-group/></article-meta></front></article>', "JATS"),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><bib:Article/></rdf:RDF>', "RDF"),
        ('<?xml version="1.0"?><modsCollection xmlns="http://www.loc.gov/mods/v3"><mods/></modsCollection>', "MODS"),
    ],
)  # fmt: skip
def test_a_format_that_is_not_read_is_refused_by_its_name(tmp_path: Path, text: str, named: str) -> None:
    (reported,) = found(tmp_path, text)
    assert isinstance(reported, Rejection)
    assert named in reported.reason

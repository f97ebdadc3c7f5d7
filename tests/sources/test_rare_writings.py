"""Rare writings of what every format has: kinds that were once read wrong, each in all formats where it can occur."""

# ruff: noqa: E501 - a record stays on one line

import json
from pathlib import Path

import pytest

from rag.sources import read
from rag.sources.notice_fields import typed
from rag.types import Record, Rejection

TEXT = "We followed hawk moths for a summer. Scent led them to the flowers."
ONE, TWO, THREE = ({"title": f"Moths at dusk, {n}", "abstract": f"{TEXT} That was study {n}."} for n in "123")


def found(folder: Path, text: str, name: str = "file") -> list[Record]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    items = list(read(path))
    assert all(isinstance(item, Record) for item in items), items
    return [item for item in items if isinstance(item, Record)]


# How each format writes the DOI {d} and the authors {n}, of one field or one line each.
FORMS = {
    "ris": ("TY  - JOUR\nTI  - Moths\n{n}AB  - They fly.\nDO  - {d}\nER  - \n", "AU  - {}\n"),
    "medline": ("PMID- 7\nTI  - Moths\n{n}LID - {d} [doi]\nAB  - They fly.\n", "AU  - {}\n"),
    "web of science": ("FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\n{n}TI Moths\nAB They fly.\nDI {d}\nER\n\nEF\n", "AU {}\n"),
    "endnote": ("%0 Journal Article\n%T Moths\n{n}%R {d}\n%X They fly.\n", "%A {}\n"),
    "refworks": ("RT Journal Article\n{n}T1 Moths\nAB They fly.\nDO {d}\n", "A1 {}\n"),
    "cochrane": ("ID: CN-0001\n{n}TI: Moths\nAB: They fly.\nDOI: {d}\n", "AU: {}\n"),
    "embase": ('"TITLE","Moths"\n{n}"ABSTRACT","They fly."\n"DOI","{d}"\n\n', '"AUTHOR NAMES","{}"\n'),
    "csv": ('Title,Abstract,DOI,Authors\n"Moths","They fly.","{d}","{n}"\n', "{}; "),
    "json": ('{{"title": "Moths", "abstract": "They fly.", "doi": "{d}", "authors": [{n}]}}', '"{}", '),
    "bibtex": ("@article{{k, title = {{Moths}}, author = {{{n}}}, doi = {{{d}}}, abstract = {{They fly.}}}}\n", "{} and "),
}  # fmt: skip
DOIS = {
    "10.1000/a&b": "10.1000/a&b",
    "10.1000/a&amp;b": "10.1000/a&b",
    "https://doi.org/10.1000/a?from=b&to=c": "10.1000/a",
    "10.1002/1097-0142(19810915)48:6&lt;1333::AID-CNCR1&gt;3.0.CO;2-C": "10.1002/1097-0142(19810915)48:6<1333::aid-cncr1>3.0.co;2-c",
}


def one(folder: Path, form: str, doi: str = "", names: tuple[str, ...] = ()) -> Record:
    record, line = FORMS[form]
    written = "".join(map(line.format, names))
    for end in (" and ", ", ", "; "):
        written = written.removesuffix(end)
    (paper,) = found(folder, record.format(d=doi, n=written))
    return paper


@pytest.mark.parametrize("form", FORMS)
def test_a_doi_is_read_whole(tmp_path: Path, form: str) -> None:
    for written, doi in DOIS.items():
        assert one(tmp_path, form, written).doi == doi, written


@pytest.mark.parametrize("sign", [r"{\_}", r"\_", r"\textunderscore ", r"{\textunderscore}", r"\textunderscore{}"])
def test_a_doi_in_latex_is_read_whole(tmp_path: Path, sign: str) -> None:
    assert one(tmp_path, "bibtex", f"10.1007/978-3-319-10602-1{sign}48").doi == "10.1007/978-3-319-10602-1_48"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("others", ["et al.", "et al", "and others"])
def test_others_behind_the_last_author_are_no_part_of_the_name(tmp_path: Path, form: str, others: str) -> None:
    if (form, others) == ("bibtex", "and others"):
        others = "and others "  # BibTeX's own writing
    paper = one(tmp_path, form, names=("Fell, Ada", f"Ng, Bo {others}"))
    assert (paper.authors, paper.more_authors) == (("Fell, Ada", "Ng, Bo"), True)
    paper = one(tmp_path, form, names=("Fell, Ada", "Ng, Etal"))
    assert (paper.authors, paper.more_authors) == (("Fell, Ada", "Ng, Etal"), False)


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"Moths at \textsuperscript{\textit{n}} and \textsubscript{{\bf 2}}", "Moths at ^n and ₂"),
        (r"Moths\thanks{Funded by the {Hive} Trust} at dusk\footnote{See below}", "Moths at dusk"),
        (r"Moths of \SIlist{1;2;4}{\gram} and \qtylist{3;5}{\milli\metre}", "Moths of 1, 2, 4 g and 3, 5 mm"),
        (r"Moths of \numlist{1;2;4} in \qtyproduct{2 x 3}{\metre}", "Moths of 1, 2, 4 in 2 × 3 m"),
        (r"Moths from \SIrange{3}{7}{\metre}, \numrange{10}{20}, \num{1e6}", "Moths from 3–7 m, 10–20, 1 × 10^6"),
    ],
)
def test_latex_with_arguments_is_written_out(tmp_path: Path, latex: str, plain: str) -> None:
    (paper,) = found(tmp_path, f"@article{{k, title = {{{latex}}}, abstract = {{They fly.}}}}\n")
    assert paper.title == plain


def test_an_article_inherits_the_title_of_the_article_that_it_refers_to(tmp_path: Path) -> None:
    parent = "@article{a, title = {Moths at dusk}, year = 2002, abstract = {They fly.}}\n"
    papers = found(tmp_path, "@article{b, crossref = {a}, abstract = {They fly far.}}\n" + parent)
    assert [(paper.title, paper.year) for paper in papers] == [("Moths at dusk", 2002)] * 2


def test_tags_in_small_letters_are_tags(tmp_path: Path) -> None:
    ris = "".join(f"TY  - JOUR\nTI  - {p['title']}\nAB  - {p['abstract']}\nPY  - 2002\nER  - \n" for p in (ONE, TWO))
    small = "\n".join(line[:2].lower() + line[2:] for line in ris.split("\n"))
    papers = found(tmp_path, small, "a.txt")
    assert [(paper.title, paper.abstract, paper.year) for paper in papers] == [(*p.values(), 2002) for p in (ONE, TWO)]
    without_type = small.replace("ty  -", "zz  -")
    assert [(paper.title, paper.year) for paper in found(tmp_path, without_type, "a.txt")] == [
        (p["title"], 2002) for p in (ONE, TWO)
    ]


DIALECTS = {
    "json": lambda p: p,
    "crossref": lambda p: {
        "DOI": f"10.1000/{p['title'][-1]}",
        "title": [p["title"]],
        "prefix": "x",
        "abstract": p["abstract"],
    },
    "semantic scholar": lambda p: {"paperId": p["title"][-1], **p},
    "zotero": lambda p: {"itemType": "journalArticle", "title": p["title"], "abstractNote": p["abstract"]},
}
WRAPPED = {
    "by their ids": lambda a, b, c: {"p1": a, "p2": b, "p3": c},
    "pages": lambda a, b, c: [{"offset": 0, "things": [a, b]}, {"offset": 2, "things": [c]}],
    "pages with papers inside": lambda a, b, c: [{"data": [{"node": a}, {"node": b}]}, {"data": [{"node": c}]}],
    "lists in a list": lambda a, b, c: [[a, b], [c]],
    "by their ids, beside a count": lambda a, b, c: {"count": 3, "p1": a, "p2": b, "p3": c},
    "by their ids, inside": lambda a, b, c: {"meta": {"count": 3}, "result": {"data": {"p1": a, "p2": b, "p3": c}}},
    "by their ids, each inside": lambda a, b, c: {"p1": {"paper": a}, "p2": {"paper": b}, "p3": {"paper": c}},
    "each inside": lambda a, b, c: [{"id": number, "paper": one} for number, one in enumerate((a, b, c))],
    "each in its attributes": lambda a, b, c: [{"id": "1", "score": 0.5, "attributes": one} for one in (a, b, c)],
    "one object": lambda a, b, c: {"meta": {"count": 3}, "things": [a, b, c]},
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("wrapper", WRAPPED)
@pytest.mark.parametrize("indent", [None, 1])
def test_papers_in_any_wrapper_are_read(tmp_path: Path, dialect: str, wrapper: str, indent: int | None) -> None:
    whole = json.dumps(WRAPPED[wrapper](*map(DIALECTS[dialect], (ONE, TWO, THREE))), indent=indent)
    assert [paper.title for paper in found(tmp_path, whole)] == [paper["title"] for paper in (ONE, TWO, THREE)]


TABLES = {
    "columns by index": {name: {str(row): paper[name] for row, paper in enumerate((ONE, TWO))} for name in ONE},
    "columns as lists": {name: [paper[name] for paper in (ONE, TWO)] for name in ONE},
    "columns of one": {name: [ONE[name]] for name in ONE},
    "split": {"columns": [*ONE], "index": [0, 1], "data": [[*paper.values()] for paper in (ONE, TWO)]},
    "split, the rows first": {"data": [[*paper.values()] for paper in (ONE, TWO)], "columns": [*ONE]},
    "rows behind their names": [[*ONE], *([*paper.values()] for paper in (ONE, TWO))],
    "rows in an object": {"table": {"rows": [[*ONE], *([*paper.values()] for paper in (ONE, TWO))]}},
    "by index": {"0": ONE, "1": TWO},
    "with a schema": {"schema": {"fields": [{"name": name, "type": "string"} for name in ONE]}, "data": [ONE, TWO]},
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("indent", [None, 1])
def test_what_data_frames_are_saved_as_is_read(tmp_path: Path, table: str, indent: int | None) -> None:
    papers = found(tmp_path, json.dumps(TABLES[table], indent=indent))
    expected = [ONE, TWO][: len(papers)] if table == "columns of one" else [ONE, TWO]
    assert papers
    assert [{"title": paper.title, "abstract": paper.abstract} for paper in papers] == expected


def test_a_text_and_what_is_known_about_it_are_one_paper(tmp_path: Path) -> None:
    about = {"title": ONE["title"], "year": 2002}
    documents = ({"id": "1", "text": ONE["abstract"], "metadata": about}, {"page_content": "x", "metadata": {**ONE}})
    for document in documents:
        (paper,) = found(tmp_path, json.dumps(document))
        assert (paper.title, paper.abstract) == (ONE["title"], ONE["abstract"])


def test_the_journal_of_a_record_without_a_title_is_no_paper(tmp_path: Path) -> None:
    record = {"id": "1", "year": 2002, "journal": {"title": "Soil and Field"}, "authors": [{"name": "Ada Fell"}]}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(record) + "\n" + json.dumps(THREE) + "\n", encoding="utf-8")
    reported, paper = read(path)
    assert isinstance(reported, Rejection)
    assert (reported.title, paper.title) == (None, THREE["title"])


def test_replies_one_behind_the_other_are_all_read(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"data": [paper]}) + "\n" for paper in (ONE, TWO, THREE))
    lists = json.dumps([ONE, TWO]) + "\n" + json.dumps([THREE])
    for text in (lines, lists):
        assert [paper.title for paper in found(tmp_path, text)] == [paper["title"] for paper in (ONE, TWO, THREE)]


def test_a_paper_without_a_title_is_not_taken_for_a_list_of_its_references(tmp_path: Path) -> None:
    record = {"doi": "10.1000/x", "references": [ONE, TWO]}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(record) + "\n" + json.dumps(THREE) + "\n", encoding="utf-8")
    assert [item.title for item in read(path) if isinstance(item, Record)] == [THREE["title"]]


def test_erics_issn_is_read(tmp_path: Path) -> None:
    (paper,) = found(tmp_path, "OWN - ERIC\nTI  - Moths\nAB  - They fly.\nISSN- ISSN-0040-0912\n", "a.nbib")
    assert paper.issn == "0040-0912"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.bib", "@article{{a, title={{Reed beds and heat}}, abstract={{Reed beds were 4 degrees cooler.}}, note={{{note}}}}}\n"),
        ("a.ris", "TY  - JOUR\nTI  - Reed beds and heat\nAB  - Reed beds were 4 degrees cooler.\nN1  - {note}\nER  - \n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("note", "doi"),
    [
        ("doi: 10.5555/reed.7", "10.5555/reed.7"),
        ("https://doi.org/10.5555/reed.7", "10.5555/reed.7"),
        ("12 pages; DOI 10.5555/reed.7", "10.5555/reed.7"),
        ("See https://doi.org/10.5555/comp.1", None),
        ("Erratum: https://doi.org/10.5555/comp.1", None),
    ],
)
def test_a_doi_in_a_sentence_of_a_note_is_another_papers(
    tmp_path: Path, name: str, text: str, note: str, doi: str | None
) -> None:
    (record,) = found(tmp_path, text.format(note=note), name)
    assert record.doi == doi


@pytest.mark.parametrize("types", ["Journal Article. Retracted Publication.", "Retracted Publication."])
def test_document_types_apart_by_full_stops_are_read(types: str) -> None:
    assert [notice.kind for notice in typed(types)] == ["retraction"]


DATED = {
    "ris": "TY  - JOUR\nTI  - Moths\nDA  - {}\nPY  - {}\nAB  - They fly.\nER  - \n",
    "ris without types": "AU  - Fell, Ada\nTI  - Moths\nY1  - {}\nPY  - {}\nAB  - They fly.\n",
    "endnote": "%0 Journal Article\n%T Moths\n%8 {}\n%D {}\n%X They fly.\n",
    "endnote xml": "<xml><records><record><ref-type name='Journal Article'>17</ref-type><titles><title>Moths</title></titles>"
    "<dates><year>{1}</year><pub-dates><date>{0}</date></pub-dates></dates><abstract>They fly.</abstract></record></records></xml>",
    "medline": "PMID- 7\nTI  - Moths\nDEP - {}\nDP  - {}\nAB  - They fly.\n",
    "refworks": "RT Journal Article\nT1 Moths\nFD {}\nYR {}\nAB They fly.\n",
    "bibtex": "@misc{{a, title={{Moths}}, date={{{}}}, year={{{}}}, abstract={{They fly.}}}}\n",
    "csv": 'title,abstract,date,year\nMoths,They fly.,"{}","{}"\n',
    "json": '{{"title": "Moths", "abstract": "They fly.", "published": "{}", "year": "{}"}}\n',
}


@pytest.mark.parametrize("form", DATED)
@pytest.mark.parametrize(
    "visit", ["Accessed 3 May 2021", "[cited 2021 May 3]", "Retrieved May 3, 2021", "Abgerufen am 3.5.2021", "consulté le 3 mai 2021"]
)  # fmt: skip
def test_the_day_of_a_visit_is_no_date_of_publication(tmp_path: Path, form: str, visit: str) -> None:
    (paper,) = found(tmp_path, DATED[form].format(visit, ""))
    assert (paper.year, paper.published) == (None, None)
    (paper,) = found(tmp_path, DATED[form].format(visit, "2002"))
    assert (paper.year, paper.published) == (2002, "2002")


NAMED = {
    "ris": "TY  - JOUR\nTI  - Moths\nAU  - {}\nAB  - They fly.\nER  - \n",
    "endnote": "%0 Journal Article\n%T Moths\n%A {}\n%X They fly.\n",
    "medline": "PMID- 7\nTI  - Moths\nAU  - {}\nAB  - They fly.\n",
    "refworks": "RT Journal Article\nT1 Moths\nA1 {}\nAB They fly.\n",
    "cochrane": "ID: CN-1\nAU: {}\nTI: Moths\nAB: They fly.\n",
    "ovid": "<1>\nTitle\n  Moths\nAuthor\n  {}\nAbstract\n  They fly.\n",
    "csv": 'title,abstract,authors\nMoths,They fly.,"{}"\n',
    "json": '{{"title": "Moths", "abstract": "They fly.", "authors": "{}"}}\n',
}


@pytest.mark.parametrize("form", NAMED)
@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Fell,Ada B.", ("Fell, Ada B.",)),
        ("Fell A.B., van der Moor L.", ("Fell A.B.", "van der Moor L.")),
        ("Fell AB, Ng C, Éco D-E", ("Fell AB", "Ng C", "Éco D-E")),
        ("Fell, Ada; Ng, Cy", ("Fell, Ada", "Ng, Cy")),
    ],
)
def test_names_in_one_line_and_without_a_space(tmp_path: Path, form: str, written: str, names: tuple[str, ...]) -> None:
    (paper,) = found(tmp_path, NAMED[form].format(written))
    assert paper.authors == names


def test_what_zotero_keeps_in_its_extra_column_is_read(tmp_path: Path) -> None:
    extra = '"Key","Item Type","Title","Abstract Note","Extra","Notes"\n'
    (paper,) = found(
        tmp_path, extra + '"AB12","journalArticle","Moths","They fly.","PMID: 7700123; arXiv:2001.01234","Read this"\n'
    )
    assert (paper.pmid, paper.arxiv_id, paper.notes) == ("7700123", "2001.01234", ("Read this",))


def test_a_chapter_of_pubmed_is_in_its_book(tmp_path: Path) -> None:
    (paper,) = found(tmp_path, "PMID- 7\nBTI - Moths of the plain\nTI  - Wings\nAB  - They fly.\n")
    assert (paper.title, paper.venue, paper.kind) == ("Wings", "Moths of the plain", "chapter")


def test_a_reply_that_begins_with_unknown_ids_is_read(tmp_path: Path) -> None:
    path = tmp_path / "batch.json"
    path.write_text(json.dumps([None, None, {"paperId": "1", **ONE}]), encoding="utf-8")
    assert [item.title for item in read(path) if isinstance(item, Record)] == [ONE["title"]]


def test_a_doi_in_the_field_of_a_date_is_no_date(tmp_path: Path) -> None:
    preprint = {**ONE, "doi": "10.1101/2020.01.01.123456", "date": "2020-01-02", "published": "10.1093/moth/2021.7"}
    (paper,) = found(tmp_path, json.dumps({"messages": [{"status": "ok"}], "collection": [preprint]}))
    assert (paper.year, paper.published, paper.doi) == (2020, "2020-01-02", "10.1101/2020.01.01.123456")


def test_the_proceedings_of_the_acl_anthology_and_their_editors_are_read(tmp_path: Path) -> None:
    endf = (
        "%0 Conference Proceedings\n%T Moths\n%A Fell, Ada\n%Y Ng, Bo\n%S Proceedings of Dusk\n%D 2020\n%X They fly.\n"
    )
    (paper,) = found(tmp_path, endf, "a.endf")
    assert (paper.venue, paper.series, paper.editors) == ("Proceedings of Dusk", None, ("Ng, Bo",))


EUROPE = {"id": "7", "source": "MED", "title": "Moths", "abstractText": "They fly.", "authorString": "Fell A"}
EUROPE_XML = (
    "<responseWrapper><resultList><result><id>7</id><source>MED</source><title>Moths</title><authorList><author>"
    "<fullName>Fell A</fullName></author><author><collectiveName>Dusk Group</collectiveName></author></authorList>"
    "<abstractText>They fly.</abstractText></result></resultList></responseWrapper>"
)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({**EUROPE, "authorList": {"author": [{"fullName": "Fell A"}, {"collectiveName": "Dusk Group"}]}}),
        EUROPE_XML,
    ],
)
def test_europe_pmcs_groups_are_organisations(tmp_path: Path, text: str) -> None:
    (paper,) = found(tmp_path, text)
    assert (paper.authors, paper.groups) == (("Fell A", "Dusk Group"), ("Dusk Group",))


def test_the_text_of_a_link_in_latex_may_have_braces(tmp_path: Path) -> None:
    bib = r"@misc{a, title={See \href{http://x.org/a}{the \emph{{s}ite}} of moths}, abstract={They fly.}}"
    assert [paper.title for paper in found(tmp_path, bib)] == ["See the site of moths"]


def test_authors_as_python_prints_a_list_are_several(tmp_path: Path) -> None:
    (paper,) = found(tmp_path, "title,abstract,authors\nMoths,They fly.,\"['Fell, Ada', 'Ng, Bo']\"\n")
    assert paper.authors == ("Fell, Ada", "Ng, Bo")


def test_names_of_the_fields_of_publishers_interfaces_are_known(tmp_path: Path) -> None:
    springer = {
        **ONE,
        "publicationName": "J. Dusk",
        "publicationDate": "2020-07-01",
        "startingPage": "3",
        "endingPage": "9",
    }
    ieee = {**ONE, "publication_title": "J. Dusk", "publication_year": "2020", "start_page": "3", "end_page": "9"}
    for record in (springer, ieee):
        (paper,) = found(tmp_path, json.dumps({"records": [record]}))
        assert (paper.venue, paper.year, paper.pages) == ("J. Dusk", 2020, "3-9")

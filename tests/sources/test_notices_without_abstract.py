"""Notices without an abstract, as databases have most of them: each marks its paper, in every format and order."""

# ruff: noqa: E501 - a record stays on one line

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from counting import CountingEmbedder

from rag import Library, answer
from rag.__main__ import main
from rag.bibliography import export
from rag.errors import LibraryError
from rag.library.backup import restore
from rag.types import IngestReport

TITLE, DOI, PMID = "Soil moisture and the yield of barley", "10.1000/barley.7", "7700123"
TEXT = "We watered forty barley plots in a dry spring and weighed the grain. Moist plots gave a third more grain."
NOTICE_DOI = "10.1000/notice.9"


def lines(record: str, before: str = "", after: str = "") -> Callable[..., str]:
    def written(*papers: tuple[str, str, str]) -> str:
        return before + "".join(record.format(t=t, d=d, a=a) for t, d, a in papers) + after

    return written


def table(*columns: str, cut: str = ",") -> Callable[..., str]:
    def written(*papers: tuple[str, str, str]) -> str:
        rows = [columns, *papers]
        return "".join(cut.join(f'"{cell}"' if cut == "," else cell for cell in row) + "\n" for row in rows)

    return written


def objects(
    of: Callable[[str, str, str], dict[str, object]], wrap: Callable[[list], object] = list
) -> Callable[..., str]:
    def written(*papers: tuple[str, str, str]) -> str:
        return json.dumps(wrap([{k: v for k, v in of(*paper).items() if v} for paper in papers]))

    return written


PUBMED = "<PubmedArticle><MedlineCitation><PMID>{d}</PMID><Article><Journal><Title>J</Title></Journal><ArticleTitle>{t}</ArticleTitle><ELocationID EIdType='doi'>{d}</ELocationID><Abstract><AbstractText>{a}</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>"
ENDNOTE = "<record><ref-type name='Journal Article'>17</ref-type><titles><title>{t}</title></titles><electronic-resource-num>{d}</electronic-resource-num><abstract>{a}</abstract></record>"
EUROPE = "<result><id>1</id><source>MED</source><doi>{d}</doi><title>{t}</title><authorString>Fell A</authorString><abstractText>{a}</abstractText></result>"
FORMS = {
    "ris": lines("TY  - JOUR\nTI  - {t}\nDO  - {d}\nAB  - {a}\nER  - \n"),
    "bibtex": lines("@article{{k{d},\n title = {{{t}}},\n doi = {{{d}}},\n abstract = {{{a}}}\n}}\n"),
    "medline": lines("PMID- {d}\nTI  - {t}\nLID - {d} [doi]\nAB  - {a}\n"),
    "refworks": lines("RT Journal Article\nT1 {t}\nDO {d}\nAB {a}\n"),
    "endnote": lines("%0 Journal Article\n%T {t}\n%R {d}\n%X {a}\n"),
    "web of science": lines("PT J\nTI {t}\nDI {d}\nAB {a}\nER\n", "FN Clarivate Analytics Web of Science\nVR 1.0\n", "EF\n"),
    "cochrane": lines("Record #1 of 2\nID: CN-{d}\nTI: {t}\nDOI: {d}\nAB: {a}\n\n"),
    "ovid": lines("<1>\nTitle\n  {t}\nDigital Object Identifier\n  {d}\nAbstract\n  {a}\n\n"),
    "embase": lines('"TITLE","{t}"\n"DOI","{d}"\n"ABSTRACT","{a}"\n\n'),
    "pubmed xml": lines(PUBMED, "<PubmedArticleSet>", "</PubmedArticleSet>"),
    "endnote xml": lines(ENDNOTE, "<xml><records>", "</records></xml>"),
    "europe pmc xml": lines(EUROPE, "<responseWrapper><resultList>", "</resultList></responseWrapper>"),
    "scopus": table("Title", "DOI", "Abstract"),
    "web of science table": table("TI", "DI", "AB", cut="\t"),
    "csl": objects(lambda t, d, a: {"id": d, "type": "article-journal", "title": t, "DOI": d, "abstract": a}),
    "json": objects(lambda t, d, a: {"title": t, "doi": d, "abstract": a}),
    "crossref": objects(lambda t, d, a: {"DOI": d, "title": [t], "prefix": "10.1000", "abstract": a}),
    "openalex": objects(lambda t, d, a: {"id": "https://openalex.org/W1", "display_name": t, "doi": d, "abstract": a, "authorships": [{}]}),
    "semantic scholar": objects(lambda t, d, a: {"paperId": d, "title": t, "externalIds": {"DOI": d}, "abstract": a}),
    "europe pmc": objects(lambda t, d, a: {"source": "MED", "authorString": "Fell A", "title": t, "doi": d, "abstractText": a}),
    "zotero": objects(lambda t, d, a: {"itemType": "journalArticle", "key": d, "title": t, "DOI": d, "abstractNote": a}),
}  # fmt: skip
PAPER = (TITLE, DOI, TEXT)
# What a record says of the paper, by its title: and whether it is the paper's own record.
TITLES = {
    f"Retraction: {TITLE}": "retraction",
    f"Retraction notice to “{TITLE}” [J. Crops 12 (2010) 3]": "retraction",
    f"Statement of Retraction: {TITLE}": "retraction",
    f"Retraction—{TITLE}": "retraction",
    f"Retraction for Fell et al., {TITLE}": "retraction",
    f"{TITLE} (Retraction of vol 12, pg 33, 2010)": "retraction",
    f"Correction to: {TITLE}": "correction",
    f"Correction for Fell et al., {TITLE}": "correction",
    f"Erratum: {TITLE} (Journal of Crops (2010) 12 (33-40))": "correction",
    f"Corrigendum to “{TITLE}” [J. Crops 12 (2010) 3]": "correction",
    f"Expression of Concern: {TITLE}": "concern",
}
OWN = {f"RETRACTED: {TITLE}": "retraction", f"{TITLE} (Retracted article. See vol. 12, pg. 33, 2010)": "retraction"}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        yield library


def write(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("order", ["before", "after", "in one file before", "in one file after"])
def test_a_notice_marks_its_paper_in_every_format_and_order(
    library: Library, tmp_path: Path, form: str, order: str
) -> None:
    notice = (f"Retraction: {TITLE}", NOTICE_DOI, "")
    records = [notice, PAPER] if order.endswith("before") else [PAPER, notice]
    parts = [records] if "one file" in order else [[record] for record in records]
    reports: list[IngestReport] = []
    for number, part in enumerate(parts):
        reports.append(library.add(write(tmp_path, f"{number}.export", FORMS[form](*part))))
    assert sum(len(report.notices) for report in reports) == 1
    assert not any(report.without_abstract or report.rejected for report in reports)
    (marked,) = reports[-1].marked
    assert (marked.title, marked.notice.kind) == (TITLE, "retraction")
    assert ", matched by its title alone" in marked.notice.said_by
    (paper,) = library.papers()
    assert paper.retracted
    assert f"({'1' if order == 'after' else '0'}.export#" in paper.retraction


@pytest.mark.parametrize("title", [*TITLES, *OWN])
def test_every_form_of_a_notices_title_marks_its_paper(library: Library, tmp_path: Path, title: str) -> None:
    library.add(write(tmp_path, "notice.ris", FORMS["ris"]((title, "" if title in OWN else NOTICE_DOI, ""))))
    library.add(write(tmp_path, "paper.ris", FORMS["ris"](PAPER)))
    (paper,) = library.papers()
    assert [notice.kind for notice in paper.notices] == [{**TITLES, **OWN}[title]], paper.notices


# How the databases name the paper in a field of the notice, whose title says nothing of it.
POINTING = {
    "medline": "PMID- 5\nTI  - Notice from the editors\nPT  - Journal Article\n{medline} - J Crops. 2010;12:3. PMID: 7700123\n",
    "medline by doi": "PMID- 5\nTI  - Notice from the editors\n{medline} - J Crops. 2010;12:3. doi: 10.1000/barley.7\n",
    "pubmed xml": "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>5</PMID><Article><ArticleTitle>Notice from the editors</ArticleTitle></Article><CommentsCorrectionsList><CommentsCorrections RefType='{pubmed}'><RefSource>J Crops. 2010</RefSource><PMID>7700123</PMID></CommentsCorrections></CommentsCorrectionsList></MedlineCitation></PubmedArticle></PubmedArticleSet>",
    "europe pmc": '{{"source": "MED", "authorString": "", "title": "Notice from the editors", "commentCorrectionList": {{"commentCorrection": [{{"id": "7700123", "source": "MED", "reference": "J Crops", "type": "{europe}"}}]}}}}',
    "europe pmc xml": "<responseWrapper><resultList><result><authorString/><title>Notice from the editors</title><commentCorrectionList><commentCorrection><id>7700123</id><type>{europe}</type></commentCorrection></commentCorrectionList></result></resultList></responseWrapper>",
    "crossref": '{{"DOI": "10.1000/notice.9", "prefix": "10.1000", "title": ["Notice from the editors"], "update-to": [{{"DOI": "10.1000/BARLEY.7", "type": "{crossref}"}}]}}',
}  # fmt: skip
KINDS = {
    "retraction": {"medline": "ROF", "pubmed": "RetractionOf", "europe": "Retraction of", "crossref": "retraction"},
    "correction": {"medline": "EFR", "pubmed": "ErratumFor", "europe": "Erratum for", "crossref": "erratum"},
    "concern": {"medline": "ECF", "pubmed": "ExpressionOfConcernFor", "europe": "Expression of concern for", "crossref": "expression_of_concern"},
}  # fmt: skip
BARLEY = f"TY  - JOUR\nTI  - {TITLE}\nDO  - {DOI}\nAN  - {PMID}\nDB  - PubMed\nAB  - {TEXT}\nER  - \n"


@pytest.mark.parametrize("form", POINTING)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("first", ["paper", "notice"])
def test_a_field_that_names_the_paper_marks_it(
    library: Library, tmp_path: Path, form: str, kind: str, first: str
) -> None:
    text = POINTING[form].format(**KINDS[kind])
    files = [write(tmp_path, "paper.jsonl", json.dumps({"title": TITLE, "abstract": TEXT, "doi": DOI, "pmid": PMID}))]
    files.insert(0 if first == "notice" else 1, write(tmp_path, "notice.export", text))
    (marked,) = [mark for file in files for mark in library.add(file).marked]
    assert (marked.notice.kind, marked.notice.said_by) == (kind, "notice.export#1")
    assert [notice.kind for notice in library.get(DOI).notices] == [kind]


def test_a_notice_about_several_papers_marks_each(library: Library, tmp_path: Path) -> None:
    papers = [
        {"title": f"Barley, report {n} of the plots", "abstract": f"Plot {n} gave {n} tonnes.", "pmid": f"77{n}"}
        for n in range(3)
    ]
    library.add_records(papers)
    library.add(
        write(
            tmp_path, "notice.nbib", "PMID- 5\nTI  - Retractions\nROF - J Crops. PMID: 770\nROF - J Crops. PMID: 772\n"
        )
    )
    assert [paper.retracted for paper in library.papers()] == [True, False, True]


def test_a_papers_own_record_without_an_abstract_speaks_for_its_identifier_before_its_title(
    library: Library, tmp_path: Path
) -> None:
    library.add_records(
        [
            {"title": TITLE, "abstract": TEXT, "doi": "10.1000/another"},
            {
                "title": TITLE,
                "abstract": "Hail dents tin roofs, and thicker tin cut the dents by half in three storms out of four, whatever the size of the stones.",
            },
        ]
    )
    library.add(write(tmp_path, "own.ris", FORMS["ris"]((f"WITHDRAWN: {TITLE}", DOI, ""))))
    assert [paper.retraction.endswith("matched by its title alone).") for paper in library.papers()] == [False, True]
    library.add(
        write(
            tmp_path,
            "later.ris",
            FORMS["ris"]((TITLE, DOI, "Quite a different study: of sheep, their wool and the price of it.")),
        )
    )
    assert library.get(DOI).retraction.endswith("(own.ris#1).")


@pytest.mark.parametrize(
    "record",
    [
        ("A title all alone", "10.1000/x", ""),
        ("Correction of scoliosis in young adults", "", ""),
        ("Retraction notice", "", ""),
    ],
)
def test_what_names_no_paper_is_a_record_without_an_abstract(
    library: Library, tmp_path: Path, record: tuple[str, str, str]
) -> None:
    report = library.add(write(tmp_path, "a.ris", FORMS["ris"](record, PAPER)))
    assert (len(report.notices), [item.reason for item in report.without_abstract]) == (0, ["no abstract"])


@pytest.fixture
def marked(library: Library, tmp_path: Path) -> Library:
    """Return a library with a paper and a notice that only its title connects."""
    library.add(write(tmp_path, "notice.ris", FORMS["ris"]((f"Retraction: {TITLE}", NOTICE_DOI, ""))))
    library.add(write(tmp_path, "paper.ris", FORMS["ris"](PAPER)))
    return library


def test_an_answer_an_export_and_a_backup_keep_what_it_says(marked: Library, tmp_path: Path) -> None:
    found = answer("How much more grain did moist plots give?", marked)
    assert "retracted_paper" in {issue.code for issue in found.issues}
    reported = next(issue.message for issue in found.issues if issue.code == "retracted_paper")
    assert "(notice.ris#1, matched by its title alone)" in reported
    for form in ("bibtex", "ris", "csl-json", "jsonl", "markdown"):
        assert "matched by its title alone" in export.exported(marked.papers(), form), form
    marked.backup(tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "restored")
    with Library.open(tmp_path / "restored", embedder=CountingEmbedder()) as restored:
        assert restored.papers() == marked.papers()
        restored.remove(DOI)
        restored.add(tmp_path / "paper.ris")  # a paper that comes back is marked again
        assert restored.get(DOI).retracted
        assert all(finding.ok for finding in restored.examine().findings)


@pytest.mark.parametrize("place", ["notice.ris#1", "folder"])
def test_a_notice_is_removed_by_its_place(marked: Library, tmp_path: Path, place: str) -> None:
    assert marked.remove(place if "#" in place else f"{tmp_path}/notice.ris#1") == 1
    assert not marked.get(DOI).retracted
    with pytest.raises(LibraryError, match=r"no paper 'notice\.ris#1'"):
        marked.remove("notice.ris#1")


def test_a_file_that_changes_takes_its_notice_along(marked: Library, tmp_path: Path) -> None:
    marked.add(
        write(
            tmp_path,
            "notice.ris",
            FORMS["ris"](("A review", "10.1000/r", "It is long."), (f"Retraction: {TITLE}", NOTICE_DOI, "")),
        )
    )
    assert "notice.ris#2" in marked.get(DOI).retraction
    marked.add(
        write(
            tmp_path,
            "notice.ris",
            FORMS["ris"](
                ("A review", "10.1000/r", "It is long."),
                ("Retraction: Another paper of the same authors", NOTICE_DOI, ""),
            ),
        )
    )
    assert not marked.get(DOI).retracted


def test_a_source_that_is_synchronised_drops_the_notice_that_it_no_longer_has(library: Library) -> None:
    paper, notice = {"title": TITLE, "abstract": TEXT}, {"title": f"Retraction: {TITLE}"}
    library.sync_records([paper, notice], "Zotero library")
    assert library.papers()[0].retracted
    library.sync_records([paper], "Zotero library")
    assert not library.papers()[0].retracted


def test_a_notice_read_again_changes_nothing(marked: Library, tmp_path: Path) -> None:
    before = marked.fingerprint
    report = marked.add(tmp_path / "notice.ris")
    assert (len(report.notices), report.marked, marked.fingerprint) == (1, (), before)


def test_a_library_of_the_format_before_learns_to_keep_notices(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        library.add(write(tmp_path, "paper.ris", FORMS["ris"](PAPER)))
    with closing(sqlite3.connect(tmp_path / "library" / "catalog.sqlite")) as old:
        old.executescript("DROP TABLE notice; PRAGMA user_version = 1;")
    with Library.open(tmp_path / "library", embedder=CountingEmbedder()) as library:
        library.add(write(tmp_path, "notice.ris", FORMS["ris"]((f"Retraction: {TITLE}", NOTICE_DOI, ""))))
        assert library.get(DOI).retracted
        assert all(finding.ok for finding in library.examine().findings)


def test_the_shell_names_the_notice_and_the_paper(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, "both.ris", FORMS["ris"](PAPER, (f"Retraction: {TITLE}", NOTICE_DOI, "")))
    folder = str(tmp_path / "library")
    assert main(["add", str(file), "--library", folder]) == 0
    out = capsys.readouterr().out
    assert (
        "2 records: 1 added, 0 updated, 0 merged, 0 unchanged, 1 notice, 0 without abstract, 0 rejected (1 window"
        in out
    )
    assert "The library holds 1 paper." in out
    assert (
        f"both.ris:6 “Retraction: {TITLE}”: a retraction without an abstract, kept for the paper that it names" in out
    )
    assert f"retraction: both.ris#2, matched by its title alone marks “{TITLE}” (doi:{DOI})" in out
    main(["papers", "--library", folder])
    assert f"doi:{DOI}  {TITLE} [RETRACTED]" in capsys.readouterr().out

"""Retractions, corrections and concerns, in whatever field and format a database reports them."""

# ruff: noqa: E501 - a record stays on one line

import json
from pathlib import Path

import pytest

from rag.sources import read
from rag.types import Record, Rejection

TITLE, TEXT = "Moths at dusk", "We followed hawk moths for a summer. Scent led them to the flowers."
PUBMED = "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>7</PMID><Article><ArticleTitle>{t}</ArticleTitle><Abstract><AbstractText>{a}</AbstractText></Abstract><PublicationTypeList><PublicationType>{y}</PublicationType></PublicationTypeList></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
ENDNOTE_XML = '<xml><records><record><ref-type name="Journal Article">17</ref-type><titles><title>{t}</title></titles><abstract>{a}</abstract><work-type>{y}</work-type></record></records></xml>'
# How each format writes a title {t}, an abstract {a} and a document type {y}.
FORMS = {
    "ris": "TY  - JOUR\nTI  - {t}\nAB  - {a}\nM3  - {y}\nER  - \n",
    "ris of endnote": "TY  - JOUR\nTI  - {t}\nAB  - {a}\nN1  - 1234-5678\n{y}\nER  - \n",
    "medline": "PMID- 7\nTI  - {t}\nAB  - {a}\nPT  - Journal Article\nPT  - {y}\n",
    "web of science": "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nTI {t}\nAB {a}\nDT Article; {y}\nER\n\nEF\n",
    "web of science table": "PT\tTI\tAB\tDT\nJ\t{t}\t{a}\tArticle; {y}\n",
    "scopus": 'Title,Abstract,Document Type\n"{t}","{a}","{y}"\n',
    "endnote": "%0 Journal Article\n%T {t}\n%X {a}\n%9 {y}\n",
    "endnote xml": ENDNOTE_XML,
    "bibtex": "@article{{k, title = {{{t}}}, abstract = {{{a}}}, type = {{{y}}}}}\n",
    "bibtex of scopus": "@article{{k, title = {{{t}}}, abstract = {{{a}}}, document_type = {{{y}}}}}\n",
    "refworks": "RT Journal Article\nT1 {t}\nAB {a}\nNO {y}\n",
    "cochrane": "ID: CN-0001\nTI: {t}\nAB: {a}\nPT: {y}\n",
    "ovid": "<1>\nTitle\n  {t}\nAbstract\n  {a}\nPublication Type\n  {y}\n",
    "embase": '"TITLE","{t}"\n"ABSTRACT","{a}"\n"PUBLICATION TYPE","{y}"\n\n',
    "pubmed xml": PUBMED,
    "csl": json.dumps([{"id": "k", "type": "article-journal", "title": "{t}", "abstract": "{a}", "genre": "{y}", "DOI": "10.1234/k"}]).replace("[{", "[{{").replace("}]", "}}]"),
    "json": json.dumps({"title": "{t}", "abstract": "{a}", "document_type": "{y}"}).replace('{"title', '{{"title').removesuffix("}") + "}}",
    "openalex": json.dumps({"id": "https://openalex.org/W1", "display_name": "{t}", "abstract_inverted_index": None, "abstract": "{a}", "type": "{y}", "authorships": []}).replace('{"id"', '{{"id"').removesuffix("}") + "}}",
}  # fmt: skip
TYPES = {"Retracted Publication": "retraction", "Published Erratum": "correction", "Expression of Concern": "concern"}
TITLES = {
    "RETRACTED: {}": "retraction",
    "RETRACTED ARTICLE: {}": "retraction",
    "[Retracted] {}": "retraction",
    "{} (Retracted article. See vol. 12, pg. 33, 2021)": "retraction",
    "{} [RETRACTED]": "retraction",
    "WITHDRAWN: {}": "retraction",
    "REMOVED: {}": "retraction",
    "TEMPORARY REMOVAL: {}": "retraction",
    "Notice of Retraction: {}": "retraction",
    "Statement of Retraction: {}": "retraction",
    "Retraction notice to “{}” [J. Dusk 3 (2020) 5]": "retraction",
    "Notice of Violation of IEEE Publication Principles: {}": "retraction",
    "ОТОЗВАНА: {}": "retraction",
    "Article retracted: {}": "retraction",
    "Retracted and replaced: {}": "retraction",
    "Retracted and Republished: {}": "retraction",
    "RETRACTED CASE REPORT: {}": "retraction",
    "Removal Notice to: {}": "retraction",
    "REMOVAL NOTICE: {}": "retraction",
    "Article withdrawn: {}": "retraction",
    "Editorial retraction: {}": "retraction",
    "Partial retraction to: {}": "retraction",
    "Editors’ Note: Retraction of “{}”": "retraction",
    "Notice of Retraction and Replacement. Fell A, et al. {}": "retraction",
    "Retraction for Fell et al., {}": "retraction",
    "{}: RETRACTED": "retraction",
    "{}. RETRACTED ARTICLE": "retraction",
    "{} (Article retracted)": "retraction",
    "[Article retiré] {}": "retraction",
    "Retractación: {}": "retraction",
    "撤稿:{}": "retraction",
    "Amendments: Author Correction: {}": "correction",
    "Corrigendum to the paper: {}": "correction",
    "Erratum. {}": "correction",
    "Erratum zu: {}": "correction",
    "Expression of Concern to: {}": "concern",
    "Notice of Concern: {}": "concern",
    "Corrigendum to “{}”": "correction",
    "Publisher Correction: {}": "correction",
    "Erratum: {}": "correction",
    "Expression of Concern: {}": "concern",
    "Editorial Expression of Concern: {}": "concern",
}


def only(folder: Path, text: str) -> Record:
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    (record,) = read(path)
    assert isinstance(record, Record)
    return record


@pytest.mark.parametrize("form", FORMS)
def test_document_types_and_titles_report_it_in_every_format(tmp_path: Path, form: str) -> None:
    for name, kind in TYPES.items():
        record = only(tmp_path, FORMS[form].format(t=TITLE, a=TEXT, y=name))
        assert [notice.kind for notice in record.notices] == [kind], (name, record.notices)
    for pattern, kind in TITLES.items():
        record = only(tmp_path, FORMS[form].format(t=pattern.format(TITLE), a=TEXT, y="Article"))
        assert [notice.kind for notice in record.notices] == [kind], (pattern, record.notices)


@pytest.mark.parametrize("form", FORMS)
def test_a_paper_about_such_things_is_not_marked(tmp_path: Path, form: str) -> None:
    for title in (
        "Correction of scoliosis in adults", "Retraction of the upper lid", "Withdrawn patients in trials of sleep",
        "Removed teeth and their roots", "Notice boards in wards", "Withdrawal: symptoms after stopping caffeine",
        "Expression of concern genes in barley", "Errata in statutes", "Correction: how astronomers mend charts",
        "Expression of concern: mothers’ speech to infants", "Removal notice in administrative law",
        "Retracted articles: How they are cited", "Correction for Attenuation in Small Samples",
        "Corrections: Prisons and guards", "Removed: on the absence of trees", "WITHDRAWAL: SYMPTOMS AFTER CAFFEINE",
        "Retraction of Upper Eyelids in Thyroid Disease", "Statement of Purpose: How applicants write",
    ):  # fmt: skip
        assert not only(tmp_path, FORMS[form].format(t=title, a=TEXT, y="Review")).notices


@pytest.mark.parametrize("form", FORMS)
def test_withdrawal_alone_before_a_title_is_a_notice_where_there_is_no_abstract(tmp_path: Path, form: str) -> None:
    bare = only(tmp_path, FORMS[form].format(t=f"Withdrawal: {TITLE}", a="", y="Article"))
    assert [(notice.kind, bare.abstract) for notice in bare.notices] == [("retraction", "")]
    assert not only(tmp_path, FORMS[form].format(t=f"Withdrawal: {TITLE}", a=TEXT, y="Article")).notices
    path = tmp_path / "file"
    path.write_text(FORMS[form].format(t="Withdrawal: symptoms after stopping caffeine", a="", y="Article"))
    assert [item.reason for item in read(path) if isinstance(item, Rejection)] == ["no abstract"]


def test_keywords_are_subjects_but_for_the_names_of_types(tmp_path: Path) -> None:
    ris = "TY  - JOUR\nTI  - Moths\nAB  - They fly.\n{}ER  - \n"
    assert not only(tmp_path, ris.format("KW  - Withdrawal\nKW  - Retraction\nKW  - Correction\n")).notices
    marked = only(tmp_path, ris.format("KW  - Retracted Publication\nKW  - Moths\n"))
    assert [notice.kind for notice in marked.notices] == ["retraction"]


@pytest.mark.parametrize("tag", ["RIN", "ROF", "EIN", "EFR", "CRI", "ECI", "ECF"])
def test_pubmeds_comments_report_it(tmp_path: Path, tag: str) -> None:
    record = only(tmp_path, f"PMID- 7\nTI  - {TITLE}\nAB  - {TEXT}\n{tag} - J Dusk. 2021;3:4\n")
    kind = {"R": "retraction", "E": "correction", "C": "correction"}[tag[0]]
    assert [n.kind for n in record.notices] == ["concern" if tag in ("ECI", "ECF") else kind]


@pytest.mark.parametrize("value", ["true", "TRUE", "1", "yes"])
def test_a_column_that_says_so_reports_it(tmp_path: Path, value: str) -> None:
    record = only(tmp_path, f"display_name,abstract,is_retracted\n{TITLE},{TEXT},{value}\n")
    assert [notice.kind for notice in record.notices] == ["retraction"]
    assert not only(tmp_path, f"display_name,abstract,is_retracted\n{TITLE},{TEXT},false\n").notices

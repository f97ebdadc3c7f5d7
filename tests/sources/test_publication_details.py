"""Type, volume, issue, pages, publisher and organisations, as each program and database writes them."""

# ruff: noqa: E501 - samples keep the long lines that real exports have

import json
from pathlib import Path

import pytest

from rag.sources import read
from rag.types import Record

RIS = "TY  - JOUR\nTI  - Moths\nAU  - Fell, Ada\nAU  - Dusk Group,\nT2  - J. Dusk\nVL  - 12\nIS  - 3\nSP  - 45\nEP  - 67\nPB  - Dusk Press\nAB  - They fly.\nER  - \n"
MEDLINE = "\nPMID- 123456\nTI  - Moths\nAB  - They fly.\nFAU - Fell, Ada\nCN  - Dusk Group\nJT  - J. Dusk\nVI  - 12\nIP  - 3\nPG  - 45-67\nPB  - Dusk Press\n"
PUBMED = """<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>123456</PMID><Article><Journal><JournalIssue><Volume>12</Volume><Issue>3</Issue></JournalIssue><Title>J. Dusk</Title></Journal>
<ArticleTitle>Moths</ArticleTitle><Pagination><MedlinePgn>45-67</MedlinePgn></Pagination><Abstract><AbstractText>They fly.</AbstractText></Abstract>
<AuthorList><Author><LastName>Fell</LastName><ForeName>Ada</ForeName></Author><Author><CollectiveName>Dusk Group</CollectiveName></Author></AuthorList></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"""
ENDNOTE_XML = """<xml><records><record><ref-type name="Journal Article">17</ref-type><contributors><authors><author>Fell, Ada</author><author>Dusk Group,</author></authors></contributors>
<titles><title>Moths</title><secondary-title>J. Dusk</secondary-title></titles><pages><style>45-67</style></pages><volume>12</volume><number>3</number><publisher>Dusk Press</publisher><abstract>They fly.</abstract></record></records></xml>"""
ENDNOTE = "%0 Journal Article\n%T Moths\n%A Fell, Ada\n%A Dusk Group,\n%J J. Dusk\n%V 12\n%N 3\n%P 45-67\n%I Dusk Press\n%X They fly.\n"
WEB_OF_SCIENCE = "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Fell, Ada\nCA Dusk Group\nTI Moths\nSO J. Dusk\nAB They fly.\nVL 12\nIS 3\nBP 45\nEP 67\nPU Dusk Press\nER\n\nEF\n"
ZOTERO = json.dumps([{"itemType": "journalArticle", "title": "Moths", "abstractNote": "They fly.", "publicationTitle": "J. Dusk", "volume": "12", "issue": "3", "pages": "45–67", "publisher": "Dusk Press",
                      "creators": [{"creatorType": "author", "firstName": "Ada", "lastName": "Fell"}, {"creatorType": "author", "name": "Dusk Group"}]}])  # fmt: skip
CROSSREF = json.dumps({"DOI": "10.1234/m", "prefix": "10.1234", "type": "journal-article", "title": ["Moths"], "abstract": "They fly.", "container-title": ["J. Dusk"], "volume": "12", "issue": "3", "page": "45-67", "publisher": "Dusk Press",
                       "author": [{"family": "Fell", "given": "Ada"}, {"name": "Dusk Group"}]})  # fmt: skip
CSL = json.dumps([{"id": "m", "type": "article-journal", "title": "Moths", "abstract": "They fly.", "container-title": "J. Dusk", "volume": 12, "issue": 3, "page": "45-67", "publisher": "Dusk Press",
                   "author": [{"family": "Fell", "given": "Ada"}, {"literal": "Dusk Group"}]}])  # fmt: skip
OPENALEX = json.dumps({"id": "https://openalex.org/W1", "type": "article", "display_name": "Moths", "abstract_inverted_index": {"They": [0], "fly.": [1]}, "biblio": {"volume": "12", "issue": "3", "first_page": "45", "last_page": "67"},
                       "primary_location": {"source": {"display_name": "J. Dusk", "host_organization_name": "Dusk Press"}}, "authorships": [{"author": {"display_name": "Fell, Ada"}}]})  # fmt: skip
EUROPE_PMC = json.dumps({"source": "MED", "title": "Moths", "abstractText": "They fly.", "pageInfo": "45-67", "journalInfo": {"volume": "12", "issue": "3", "journal": {"title": "J. Dusk"}},
                         "authorList": {"author": [{"fullName": "Fell, Ada"}]}})  # fmt: skip
SEMANTIC_SCHOLAR = json.dumps({"paperId": "a", "title": "Moths", "abstract": "They fly.", "venue": "J. Dusk", "journal": {"name": "J. Dusk", "volume": "12", "pages": "45 - 67"}, "publicationTypes": ["JournalArticle"], "authors": [{"name": "Fell, Ada"}]})  # fmt: skip
SCOPUS = 'Authors,Title,Source title,Volume,Issue,Page start,Page end,Publisher,Document Type,Abstract\n"Fell, Ada",Moths,J. Dusk,12,3,45,67,Dusk Press,Article,They fly.\n'

WITH_ALL = {"ris": RIS, "medline": MEDLINE, "endnote xml": ENDNOTE_XML, "endnote": ENDNOTE, "web of science": WEB_OF_SCIENCE, "zotero": ZOTERO, "crossref": CROSSREF, "csl": CSL}  # fmt: skip
WITHOUT_GROUPS = {"openalex": OPENALEX, "scopus": SCOPUS}
WITHOUT_PUBLISHER = {"pubmed": PUBMED, "europe pmc": EUROPE_PMC}


def only(folder: Path, text: str) -> Record:
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    (record,) = read(path)
    assert isinstance(record, Record)
    return record


@pytest.mark.parametrize("name", [*WITH_ALL, *WITHOUT_GROUPS, *WITHOUT_PUBLISHER])
def test_every_format_gives_where_it_was_printed(name: str, tmp_path: Path) -> None:
    record = only(tmp_path, (WITH_ALL | WITHOUT_GROUPS | WITHOUT_PUBLISHER)[name])
    assert (record.kind, record.venue) == ("article-journal", "J. Dusk")
    assert (record.volume, record.issue, record.pages) == ("12", "3", "45-67")
    assert record.publisher == (None if name in WITHOUT_PUBLISHER else "Dusk Press")
    assert record.authors[0] == "Fell, Ada"
    if name in WITH_ALL or name == "pubmed":
        assert record.groups == ("Dusk Group",)
        assert record.authors == ("Fell, Ada", "Dusk Group")


def test_semantic_scholar_has_no_issue(tmp_path: Path) -> None:
    record = only(tmp_path, SEMANTIC_SCHOLAR)
    assert (record.kind, record.volume, record.issue, record.pages) == ("article-journal", "12", None, "45-67")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("TY  - CONF\nTI  - Moths\nT2  - Dusk Days\nAB  - They fly.\nER  - \n", "paper-conference"),
        ("TY  - THES\nTI  - Moths\nM3  - Doctoral dissertation\nAB  - They fly.\nER  - \n", "phdthesis"),
        ("@misc{m, title={Moths}, abstract={They fly.}, eprint={2101.00001}, archiveprefix={arXiv}}", "article"),
        ("@misc{m, title={Moths}, abstract={They fly.}, howpublished={A letter}}", "document"),
        ("@strange{m, title={Moths}, abstract={They fly.}}", None),
        ("%0 Book Section\n%T Moths\n%X They fly.\n", "chapter"),
        ('[{"itemType": "thesis", "title": "Moths", "abstractNote": "They fly."}]', "thesis"),
        ('[{"id": "m", "type": "bill", "DOI": "10.1234/m", "title": "Moths", "abstract": "They fly."}]', "bill"),
        ('{"title": "Moths", "abstract": "They fly.", "type": "Conference Paper"}', "paper-conference"),
    ],
)
def test_kinds(text: str, kind: str | None, tmp_path: Path) -> None:
    assert only(tmp_path, text).kind == kind

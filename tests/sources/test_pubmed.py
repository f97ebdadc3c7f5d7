"""PubMed XML and MEDLINE text, Ovid's included: labels, formulas, retractions, broken records."""

# ruff: noqa: E501 - records keep the long lines that real exports have

from pathlib import Path

import pytest

from rag.sources import read
from rag.types import Notice, Record, Rejection

ARTICLE = """<PubmedArticle><MedlineCitation><PMID>7</PMID><Article><ArticleTitle>%s</ArticleTitle><Abstract>%s</Abstract>
<PublicationTypeList>%s</PublicationTypeList></Article>%s</MedlineCitation></PubmedArticle>"""


def pubmed(folder: Path, *articles: str) -> list[Record | Rejection]:
    path = folder / "pubmed.xml"
    path.write_text(f"<?xml version='1.0'?>\n<PubmedArticleSet>\n{chr(10).join(articles)}\n</PubmedArticleSet>")
    return list(read(path))


def only(folder: Path, *parts: str) -> Record:
    (record,) = pubmed(folder, ARTICLE % parts)
    assert isinstance(record, Record)
    return record


def test_labelled_sections_are_kept(tmp_path: Path) -> None:
    abstract = (
        '<AbstractText Label="BACKGROUND" NlmCategory="BACKGROUND">Moths fly.</AbstractText>'
        '<AbstractText Label="Main results">Scent: it led 12% (p &lt; 0.05).</AbstractText>'
        '<AbstractText Label="UNLABELLED">The end.</AbstractText><CopyrightInformation>© 2020</CopyrightInformation>'
    )
    record = only(tmp_path, "T", abstract, "", "")
    assert record.abstract == "BACKGROUND: Moths fly. Main results: Scent: it led 12% (p < 0.05). The end."
    assert [(s.label, record.abstract[s.start : s.end]) for s in record.sections] == [
        ("Background", "Moths fly."),
        ("Main results", "Scent: it led 12% (p < 0.05). The end."),
    ]


def test_formulas_and_raised_letters(tmp_path: Path) -> None:
    abstract = (
        "<AbstractText>CO<sub>2</sub> at 10<sup>-3</sup> M with <sup>18</sup>F, Ca<sup>2+</sup>, <i>in vivo</i>, "
        '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:msub><mml:mi>x</mml:mi><mml:mn>1</mml:mn></mml:msub>'
        "<mml:mo>≤</mml:mo><mml:mfrac><mml:mi>a</mml:mi><mml:mn>2</mml:mn></mml:mfrac></mml:math>.</AbstractText>"
    )
    assert only(tmp_path, "T", abstract, "", "").abstract == "CO₂ at 10^-3 M with 18F, Ca^2+, in vivo, x₁ ≤ a/2."


@pytest.mark.parametrize(
    ("types", "comments", "notices"),
    [
        ("<PublicationType>Journal Article</PublicationType>", "", []),
        ("<PublicationType>Retracted Publication</PublicationType>", "", [("retraction", "Retracted Publication")]),
        (
            "<PublicationType>Retracted Publication</PublicationType>",
            '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>J Dusk. 2021</RefSource>'
            '</CommentsCorrections><CommentsCorrections RefType="ErratumIn"><RefSource>J Dusk. 2020</RefSource>'
            '</CommentsCorrections><CommentsCorrections RefType="Cites"><RefSource>x</RefSource></CommentsCorrections>'
            "</CommentsCorrectionsList>",
            [("retraction", "RetractionIn J Dusk. 2021"), ("correction", "ErratumIn J Dusk. 2020")],
        ),
        ("<PublicationType>Expression of Concern</PublicationType>", "", [("concern", "Expression of Concern")]),
    ],
)
def test_retractions_and_corrections(tmp_path: Path, types: str, comments: str, notices: list[tuple[str, str]]) -> None:
    record = only(tmp_path, "T", "<AbstractText>A.</AbstractText>", types, comments)
    assert record.notices == tuple(Notice(kind, text) for kind, text in notices)


def test_a_broken_article_is_named_and_the_others_stay(tmp_path: Path) -> None:
    good = ARTICLE % ("Good", "<AbstractText>A &nbsp;&alpha; &unknown; R&D, p < 0.05.</AbstractText>", "", "")
    bad = good.replace("Good", "Bad").replace("</Abstract>", "")
    found = pubmed(tmp_path, good, bad, good, good.replace("Good", "Cut")[:120])
    assert [item.title for item in found] == ["Good", "Bad", "Good", "Cut"]
    assert [type(item) for item in found] == [Record, Rejection, Record, Rejection]
    first, broken = found[0], found[1]
    assert isinstance(first, Record)
    assert first.abstract == "A α &unknown; R&D, p < 0.05."
    assert isinstance(broken, Rejection)
    assert (broken.line, broken.reason[:7]) == (5, "not XML")


def test_translated_titles_and_books(tmp_path: Path) -> None:
    assert only(tmp_path, "[Moths at dusk].", "<AbstractText>A.</AbstractText>", "", "").title == "Moths at dusk"
    (book,) = pubmed(
        tmp_path,
        "<PubmedBookArticle><BookDocument><PMID>8</PMID><Book><BookTitle>The Book of Dusk</BookTitle><PubDate><Year>2011</Year>"
        "</PubDate></Book><ArticleTitle>Moths</ArticleTitle><Abstract><AbstractText>A.</AbstractText></Abstract></BookDocument>"
        "</PubmedBookArticle>",
    )
    assert isinstance(book, Record)
    assert (book.title, book.year, book.venue, book.pmid) == ("Moths", 2011, "The Book of Dusk", "8")


def test_medline_notices(tmp_path: Path) -> None:
    path = tmp_path / "set.nbib"
    path.write_text(
        "PMID- 7\nTI  - T\nAB  - A.\nPT  - Journal Article\nPT  - Retracted Publication\nRIN - J Dusk. 2021;3:4. PMID: 9\n"
        "EIN - J Dusk. 2020;2:3\n"
    )
    (record,) = read(path)
    assert isinstance(record, Record)
    assert record.notices == (
        Notice("retraction", "J Dusk. 2021;3:4. PMID: 9"),
        Notice("correction", "J Dusk. 2020;2:3"),
    )


def test_ovid(tmp_path: Path) -> None:
    path = tmp_path / "ovid.txt"
    path.write_text(
        "<1. >\nVN  - Ovid Technologies\nDB  - Embase\nUI  - 621381829\nTI  - Moths.\nSO  - J Dusk. Conference: 2nd. 2018.\n"
        "AU  - Fell A.\nAB  - Background: They fly. \nMethod(s): We saw.\nSARS - not a tag.\nDO  - http://dx.doi.org/10.1234/m\n"
        "YR  - 2018\n\n<2. >\nVN  - Ovid Technologies\nDB  - Ovid MEDLINE(R)\nUI  - 123\nTI  - Kelp.\nAB  - It is buried.\n\n<3. >\n"
    )
    moths, kelp = read(path)
    assert isinstance(moths, Record)
    assert isinstance(kelp, Record)
    assert moths.abstract == "Background: They fly. Method(s): We saw. SARS - not a tag."
    assert (moths.doi, moths.year, moths.venue, moths.pmid) == ("10.1234/m", 2018, "J Dusk", None)
    assert (kelp.abstract, kelp.pmid) == ("It is buried.", "123")

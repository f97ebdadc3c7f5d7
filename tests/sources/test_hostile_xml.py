"""XML that isn't a file of papers, or is malicious: refused with the place, the cause and the fix."""

from pathlib import Path

import pytest

from rag.errors import SourceError
from rag.sources import read
from rag.types import Record, Rejection

RECORD = (
    '<xml><records><record><ref-type name="Journal Article">17</ref-type><titles><title>Moss</title></titles>'
    "<abstract>It holds %s. It stays.</abstract></record></records></xml>"
)
BOMB = '<?xml version="1.0"?>\n<!DOCTYPE r [\n<!ENTITY a "aaaa">\n<!ENTITY b "&a;&a;&a;&a;">\n]>\n'
OTHER_FILE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "export.xml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("head", "use", "line"), [(BOMB, "&b;", 3), (OTHER_FILE, "&x;", 1)])
def test_a_file_that_declares_entities_is_refused(head: str, use: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"declares an entity of its own.*replace it with its text") as caught:
        list(read(written(tmp_path, head + RECORD % use)))
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "root"),
    [
        (BOMB + "<lolz>&b;</lolz>", "lolz"),
        ("<rss><channel><item><title>Moss on the moon</title></item></channel></rss>", "rss"),
        ("<catalog><record><titles><title>Songs</title></titles><abstract>Ten songs.</abstract></record></catalog>",
         "catalog"),
        ("<feed><entry><title>I read arxiv.org</title><summary>Daily. With tea.</summary><id>http://blog.example/1</id>"
         "</entry></feed>", "feed"),
        ("<resultList><result><title>A race</title></result></resultList>", "resultList"),
    ],
)  # fmt: skip
def test_xml_of_another_kind_is_named_by_its_root(text: str, root: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=rf"unknown kind of XML: its root is <{root}>; export the papers as"):
        list(read(written(tmp_path, text)))


def test_xml_under_the_suffix_of_another_format_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "library.bib"
    path.write_text("<project><name>A tool</name></project>", encoding="utf-8")
    with pytest.raises(SourceError, match="its root is <project>"):
        list(read(path))


def test_a_record_nested_without_end_is_rejected_and_the_next_one_stays(tmp_path: Path) -> None:
    article = (
        "<PubmedArticle><MedlineCitation><PMID>%d</PMID><Article><ArticleTitle>Moss %d</ArticleTitle><Abstract>"
        "<AbstractText>%s</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>"
    )
    deep = "<i>" * 5000 + "x" + "</i>" * 5000
    text = f"<PubmedArticleSet>{article % (1, 1, deep)}\n{article % (2, 2, 'It grows.')}</PubmedArticleSet>"
    bad, good = read(written(tmp_path, text))
    assert isinstance(bad, Rejection)
    assert "nested over 100 deep" in bad.reason
    assert isinstance(good, Record)


@pytest.mark.parametrize("formula", ["<math>" + "<mrow>" * 3000 + "x" + "</mrow>" * 3000 + "</math>", "$" + "{" * 3000 + "x" + "}" * 3000 + "$"])  # fmt: skip # noqa: E501 - one formula a language
def test_a_formula_nested_without_end_is_read_in_some_way(formula: str, tmp_path: Path) -> None:
    path = tmp_path / "papers.jsonl"
    path.write_text('{"title": "Moss", "abstract": "It is %s high."}\n' % formula, encoding="utf-8")  # noqa: UP031 - braces stand in the text
    (record,) = read(path)
    assert isinstance(record, Record)
    assert record.abstract.endswith("high.")


def test_an_entry_of_another_feed_among_arxivs_is_rejected(tmp_path: Path) -> None:
    entry = "<entry><id>%s</id><title>Moss</title><summary>It grows. It stays.</summary></entry>"
    ours, other = entry % "http://arxiv.org/abs/2101.00001v1", entry % "http://blog.example/1"
    paper, rejected = read(written(tmp_path, f"<feed>{ours}{other}</feed>"))
    assert isinstance(paper, Record)
    assert isinstance(rejected, Rejection)
    assert "not an arXiv paper" in rejected.reason

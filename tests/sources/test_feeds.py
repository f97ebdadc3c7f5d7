"""RSS and Atom of PubMed and arXiv, and what Zotero's RDF keeps apart from its items."""

# ruff: noqa: E501 - feeds keep the long lines that real ones have

from pathlib import Path

import pytest
from source_samples import ZOTERO_RDF

from rag.errors import SourceError
from rag.sources import read
from rag.types import Record, Rejection

PUBMED = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
<channel><title>moths</title><link>https://pubmed.ncbi.nlm.nih.gov/rss-feed/?feed_id=1</link><description>moths: Latest results from PubMed</description>
<item><title>Moths at dusk</title><link>https://pubmed.ncbi.nlm.nih.gov/34000000/?utm_source=x&amp;ff=1</link><description>CONCLUSIONS: Scent led.</description>
<content:encoded><![CDATA[<div><p style="color: #4aa564;">J Dusk. 2020 May 4;12(3):5-9. doi: 10.1234/moth.5. Online ahead of print.</p><p><b>ABSTRACT</b></p><p xmlns:xlink="x"><b>BACKGROUND:</b> We followed 340 <i>moths</i> (p &lt; 0.05).</p><p><b>CONCLUSIONS:</b> Scent led, at 10<sup>-3</sup>.</p><p style="color: lightgray">PMID:<a href="https://pubmed.ncbi.nlm.nih.gov/34000000/">34000000</a> | DOI:<a href="x">10.1234/moth.5</a></p></div>]]></content:encoded>
<guid isPermaLink="false">pubmed:34000000</guid><pubDate>Tue, 25 May 2021 06:00:00 -0400</pubDate><dc:creator>Ada Fell</dc:creator><dc:creator>Béla Éco</dc:creator><dc:date>2021-05-25</dc:date><dc:source>J Dusk</dc:source><dc:title>Moths at dusk</dc:title><dc:identifier>pmid:34000000</dc:identifier><dc:identifier>doi:10.1234/moth.5</dc:identifier></item>
<item><title>Kelp</title><link>https://pubmed.ncbi.nlm.nih.gov/34000001/?x</link><description>Kelp Lett. 2021;3:e5.</description><content:encoded><![CDATA[<div><p>Kelp Lett. 2021;3:e5.</p><p><b>NO ABSTRACT</b></p><p>PMID:34000001</p></div>]]></content:encoded></item>
</channel></rss>
"""
ARXIV = r"""<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel><title>cs.CL updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.CL</link>
<item><title>Moths in $\alpha$ space</title><link>https://arxiv.org/abs/2405.01234</link><description>arXiv:2405.01234v2 Announce Type: replace
Abstract: We followed moths, x &lt; 3. They fly.</description><guid isPermaLink="false">oai:arXiv.org:2405.01234v2</guid><category>cs.CL</category><pubDate>Fri, 02 May 2025 00:00:00 -0400</pubDate><arxiv:announce_type>replace</arxiv:announce_type><dc:creator>Ada Fell, Béla Éco (Fjord Lab)</dc:creator></item></channel></rss>
"""
ARXIV_LIST = """<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://www.w3.org/2005/Atom"><id>http://rss.arxiv.org/atom/cs.CL</id><title>x</title>
<entry><id>oai:arXiv.org:2405.01234v2</id><title>Moths in α space</title><updated>2025-05-03T04:00:11Z</updated><link href="https://arxiv.org/abs/2405.01234" rel="alternate"/><summary>arXiv:2405.01234v2 Announce Type: replace
Abstract: We followed moths, x &lt; 3. They fly.</summary><published>2025-05-03T00:00:00-04:00</published><dc:creator>Ada Fell, Béla Éco</dc:creator></entry></feed>
"""


def items(folder: Path, text: str) -> list[Record | Rejection]:
    path = folder / "saved"
    path.write_text(text, encoding="utf-8")
    return list(read(path))


def test_a_saved_search_of_pubmed(tmp_path: Path) -> None:
    moths, kelp = items(tmp_path, PUBMED)
    assert isinstance(moths, Record)
    assert moths.abstract == "BACKGROUND: We followed 340 moths (p < 0.05). CONCLUSIONS: Scent led, at 10^-3."
    assert (moths.title, moths.authors, moths.published) == ("Moths at dusk", ("Ada Fell", "Béla Éco"), "2020-05-04")
    assert (moths.doi, moths.pmid, moths.venue) == ("10.1234/moth.5", "34000000", "J Dusk")
    assert (moths.volume, moths.issue, moths.pages, moths.origin.format) == ("12", "3", "5-9", "rss")
    assert isinstance(kelp, Rejection)
    assert (kelp.title, kelp.reason) == ("Kelp", "no abstract")


@pytest.mark.parametrize("text", [ARXIV, ARXIV_LIST], ids=["rss", "atom"])
def test_a_list_of_new_papers_of_arxiv_is_not_dated_by_the_day_of_the_list(tmp_path: Path, text: str) -> None:
    (moths,) = items(tmp_path, text)
    assert isinstance(moths, Record)
    assert (moths.title, moths.abstract) == ("Moths in α space", "We followed moths, x < 3. They fly.")
    assert (moths.authors, moths.arxiv_id, moths.published) == (("Ada Fell", "Béla Éco"), "2405.01234", "2024-05")
    assert moths.url == "https://arxiv.org/abs/2405.01234"


def test_an_item_of_another_feed_is_reported(tmp_path: Path) -> None:
    other = (
        "<item><title>News</title><link>https://dusk.example</link><description>All about moths.</description></item>"
    )
    *_, news = items(tmp_path, PUBMED.replace("</channel>", f"{other}</channel>"))
    assert isinstance(news, Rejection)
    assert "an item of another feed" in news.reason
    with pytest.raises(SourceError, match="its root is <rss>"):
        items(tmp_path, f"<rss version='2.0'><channel>{other}</channel></rss>")


def test_what_two_articles_of_zotero_share_is_of_neither_alone(tmp_path: Path) -> None:
    start, end = ZOTERO_RDF.index(" <bib:Article"), ZOTERO_RDF.index(" <bib:Journal")
    other = ZOTERO_RDF[start:end].replace("moths", "moths2").replace("Moths", "More moths")
    one, two, *_ = items(tmp_path, ZOTERO_RDF[:end] + other + ZOTERO_RDF[end:])
    for record in (one, two):
        assert isinstance(record, Record)
        assert (record.venue, record.doi, record.volume) == ("Journal of Dusk", None, None)


def test_a_chapter_its_editors_a_retraction_and_a_collection_of_zotero(tmp_path: Path) -> None:
    chapter = """ <bib:BookSection rdf:about="#item_9"><z:itemType>bookSection</z:itemType>
  <dcterms:isPartOf><bib:Book><dc:identifier>ISBN 978-3-16-148410-0</dc:identifier><dc:title>Kelp of the North</dc:title></bib:Book></dcterms:isPartOf>
  <dc:publisher><foaf:Organization><foaf:name>Kelp Press</foaf:name></foaf:Organization></dc:publisher>
  <bib:editors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Ng</foaf:surname><foaf:givenName>Bo</foaf:givenName></foaf:Person></rdf:li></rdf:Seq></bib:editors>
  <bib:authors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Kelp Group</foaf:surname></foaf:Person></rdf:li></rdf:Seq></bib:authors>
  <dc:subject>kelp</dc:subject><dc:subject><z:AutomaticTag><rdf:value>sand</rdf:value></z:AutomaticTag></dc:subject>
  <dc:description>PMID: 31234567
Retraction: see there</dc:description>
  <dc:title>Kelp</dc:title><dcterms:abstract>12% is buried.</dcterms:abstract></bib:BookSection>
 <z:Collection rdf:about="#collection_1"><dc:title>Coast</dc:title><dcterms:hasPart rdf:resource="#item_9"/></z:Collection>
</rdf:RDF>"""
    record = items(tmp_path, ZOTERO_RDF.replace("</rdf:RDF>", chapter))[-1]
    assert isinstance(record, Record)
    assert (record.kind, record.venue, record.publisher) == ("chapter", "Kelp of the North", "Kelp Press")
    assert (record.editors, record.groups, record.keywords) == (("Ng, Bo",), ("Kelp Group",), ("kelp", "sand"))
    assert (record.isbn, record.pmid, record.collections) == ("978-3-16-148410-0", "31234567", ("Coast",))
    assert [notice.kind for notice in record.notices] == ["retraction"]

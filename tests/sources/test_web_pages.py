"""Saved pages about one paper, with the meta tags that their sites write; pages of results are refused by name."""

# ruff: noqa: E501 - tags keep the long lines that real pages have

import json
from pathlib import Path

import pytest

from rag.errors import SourceError
from rag.sources import read
from rag.types import Record, Rejection

TITLE, DOI = "Moths and scent at dusk", "10.1234/moth.5"
TEXT = "We followed 340 hawk moths for a summer. Scent halved the search time (p < 0.05)."
ESCAPED = TEXT.replace("<", "&lt;")
CITATION = (
    '<meta name="citation_title" content="Moths and scent at dusk"><meta content="Ada Fell" name=citation_author>'
    '<meta name="citation_author" content="Bo Ng" /><meta name="citation_doi" content="10.1234/moth.5">'
    '<meta name="citation_publication_date" content="2020/05/04"><meta name="citation_journal_title" content="Journal of Dusk">'
    '<meta name="description" content="We followed 340 hawk moths for a ..."><meta property="og:title" content="Moths | Site">'
)
DUBLIN = (
    '<meta name="dc.title" content="Moths and scent at dusk"/><meta name="dc.creator" content="Fell, Ada"/><meta name="dc.creator" content="Ng, Bo"/>'
    '<meta name="dc.date" content="2020-05-04"/><meta name="dc.identifier" content="doi:10.1234/moth.5"/><meta name="prism.publicationName" content="Journal of Dusk"/>'
)
ARTICLE = {
    "@type": "ScholarlyArticle",
    "headline": TITLE,
    "description": TEXT,
    "datePublished": "2020-05-04",
    "author": [{"@type": "Person", "name": "Ada Fell"}, {"name": "Bo Ng"}],
    "sameAs": f"https://doi.org/{DOI}",
}
RELATED = "<div class='related'><h3>Similar articles</h3><p>Buried kelp. Of the yearly growth, 12% of the kelp is buried. We map where it lies.</p></div>"


def linked(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def page(head: str, body: str = "") -> str:
    return f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Moths | Site</title>{head}</head>\n<body><nav><a class="abstract-link" href="#">Abstract</a></nav>{body}{RELATED}</body></html>\n'


PAGES = {
    "acl anthology": page(CITATION, f'<div class="card-body acl-abstract"><h5 class=card-title>Abstract</h5><span>{ESCAPED}</span></div>'),
    "openreview": page(CITATION + f'<meta name="citation_abstract" content="{ESCAPED}"><meta property="og:description" content="We followed...">'),
    "biorxiv": page(CITATION + f'<meta name="citation_abstract" lang="en" content="&lt;h3&gt;Abstract&lt;/h3&gt; &lt;p&gt;{ESCAPED}&lt;/p&gt;">'),
    "nature": page(CITATION + DUBLIN + f'<meta name="dc.description" content="{ESCAPED}"/>' + linked({"@type": "WebPage", "mainEntity": ARTICLE})),
    "springer": page(CITATION, f'<section><h2>Abstract</h2><div class="c-article-section__content" id="Abs1-content"><p>{ESCAPED}</p></div></section>'),
    "semantic scholar": page(CITATION + linked({"@graph": [[{"@type": "Article", "name": TITLE, "abstract": TEXT}]]})),
    "dublin core": page(DUBLIN + f'<meta name="DC.Description" content="{ESCAPED}"/>'),
    "json-ld": page(linked({"@graph": [{"@type": "Organization", "name": "Site"}, ARTICLE]})),
    "saved by a browser": "<!-- saved from url=(0020)https://dusk.org/ -->\n" + page(CITATION + f'<meta name="citation_abstract" content="{ESCAPED}">'),
}  # fmt: skip


def found(folder: Path, text: str) -> list[Record | Rejection]:
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return list(read(path))


@pytest.mark.parametrize("site", PAGES)
def test_a_saved_page_about_one_paper_gives_that_paper(tmp_path: Path, site: str) -> None:
    (record,) = found(tmp_path, PAGES[site])
    assert isinstance(record, Record)
    assert (record.title, record.abstract, record.year, record.doi) == (TITLE, TEXT, 2020, DOI)
    assert record.authors in (("Ada Fell", "Bo Ng"), ("Fell, Ada", "Ng, Bo"))


def test_the_parts_of_pubmeds_abstract_keep_their_labels(tmp_path: Path) -> None:
    head = '<meta name="citation_title" content="Moths"><meta name="citation_authors" content="Fell A;Ng B;"><meta name="citation_date" content="05/04/2020"><meta name="citation_pmid" content="31234567">'
    body = '<div class="abstract" id="abstract"><h2>Abstract</h2><div class="abstract-content selected" id="eng-abstract"><p><strong>Background: </strong>We followed 340 hawk moths for a summer.<p><strong>Results: </strong>Scent halved the search time.</div><p><strong>Keywords:</strong> moth; scent</p></div>'
    (record,) = found(tmp_path, page(head, body))
    assert isinstance(record, Record)
    assert (
        record.abstract == "Background: We followed 340 hawk moths for a summer. Results: Scent halved the search time."
    )
    assert (record.authors, record.year, record.pmid) == (("Fell A", "Ng B"), 2020, "31234567")


def test_the_beginning_of_an_abstract_is_none(tmp_path: Path) -> None:
    cut = '<meta name="dc.description" content="We followed 340 hawk moths for a summer in the fjord of the …">'
    (rejected,) = found(tmp_path, page(CITATION + cut))
    assert isinstance(rejected, Rejection)
    assert (rejected.reason, rejected.title) == ("no abstract", TITLE)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (page("", '<div class="gs_r"><h3 class="gs_rt">Moths</h3><div class="gs_rs">We followed 340 hawk moths …</div></div>'), "a web page that isn't about one paper"),
        ("From: <Saved by Blink>\nSubject: Moths\nMIME-Version: 1.0\nContent-Type: multipart/related;\n\tboundary=\"x\"\n\n--x\n" + PAGES["openreview"], "MHTML"),
        (page(CITATION + '<meta name="citation_title" content="Buried kelp">'), "a page about 2 papers"),
    ],
)  # fmt: skip
def test_a_page_of_no_paper_or_of_several_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SourceError, match=named):
        found(tmp_path, text)

"""Replies of the services that researchers query, in the shapes of their documentation, with invented papers."""

# ruff: noqa: E501 - replies keep the long lines that real ones have

import json
from pathlib import Path

import pytest

from rag.sources import read
from rag.types import Record, Rejection

MOTHS = "We followed 340 hawk moths for a summer. Scent halved the search time."
KELP = "Of the yearly growth, 12% of the kelp is buried. We map where it lies."


def inverted(text: str) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for place, word in enumerate(text.split()):
        index.setdefault(word, []).append(place)
    return index


# https://docs.api.lens.org/response-scholar.html
LENS = {"total": 2, "max_score": 7.1, "results": 2, "data": [
    {"lens_id": "000-1", "title": "Moths", "publication_type": "journal article", "year_published": 2020, "date_published": "2020-05-04T00:00:00.000000+00:00",
     "created": "2021-06-01T00:00:00Z", "external_ids": [{"type": "magid", "value": "299"}, {"type": "doi", "value": "10.1234/moth.5"}, {"type": "pmid", "value": "31234567"}],
     "authors": [{"first_name": "Ada", "last_name": "Fell", "affiliations": [{"name": "Fjord Lab"}]}, {"collective_name": "Dusk Group"}],
     "source": {"title": "Journal of Dusk", "type": "Journal", "publisher": "Dusk Press"}, "volume": "3", "issue": "1", "start_page": "5", "end_page": "9",
     "abstract": f"<p>{MOTHS}</p>", "references": [{"lens_id": "1"}]},
    {"lens_id": "000-2", "title": "Kelp", "year_published": 2021, "external_ids": [{"type": "doi", "value": "10.1234/kelp.1"}],
     "authors": [{"first_name": "Bo", "last_name": "Ng"}], "source": {"title": "Kelp Letters"}, "abstract": KELP}]}  # fmt: skip
# https://docs.dimensions.ai/dsl/datasource-publications.html
DIMENSIONS = {"_stats": {"total_count": 2}, "publications": [
    {"id": "pub.1", "title": "Moths", "abstract": MOTHS, "authors": [{"first_name": "Ada", "last_name": "Fell", "affiliations": [{"name": "Fjord Lab"}]}],
     "journal": {"id": "jour.1", "title": "Journal of Dusk"}, "year": 2020, "date": "2020-05-04", "doi": "10.1234/moth.5", "volume": "3", "issue": "1", "pages": "5-9"},
    {"id": "pub.2", "title": "Kelp", "abstract": KELP, "authors": [{"first_name": "Bo", "last_name": "Ng"}], "journal": {"title": "Kelp Letters"}, "year": 2021, "doi": "10.1234/kelp.1"}]}  # fmt: skip
# https://developer.ieee.org/docs/read/Metadata_API_responses
IEEE = {"total_records": 2, "articles": [
    {"doi": "10.1234/moth.5", "title": "Moths", "authors": {"authors": [{"affiliation": "Fjord Lab", "id": 371, "full_name": "Ada Fell", "author_order": 1}]},
     "abstract": MOTHS, "article_number": "887", "publication_title": "Journal of Dusk", "publication_year": 2020, "publication_date": "4-6 May 2020", "volume": "3", "issue": "1",
     "start_page": "5", "end_page": "9", "index_terms": {"ieee_terms": {"terms": ["Sensors"]}, "author_terms": {"terms": ["moth"]}}},
    {"doi": "10.1234/kelp.1", "title": "Kelp", "authors": {"authors": [{"full_name": "Bo Ng"}]}, "abstract": KELP, "publication_title": "Kelp Letters", "publication_year": "2021"}]}  # fmt: skip
# https://dev.springernature.com/docs/api-endpoints/meta-api/
SPRINGER = {"apiMessage": "This JSON was provided by Springer Nature", "query": "moth", "result": [{"total": "2", "start": "1", "pageLength": "10"}], "records": [
    {"contentType": "Article", "identifier": "doi:10.1234/moth.5", "url": [{"format": "", "value": "http://dx.doi.org/10.1234/moth.5"}], "title": "Moths",
     "creators": [{"creator": "Fell, Ada", "ORCID": "0"}], "publicationName": "Journal of Dusk", "doi": "10.1234/moth.5", "publicationDate": "2020-05-04",
     "volume": "3", "number": "1", "startingPage": "5", "endingPage": "9", "abstract": {"h1": "Abstract", "p": MOTHS}, "keyword": ["moth"]},
    {"identifier": "doi:10.1234/kelp.1", "title": "Kelp", "creators": [{"creator": "Ng, Bo"}], "publicationName": "Kelp Letters", "publicationDate": "2021-01-02", "abstract": {"h1": "Abstract", "p": [KELP]}}],
    "facets": [{"name": "subject", "values": [{"value": "Biology", "count": "2"}]}]}  # fmt: skip
# https://docs.openalex.org/api-entities/works/work-object
OPENALEX = {"meta": {"count": 2}, "results": [
    {"id": "https://openalex.org/W1", "doi": "https://doi.org/10.1234/moth.5", "title": "Moths", "publication_year": 2020, "publication_date": "2020-05-04",
     "primary_location": {"source": {"display_name": "Journal of Dusk"}}, "authorships": [{"author": {"display_name": "Ada Fell"}}],
     "biblio": {"volume": "3", "issue": "1", "first_page": "5", "last_page": "9"}, "abstract_inverted_index": inverted(MOTHS)},
    {"id": "https://openalex.org/W2", "doi": "https://doi.org/10.1234/kelp.1", "title": "Kelp", "publication_year": 2021, "authorships": [{"author": {"display_name": "Bo Ng"}}],
     "primary_location": {"source": {"display_name": "Kelp Letters"}}, "abstract_inverted_index": inverted(KELP)}], "group_by": []}  # fmt: skip
# https://api.crossref.org/swagger-ui/index.html
CROSSREF = {"status": "ok", "message-type": "work-list", "message": {"facets": {}, "total-results": 2, "items": [
    {"indexed": {"date-parts": [[2022, 4, 1]]}, "reference-count": 30, "DOI": "10.1234/moth.5", "title": ["Moths"], "author": [{"given": "Ada", "family": "Fell", "affiliation": []}],
     "published-print": {"date-parts": [[2020, 5, 4]]}, "container-title": ["Journal of Dusk"], "volume": "3", "issue": "1", "page": "5-9",
     "abstract": f"<jats:title>Abstract</jats:title><jats:p>{MOTHS}</jats:p>", "reference": [{"key": "1", "article-title": "Old moths", "year": "1999"}]},
    {"DOI": "10.1234/kelp.1", "title": ["Kelp"], "author": [{"given": "Bo", "family": "Ng"}], "container-title": ["Kelp Letters"], "issued": {"date-parts": [[2021]]}, "abstract": f"<jats:p>{KELP}</jats:p>"}]}}  # fmt: skip
# https://europepmc.org/RestfulWebService
EUROPE_PMC = {"hitCount": 2, "request": {"queryString": "moth"}, "resultList": {"result": [
    {"id": "31234567", "source": "MED", "pmid": "31234567", "doi": "10.1234/moth.5", "title": "Moths", "authorString": "Fell A.",
     "journalInfo": {"issue": "1", "volume": "3", "journal": {"title": "Journal of Dusk"}}, "pubYear": "2020", "pageInfo": "5-9", "abstractText": MOTHS, "firstPublicationDate": "2020-05-04"},
    {"id": "2", "source": "MED", "doi": "10.1234/kelp.1", "title": "Kelp", "authorString": "Ng B.", "journalTitle": "Kelp Letters", "pubYear": "2021", "abstractText": KELP}]}}  # fmt: skip
# https://api.core.ac.uk/docs/v3
CORE = {"totalHits": 2, "limit": 10, "offset": 0, "results": [
    {"authors": [{"name": "Fell, Ada"}], "contributors": ["Sue"], "createdDate": "2022-01-01T00:00:00", "dataProviders": [{"id": 1, "name": "Fjord Archive"}], "abstract": MOTHS, "doi": "10.1234/moth.5",
     "fullText": "The whole text.", "id": 44, "identifiers": [{"identifier": "44", "type": "CORE_ID"}], "title": "Moths", "publishedDate": "2020-05-04T00:00:00", "pubmedId": "31234567",
     "yearPublished": 2020, "journals": [{"title": "Journal of Dusk"}]},
    {"authors": [{"name": "Ng, Bo"}], "abstract": KELP, "identifiers": [{"identifier": "10.1234/kelp.1", "type": "DOI"}], "title": "Kelp", "yearPublished": 2021, "journals": [{"title": "Kelp Letters"}]}]}  # fmt: skip
# https://doaj.org/api/docs
DOAJ = {"total": 2, "page": 1, "query": "moth", "results": [
    {"last_updated": "2022-06-01T00:00:00Z", "bibjson": {"identifier": [{"id": "1234-5678", "type": "pissn"}, {"id": "10.1234/moth.5", "type": "doi"}],
     "journal": {"volume": "3", "number": "1", "title": "Journal of Dusk"}, "month": "5", "year": "2020", "start_page": "5", "end_page": "9",
     "author": [{"affiliation": "Fjord Lab", "name": "Ada Fell"}], "abstract": MOTHS, "title": "Moths"}, "id": "abc", "created_date": "2021-06-01T00:00:00Z"},
    {"bibjson": {"title": "Kelp", "abstract": KELP, "year": "2021", "identifier": [{"type": "DOI", "id": "10.1234/kelp.1"}], "author": [{"name": "Bo Ng"}], "journal": {"title": "Kelp Letters"}}, "id": "d"}]}  # fmt: skip
# https://dev.elsevier.com/documentation/ScopusSearchAPI.wadl
SCOPUS = {"search-results": {"opensearch:totalResults": "2", "link": [{"@ref": "self", "@href": "x"}], "entry": [
    {"@_fa": "true", "link": [{"@ref": "self"}], "dc:identifier": "SCOPUS_ID:1", "dc:title": "Moths", "dc:creator": "Fell A.", "prism:publicationName": "Journal of Dusk", "prism:volume": "3",
     "prism:issueIdentifier": "1", "prism:pageRange": "5-9", "prism:coverDate": "2020-05-04", "prism:doi": "10.1234/moth.5", "dc:description": MOTHS, "pubmed-id": "31234567", "author": [{"authname": "Fell A."}]},
    {"dc:title": "Kelp", "dc:creator": "Ng B.", "prism:publicationName": "Kelp Letters", "prism:coverDate": "2021-01-01", "prism:doi": "10.1234/kelp.1", "dc:description": KELP}]}}  # fmt: skip
# https://developer.clarivate.com/apis/wos-starter
WEB_OF_SCIENCE = {"metadata": {"total": 2}, "hits": [
    {"uid": "WOS:1", "title": "Moths", "types": ["Article"], "source": {"sourceTitle": "Journal of Dusk", "publishYear": 2020, "volume": "3", "issue": "1", "pages": {"range": "5-9"}},
     "names": {"authors": [{"displayName": "Fell, Ada", "wosStandard": "Fell, A"}]}, "identifiers": {"doi": "10.1234/moth.5", "pmid": "MEDLINE:31234567"}, "abstract": MOTHS},
    {"uid": "WOS:2", "title": "Kelp", "source": {"sourceTitle": "Kelp Letters", "publishYear": 2021}, "names": {"authors": [{"displayName": "Ng, Bo"}]}, "identifiers": {"doi": "10.1234/kelp.1"}, "abstract": KELP}]}  # fmt: skip
# https://support.datacite.org/docs/api, https://developers.zenodo.org
DATACITE = {"data": [
    {"id": "10.1234/moth.5", "type": "dois", "attributes": {"doi": "10.1234/moth.5", "creators": [{"name": "Fell, Ada", "givenName": "Ada", "familyName": "Fell"}], "titles": [{"title": "Moths"}],
     "container": {"title": "Journal of Dusk"}, "publicationYear": 2020, "descriptions": [{"description": "A table.", "descriptionType": "Other"}, {"description": MOTHS, "descriptionType": "Abstract"}]},
     "relationships": {"client": {"data": {"id": "fjord", "type": "clients"}}}},
    {"id": "10.1234/kelp.1", "attributes": {"doi": "10.1234/kelp.1", "creators": [{"name": "Ng, Bo"}], "titles": [{"title": "Kelp"}], "container": {"title": "Kelp Letters"}, "publicationYear": 2021,
     "descriptions": [{"description": KELP, "descriptionType": "Abstract"}]}}], "meta": {"total": 2}}  # fmt: skip
ZENODO = {"hits": {"total": 2, "hits": [
    {"created": "2022-05-04T00:00:00", "id": 1, "doi": "10.1234/moth.5", "metadata": {"title": "Moths", "publication_date": "2020-05-04", "description": f"<p>{MOTHS}</p>",
     "creators": [{"name": "Fell, Ada", "affiliation": None}], "journal": {"title": "Journal of Dusk", "volume": "3", "issue": "1", "pages": "5-9"}}},
    {"id": 2, "doi": "10.1234/kelp.1", "metadata": {"title": "Kelp", "publication_date": "2021", "description": KELP, "creators": [{"name": "Ng, Bo"}], "journal": {"title": "Kelp Letters"}}}]}}  # fmt: skip
# https://ui.adsabs.harvard.edu/help/api, https://github.com/inspirehep/rest-api-doc
ADS = {"responseHeader": {"status": 0}, "response": {"numFound": 2, "docs": [
    {"bibcode": "2020JDusk...3....5F", "abstract": MOTHS, "title": ["Moths"], "author": ["Fell, Ada"], "pub": "Journal of Dusk", "year": "2020", "pubdate": "2020-05-00", "doi": ["10.1234/moth.5"], "volume": "3", "issue": "1", "page": ["5"]},
    {"abstract": KELP, "title": ["Kelp"], "author": ["Ng, Bo"], "pub": "Kelp Letters", "year": "2021", "doi": ["10.1234/kelp.1"]}]}}  # fmt: skip
INSPIRE = {"hits": {"total": 2, "hits": [
    {"id": "1", "metadata": {"titles": [{"title": "Moths"}], "abstracts": [{"value": MOTHS, "source": "arXiv"}], "authors": [{"full_name": "Fell, Ada"}], "dois": [{"value": "10.1234/moth.5"}],
     "arxiv_eprints": [{"value": "2001.01234"}], "publication_info": [{"journal_title": "Journal of Dusk", "journal_volume": "3", "year": 2020}]}},
    {"id": "2", "metadata": {"titles": [{"title": "Kelp"}], "abstracts": [{"value": KELP}], "authors": [{"full_name": "Ng, Bo"}], "dois": [{"value": "10.1234/kelp.1"}],
     "publication_info": [{"journal_title": "Kelp Letters", "year": 2021}]}}]}}  # fmt: skip
REPLIES = {
    "lens": LENS, "dimensions": DIMENSIONS, "ieee": IEEE, "springer": SPRINGER, "openalex": OPENALEX, "crossref": CROSSREF, "europe pmc": EUROPE_PMC, "core": CORE, "doaj": DOAJ,
    "scopus": SCOPUS, "web of science": WEB_OF_SCIENCE, "datacite": DATACITE, "zenodo": ZENODO, "ads": ADS, "inspire": INSPIRE,
}  # fmt: skip


def found(folder: Path, text: str) -> list[Record | Rejection]:
    path = folder / "reply"
    path.write_text(text, encoding="utf-8")
    return list(read(path))


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("service", REPLIES)
def test_a_reply_gives_each_paper_its_own_title_abstract_authors_year_and_doi(
    tmp_path: Path, service: str, indent: int | None
) -> None:
    moths, kelp = found(tmp_path, json.dumps(REPLIES[service], indent=indent))
    assert isinstance(moths, Record)
    assert isinstance(kelp, Record)
    assert (moths.title, moths.abstract, moths.year, moths.doi) == ("Moths", MOTHS, 2020, "10.1234/moth.5")
    assert (kelp.title, kelp.abstract, kelp.year, kelp.doi) == ("Kelp", KELP, 2021, "10.1234/kelp.1")
    assert moths.authors[0] in ("Fell, Ada", "Ada Fell", "Fell A", "Fell A.")
    assert kelp.authors in (("Ng, Bo",), ("Bo Ng",), ("Ng B",), ("Ng B.",))
    assert (moths.venue, kelp.venue) == ("Journal of Dusk", "Kelp Letters")
    assert moths.pmid in ("31234567", None)
    assert moths.volume == (None if service in ("core", "datacite") else "3")


def test_the_paragraphs_of_a_structured_abstract_keep_their_headings(tmp_path: Path) -> None:
    abstract = {"h1": "Abstract", "h2": ["Background", "Results"], "p": ["Moths fly.", "They fly far."]}
    (record,) = found(tmp_path, json.dumps({"records": [{"title": "Moths", "abstract": abstract}]}))
    assert isinstance(record, Record)
    assert record.abstract == "Background: Moths fly. Results: They fly far."


def test_openreview_keeps_each_value_in_an_object(tmp_path: Path) -> None:
    content = {"title": {"value": "Moths"}, "authors": {"value": ["Ada Fell"]}, "abstract": {"value": MOTHS}, "keywords": {"value": ["moth"]}}  # fmt: skip
    (record,) = found(tmp_path, json.dumps({"notes": [{"id": "a", "content": content, "cdate": 1588550400000}]}))
    assert isinstance(record, Record)
    assert (record.title, record.abstract, record.authors, record.keywords) == (
        "Moths",
        MOTHS,
        ("Ada Fell",),
        ("moth",),
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"title": {"en": "Moths"}, "abstract": {"text": MOTHS}, "authors": {"1": "Ada Fell", "2": "Bo Ng"}},
        {"title": ["Moths"], "abstract": [MOTHS], "authors": [{"author": {"display_name": "Ada Fell"}}, {"author": {"name": "Bo Ng"}}]},
        {"title": "Moths", "abstract": MOTHS, "author": {"family": "Fell", "given": "Ada"}},
        {"title": "Moths", "abstract": {"en": MOTHS, "no": "Vi fulgte møll."}, "authors": {"authors": [{"full_name": "Ada Fell"}, "Bo Ng"]}},
    ],
)  # fmt: skip
def test_values_in_objects_of_their_own_are_read(tmp_path: Path, fields: dict[str, object]) -> None:
    (record,) = found(tmp_path, json.dumps([fields]))
    assert isinstance(record, Record)
    assert (record.title, record.abstract) == ("Moths", MOTHS)
    assert record.authors in (("Ada Fell", "Bo Ng"), ("Fell, Ada",))


PAIR = [{"title": "Moths", "abstract": MOTHS}, {"title": "Kelp", "abstract": KELP}]
NESTED = [{"authors": [{"name": "Cy Éco"}], "title": "Reed", "abstract": "Reed is cool."}]


@pytest.mark.parametrize(
    ("reply", "unread"),
    [
        ({"results": PAIR, "related": NESTED}, ["related"]),
        ({"related": NESTED, "results": PAIR}, ["related"]),
        ({"suggestions": [{"title": "Did you mean kelp?"}], "results": PAIR}, ["suggestions"]),
        ({"results": PAIR, "related": NESTED, "more": [{"title": "Reed"}]}, ["related", "more"]),
        ({"results": PAIR, "counts": [{"n": n} for n in range(60_000)], "related": NESTED}, ["related"]),
        ({"result": [{"total": "2"}], "records": PAIR, "facets": [{"name": "year", "values": [{"value": "2020"}]}]}, []),
        ({"related": NESTED, "results": [{"title": "Reed"}, *PAIR]}, ["related"]),
        ({"title": "My reading list", "papers": PAIR}, []),
        ({"papers": PAIR, "title": "My reading list"}, []),
        ({"data": [{"authorId": "1", "name": "Ada Fell", "papers": PAIR}]}, []),
    ],
)  # fmt: skip
def test_the_list_of_papers_is_read_and_every_other_one_is_named(
    tmp_path: Path, reply: object, unread: list[str]
) -> None:
    items = found(tmp_path, json.dumps(reply))
    assert [item.title for item in items if isinstance(item, Record)] == ["Moths", "Kelp"]
    reported = [item.reason for item in items if isinstance(item, Rejection) and item.title is None]
    assert reported == [f"another list, {name!r}, isn't read: save it as a file of its own" for name in unread]


@pytest.mark.parametrize("names", [("citations", "title", "abstract"), ("title", "abstract", "citations")])
def test_a_paper_with_a_list_of_others_is_one_paper_wherever_the_list_stands(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    paper = {"title": "Moths", "abstract": MOTHS, "citations": [{"title": "Kelp", "abstract": KELP}]}
    (record,) = found(tmp_path, json.dumps({name: paper[name] for name in names}))
    assert record.title == "Moths"


# https://api.archives-ouvertes.fr/docs/search, https://api.plos.org/solr, BASE's interface: documents of an index
HAL = {"response": {"numFound": 2, "start": 0, "docs": [
    {"docid": "1", "halId_s": "hal-01", "uri_s": "https://hal.science/hal-01", "title_s": ["Moths", "Papillons"],
     "abstract_s": [MOTHS, "Nous avons suivi 340 papillons."], "authFullName_s": ["Ada Fell", "Bo Ng"], "producedDateY_i": 2020,
     "doiId_s": "10.1234/moth.5", "journalTitle_s": "Journal of Dusk", "docType_s": "ART", "volume_s": "3", "issue_s": ["1"], "page_s": "5-9"},
    {"docid": "2", "title_s": ["Kelp"], "abstract_s": [KELP], "producedDateY_i": 2021}]}}  # fmt: skip
PLOS = {"response": {"numFound": 2, "docs": [
    {"id": "10.1234/moth.5", "journal": "Journal of Dusk", "publication_date": "2020-05-04T00:00:00Z", "volume": "3", "issue": "1", "page": "5-9",
     "article_type": "Research Article", "author_display": ["Ada Fell", "Bo Ng"], "abstract": [MOTHS], "title_display": "<i>Moths</i>", "score": 1.0},
    {"id": "10.1234/kelp.1", "publication_date": "2021-05-04T00:00:00Z", "abstract": [KELP], "title_display": "Kelp"}]}}  # fmt: skip
BASE = {"response": {"numFound": 2, "docs": [
    {"dcdocid": "x", "dctitle": "Moths", "dccreator": ["Ada Fell", "Bo Ng"], "dcdescription": MOTHS, "dcyear": "2020", "dcdoi": ["10.1234/moth.5"],
     "dclink": "https://x.org/1", "dcsource": "Journal of Dusk ; vol. 3 no. 1", "dcsubject": ["moths"], "dctypenorm": ["121"]},
    {"dcdocid": "y", "dctitle": "Kelp", "dcdescription": KELP, "dcyear": "2021"}]}}  # fmt: skip


@pytest.mark.parametrize("reply", [HAL, PLOS, BASE], ids=["hal", "plos", "base"])
@pytest.mark.parametrize("indent", [None, 1])
def test_replies_of_indexes(tmp_path: Path, reply: object, indent: int | None) -> None:
    path = tmp_path / "reply"
    path.write_text(json.dumps(reply, indent=indent), encoding="utf-8")
    moths, kelp = read(path)
    assert isinstance(moths, Record)
    assert isinstance(kelp, Record)
    assert (moths.title, moths.abstract, moths.authors, moths.year) == ("Moths", MOTHS, ("Ada Fell", "Bo Ng"), 2020)
    assert (moths.doi, moths.venue) == ("10.1234/moth.5", "Journal of Dusk")
    assert (kelp.title, kelp.abstract, kelp.year) == ("Kelp", KELP, 2021)

"""The same three papers in every format: two to be read alike, one between them that has no abstract."""

# ruff: noqa: E501 - samples keep the long lines that real exports have

import json

TITLE = "Moths & cafés: how scent leads at dusk"
ABSTRACT = (
    "We followed 340 hawk moths (Agrius convolvuli) in Poincaré's garden. Scent halved the search time (p < 0.05, 95% CI "
    "1.2-3.4). Removing it cost $5 a night."
)
KELP = "Buried kelp"
KELP_ABSTRACT = "Of the yearly growth, 12% is buried. We map where."
ALONE = "A title all alone"

BIBTEX = r"""
This line stands between the entries and belongs to none.
@string{dusk = "Journal of Dusk"}
@comment{jabref-meta: databaseType:bibtex;}
@article{moth20,
  author = {Fell, Ada and {\'E}co, B{\'e}la and others},
  title = "{Moths} {\&} caf{\'e}s: how scent leads at dusk",
  abstract = {We followed 340 hawk moths ({\it Agrius convolvuli}) in Poincar\'e's garden.
     Scent halved the search time ($p < 0.05$, 95\% CI 1.2-3.4). Removing it cost \$5 a night.},
  journal = dusk,
  year = 2020,
  month = may,
  doi = {https://doi.org/10.1234/MOTH.5},
  eprint = {2001.01234v2}, archiveprefix = {arXiv}
}
@misc(alone, title = {A title all alone}, year = 2019)
@inproceedings{kelp21, title = {Buried kelp}, abstract = {Of the yearly growth, 12\% is buried. We map where.}, year = "2021"}
"""

RIS = """TY  - JOUR
AU  - Fell, Ada
AU  - Éco, Béla
TI  - Moths & cafés: how scent leads at dusk
T2  - Journal of Dusk
PY  - 2020
DA  - 2020/05//
AB  - We followed 340 hawk moths (Agrius convolvuli) in Poincaré's garden. Scent halved
the search time (p < 0.05, 95% CI 1.2-3.4).
Removing it cost $5 a night.
DO  - 10.1234/moth.5
UR  - https://arxiv.org/abs/2001.01234v2
ID  - moth20
ER  -

TY  - JOUR
TI  - A title all alone
PY  - 2019
ER  -
TY  - CONF
T1  - Buried kelp
Y1  - 2021///
N2  - Of the yearly growth, 12% is buried. We map where.
"""

MEDLINE = """
PMID- 123456
OWN - NLM
DP  - 2020 May
TI  - Moths & cafés: how scent leads
      at dusk
LID - 10.1234/moth.5 [doi]
AB  - We followed 340 hawk moths (Agrius convolvuli) in Poincaré's garden. Scent halved
      the search time (p < 0.05, 95% CI 1.2-3.4). Removing it cost $5 a night.
FAU - Fell, Ada
AU  - Fell A
FAU - Éco, Béla
AU  - Éco B
JT  - Journal of Dusk

PMID- 123457
TI  - A title all alone
DP  - 2019

PMID- 123458
TI  - Buried kelp
DP  - 2021 Winter
AB  - Of the yearly growth, 12% is buried. We map where.
"""

WEB_OF_SCIENCE = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Fell, A
   Eco, B
AF Fell, Ada
   Éco, Béla
TI Moths & cafés: how scent leads
   at dusk
SO JOURNAL OF DUSK
AB We followed 340 hawk moths (Agrius convolvuli) in Poincaré's garden. Scent halved
   the search time (p < 0.05, 95% CI 1.2-3.4). Removing it cost $5 a night.
PD MAY
PY 2020
DI 10.1234/moth.5
UT WOS:000000000000001
ER

PT J
TI A title all alone
PY 2019
ER

PT C
TI Buried kelp
AB Of the yearly growth, 12% is buried. We map where.
PY 2021
ER

EF
"""

ENDNOTE_TAGGED = """%0 Journal Article
%A Fell, Ada
%A Éco, Béla
%T Moths & cafés: how scent leads at dusk
%J Journal of Dusk
%D 2020
%X We followed 340 hawk moths (Agrius convolvuli) in Poincaré's garden. Scent halved the search time
(p < 0.05, 95% CI 1.2-3.4). Removing it cost $5 a night.
%R 10.1234/moth.5
%F moth20

%0 Journal Article
%T A title all alone

%0 Conference Paper
%T Buried kelp
%X Of the yearly growth, 12% is buried. We map where.
%D 2021
"""

ENDNOTE_XML = """<?xml version="1.0" encoding="UTF-8"?><xml><records>
<record><database name="My.enl">My.enl</database><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Fell, Ada</style></author><author><style>Éco, Béla</style></author></authors></contributors>
<titles><title><style face="normal">Moths &amp; cafés: how </style><style face="italic">scent</style><style> leads at dusk</style></title>
<secondary-title>Journal of Dusk</secondary-title></titles>
<dates><year><style>2020</style></year></dates>
<abstract><style>We followed 340 hawk moths (Agrius convolvuli) in Poincaré's garden.&#xD;Scent halved the search time
(p &lt; 0.05, 95% CI 1.2-3.4). Removing it cost $5 a night.</style></abstract>
<electronic-resource-num><style>10.1234/moth.5</style></electronic-resource-num><label>moth20</label></record>
<record><ref-type name="Book">6</ref-type><titles><title>A title all alone</title></titles></record>
<record><ref-type name="Journal Article">17</ref-type><titles><title>Buried kelp</title></titles><dates><year>2021</year></dates>
<abstract>Of the yearly growth, 12% is buried. We map where.</abstract></record>
</records></xml>
"""

PUBMED_XML = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2024//EN" "pubmed_240101.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID Version="1">123456</PMID><Article><Journal><JournalIssue><PubDate><Year>2020</Year>
<Month>May</Month></PubDate></JournalIssue><Title>Journal of Dusk</Title></Journal>
<ArticleTitle>Moths &amp; cafés: how <i>scent</i> leads at dusk</ArticleTitle>
<Abstract><AbstractText>We followed 340 hawk moths (<i>Agrius convolvuli</i>) in Poincaré's garden. Scent halved the search
time (p &lt; 0.05, 95% CI 1.2-3.4). Removing it cost $5 a night.</AbstractText></Abstract>
<AuthorList><Author><LastName>Fell</LastName><ForeName>Ada</ForeName></Author><Author><LastName>Éco</LastName>
<ForeName>Béla</ForeName></Author></AuthorList></Article></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1234/moth.5</ArticleId></ArticleIdList><ReferenceList><Reference>
<ArticleIdList><ArticleId IdType="doi">10.9999/other</ArticleId></ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>123457</PMID><Article><ArticleTitle>A title all alone</ArticleTitle></Article>
</MedlineCitation></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>123458</PMID><Article><Journal><JournalIssue><PubDate><MedlineDate>2021 Jan-Feb</MedlineDate>
</PubDate></JournalIssue></Journal><ArticleTitle>Buried kelp</ArticleTitle><Abstract><AbstractText>Of the yearly growth, 12%
is buried. We map where.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>
</PubmedArticleSet>
"""

ARXIV_ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
<title type="html">ArXiv Query: search_query=all:moth</title><id>http://arxiv.org/api/x</id>
<entry><id>http://arxiv.org/abs/2001.01234v2</id><published>2020-05-04T10:00:00Z</published>
<title>Moths &amp; cafés: how scent
  leads at dusk</title>
<summary>  We followed 340 hawk moths (Agrius convolvuli) in Poincaré's garden. Scent halved the search
time ($p &lt; 0.05$, 95% CI 1.2-3.4). Removing it cost $5 a night.
</summary><author><name>Fell, Ada</name></author><author><name>Éco, Béla</name></author>
<arxiv:doi>10.1234/moth.5</arxiv:doi><arxiv:journal_ref>Journal of Dusk</arxiv:journal_ref>
<link href="http://arxiv.org/abs/2001.01234v2" rel="alternate" type="text/html"/></entry>
<entry><id>http://arxiv.org/abs/2001.01235v1</id><title>A title all alone</title><summary> </summary></entry>
<entry><id>http://arxiv.org/abs/2101.01236v1</id><published>2021-01-04T10:00:00Z</published><title>Buried kelp</title>
<summary>Of the yearly growth, 12% is buried. We map where.</summary></entry>
</feed>
"""

EUROPE_PMC_XML = """<?xml version="1.0" encoding="UTF-8"?><responseWrapper><hitCount>3</hitCount><resultList>
<result><id>123456</id><source>MED</source><pmid>123456</pmid><doi>10.1234/moth.5</doi><pubYear>2020</pubYear>
<title>Moths &amp; cafés: how &lt;i&gt;scent&lt;/i&gt; leads at dusk</title>
<authorList><author><fullName>Fell, Ada</fullName></author><author><fullName>Éco, Béla</fullName></author></authorList>
<journalInfo><journal><title>Journal of Dusk</title></journal></journalInfo>
<abstractText>We followed 340 hawk moths (&lt;i&gt;Agrius convolvuli&lt;/i&gt;) in Poincaré's garden. Scent halved the search
time (p &amp;lt; 0.05, 95% CI 1.2-3.4). Removing it cost $5 a night.</abstractText></result>
<result><title>A title all alone</title></result>
<result><title>Buried kelp</title><pubYear>2021</pubYear><abstractText>Of the yearly growth, 12% is buried. We map where.</abstractText></result>
</resultList></responseWrapper>
"""

_NAMES = [{"family": "Fell", "given": "Ada"}, {"family": "Éco", "given": "Béla"}]

CSL_JSON = json.dumps(
    [
        {"id": "moth20", "type": "article-journal", "title": TITLE, "abstract": ABSTRACT, "author": _NAMES,
         "issued": {"date-parts": [["2020", 5]]}, "container-title": "Journal of Dusk", "DOI": "10.1234/moth.5",
         "note": "arXiv: 2001.01234"},
        {"id": "alone", "type": "book", "title": ALONE, "issued": {"raw": "2019"}},
        {"id": "kelp21", "type": "paper-conference", "title": KELP, "abstract": KELP_ABSTRACT, "issued": {"literal": "2021"}},
    ],
    indent=2,
)  # fmt: skip

CROSSREF = json.dumps(
    {
        "status": "ok", "message-type": "work-list",
        "message": {"facets": {}, "total-results": 3, "items": [
            {"DOI": "10.1234/MOTH.5", "title": ["Moths &amp; cafés: how <i>scent</i> leads at dusk"], "author": _NAMES,
             "abstract": "<jats:title>Abstract</jats:title><jats:p>We followed 340 hawk moths (<jats:italic>Agrius convolvuli"
             "</jats:italic>) in Poincaré's garden.</jats:p>\n<jats:p>Scent halved the search time (p &lt; 0.05, 95% CI 1.2-3.4)."
             " Removing it cost $5 a night.</jats:p>",
             "published": {"date-parts": [[2020, 5, 4]]}, "container-title": ["Journal of Dusk"]},
            {"DOI": "10.1234/alone", "title": [ALONE]},
            {"DOI": "10.1234/kelp", "title": [KELP], "abstract": KELP_ABSTRACT, "issued": {"date-parts": [[2021]]}},
        ]},
    }
)  # fmt: skip


def _inverted(text: str) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for place, word in enumerate(text.split()):
        index.setdefault(word, []).append(place)
    return index


OPENALEX = json.dumps(
    {"meta": {"count": 3}, "results": [
        {"id": "https://openalex.org/W1", "doi": "https://doi.org/10.1234/moth.5", "title": TITLE, "publication_year": 2020,
         "authorships": [{"author": {"display_name": "Fell, Ada"}}, {"author": {"display_name": "Éco, Béla"}}],
         "primary_location": {"source": {"display_name": "Journal of Dusk"}, "landing_page_url": "https://doi.org/10.1234/moth.5"},
         "abstract_inverted_index": _inverted(ABSTRACT)},
        {"id": "https://openalex.org/W2", "display_name": ALONE, "abstract_inverted_index": None},
        {"id": "https://openalex.org/W3", "display_name": KELP, "publication_year": 2021,
         "abstract_inverted_index": _inverted(KELP_ABSTRACT)},
    ]}
)  # fmt: skip

SEMANTIC_SCHOLAR = json.dumps(
    {"total": 3, "offset": 0, "data": [
        {"paperId": "a1", "title": TITLE, "abstract": ABSTRACT, "year": 2020, "venue": "Journal of Dusk",
         "authors": [{"authorId": "1", "name": "Fell, Ada"}, {"authorId": "2", "name": "Éco, Béla"}],
         "externalIds": {"DOI": "10.1234/moth.5", "ArXiv": "2001.01234"}},
        {"paperId": "a2", "title": ALONE, "abstract": None},
        {"paperId": "a3", "title": KELP, "abstract": KELP_ABSTRACT, "year": 2021},
    ]}
)  # fmt: skip

EUROPE_PMC = json.dumps(
    {"hitCount": 3, "resultList": {"result": [
        {"id": "1", "source": "MED", "doi": "10.1234/moth.5", "title": TITLE, "abstractText": ABSTRACT, "pubYear": "2020",
         "authorList": {"author": [{"fullName": "Fell, Ada"}, {"fullName": "Éco, Béla"}]},
         "journalInfo": {"journal": {"title": "Journal of Dusk"}}},
        {"id": "2", "source": "MED", "authorString": "Fell A.", "title": ALONE},
        {"id": "3", "source": "PPR", "title": KELP, "abstractText": KELP_ABSTRACT, "pubYear": "2021"},
    ]}}
)  # fmt: skip

ZOTERO = json.dumps(
    [
        {"key": "ABCD2345", "data": {"itemType": "journalArticle", "title": TITLE, "abstractNote": ABSTRACT, "date": "May 2020",
         "creators": [{"creatorType": "author", "firstName": "Ada", "lastName": "Fell"},
                      {"creatorType": "author", "firstName": "Béla", "lastName": "Éco"},
                      {"creatorType": "editor", "firstName": "Ed", "lastName": "Itor"}],
         "publicationTitle": "Journal of Dusk", "DOI": "10.1234/moth.5", "extra": "Citation Key: moth20\narXiv: 2001.01234"}},
        {"data": {"itemType": "book", "title": ALONE}},
        {"data": {"itemType": "conferencePaper", "title": KELP, "abstractNote": KELP_ABSTRACT, "date": "2021-06"}},
    ]
)  # fmt: skip

ARXIV_SNAPSHOT = "\n".join(
    json.dumps(paper)
    for paper in (
        {"id": "2001.01234", "title": r"Moths \& caf\'es: how scent" + "\n  leads at dusk",
         "abstract": "  " + ABSTRACT.replace("é", r"\'e").replace("p < 0.05", "$p < 0.05$").replace("Scent", "\nScent"),
         "authors_parsed": [["Fell", "Ada", ""], ["Éco", "Béla", ""]], "doi": "10.1234/moth.5", "journal-ref": "Journal of Dusk",
         "categories": "q-bio.PE", "versions": [{"version": "v1", "created": "Mon, 4 May 2020 19:18:42 GMT"}]},
        {"id": "1901.00001", "title": ALONE, "abstract": "", "authors_parsed": []},
        {"id": "2101.00001", "title": KELP, "abstract": KELP_ABSTRACT, "authors_parsed": [], "update_date": "2021-02-03"},
    )
)  # fmt: skip

BEIR = "\n".join(
    json.dumps(document)
    for document in (
        {"_id": "moth20", "title": TITLE, "text": ABSTRACT, "metadata": {"year": 2020, "doi": "10.1234/moth.5",
         "authors": ["Fell, Ada", "Éco, Béla"], "journal": "Journal of Dusk"}},
        {"_id": "alone", "title": ALONE, "text": ""},
        {"_id": "kelp21", "title": KELP, "text": KELP_ABSTRACT, "metadata": {"year": "2021"}},
    )
)  # fmt: skip

SCOPUS_CSV = (
    '\ufeff"Authors","Author full names","Author(s) ID","Title","Year","Source title","DOI","Link","Abstract","Document Type","EID"\r\n'
    f'"Fell, Ada; Éco, Béla","Fell, Ada (57190000001); Éco, Béla (57190000002)","57190000001; 57190000002","{TITLE}","2020",'
    f'"Journal of Dusk","10.1234/moth.5","https://www.scopus.com/x","{ABSTRACT}","Article","2-s2.0-1"\r\n'
    f'"[No author name available]","","","{ALONE}","2019","","","","[No abstract available]","Note","2-s2.0-2"\r\n'
    f'"","","","{KELP}","2021","","","","{KELP_ABSTRACT}","Article","2-s2.0-3"\r\n'
)

WEB_OF_SCIENCE_TABLE = (
    "PT\tAU\tAF\tTI\tSO\tAB\tPY\tDI\tUT\n"
    f"J\tFell, Ada; Éco, Béla\tFell, Ada; Éco, Béla\t{TITLE}\tJournal of Dusk\t{ABSTRACT}\t2020\t10.1234/moth.5\tWOS:1\n"
    f"J\t\t\t{ALONE}\t\t\t2019\t\tWOS:2\n"
    f"J\t\t\t{KELP}\t\t{KELP_ABSTRACT}\t2021\t\tWOS:3\n"
)

ZOTERO_RDF = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:z="http://www.zotero.org/namespaces/export#"
 xmlns:dcterms="http://purl.org/dc/terms/" xmlns:bib="http://purl.org/net/biblio#" xmlns:foaf="http://xmlns.com/foaf/0.1/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/">
 <bib:Article rdf:about="https://dusk.example/moths">
  <z:itemType>journalArticle</z:itemType><dcterms:isPartOf rdf:resource="urn:issn:1234-5679"/>
  <bib:authors><rdf:Seq>
   <rdf:li><foaf:Person><foaf:surname>Fell</foaf:surname><foaf:givenName>Ada</foaf:givenName></foaf:Person></rdf:li>
   <rdf:li><foaf:Person><foaf:surname>Éco</foaf:surname><foaf:givenName>Béla</foaf:givenName></foaf:Person></rdf:li>
  </rdf:Seq></bib:authors>
  <dc:title>{TITLE.replace("&", "&amp;")}</dc:title><dcterms:abstract>{ABSTRACT.replace("<", "&lt;")}</dcterms:abstract>
  <dc:date>2020-05-04</dc:date><dcterms:dateSubmitted>2022-09-20 10:00:00</dcterms:dateSubmitted>
 </bib:Article>
 <bib:Journal rdf:about="urn:issn:1234-5679">
  <dc:title>Journal of Dusk</dc:title><prism:volume>3</prism:volume><dc:identifier>DOI 10.1234/moth.5</dc:identifier>
 </bib:Journal>
 <bib:Book rdf:about="#item_2"><z:itemType>book</z:itemType><dc:title>{ALONE}</dc:title><dc:date>2019</dc:date></bib:Book>
 <rdf:Description rdf:about="#item_3">
  <z:itemType>conferencePaper</z:itemType><dc:title>{KELP}</dc:title><dcterms:abstract>{KELP_ABSTRACT}</dcterms:abstract><dc:date>May 4, 2021</dc:date>
 </rdf:Description>
 <z:Attachment rdf:about="#item_4"><z:itemType>attachment</z:itemType><dc:title>PDF</dc:title></z:Attachment>
</rdf:RDF>
"""

# name: (format, text, whether the user's keys are in it)
SAMPLES = {
    "bibtex": ("bibtex", BIBTEX, True),
    "ris": ("ris", RIS, False),
    "medline": ("medline", MEDLINE, False),
    "web of science": ("webofscience", WEB_OF_SCIENCE, False),
    "web of science table": ("csv", WEB_OF_SCIENCE_TABLE, False),
    "endnote tagged": ("endnote-tagged", ENDNOTE_TAGGED, False),
    "endnote xml": ("endnote-xml", ENDNOTE_XML, False),
    "pubmed xml": ("pubmed-xml", PUBMED_XML, False),
    "arxiv atom": ("arxiv", ARXIV_ATOM, False),
    "arxiv snapshot": ("arxiv", ARXIV_SNAPSHOT, False),
    "europe pmc xml": ("europepmc", EUROPE_PMC_XML, False),
    "europe pmc": ("europepmc", EUROPE_PMC, False),
    "csl": ("csl-json", CSL_JSON, True),
    "crossref": ("crossref", CROSSREF, False),
    "openalex": ("openalex", OPENALEX, False),
    "semantic scholar": ("semantic-scholar", SEMANTIC_SCHOLAR, False),
    "zotero": ("zotero-json", ZOTERO, False),
    "zotero rdf": ("zotero-rdf", ZOTERO_RDF, False),
    "beir": ("beir", BEIR, True),
    "scopus csv": ("csv", SCOPUS_CSV, False),
}

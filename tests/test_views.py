"""How an answer is shown, and the one JSON shape that every interface returns."""

import json

import jsonschema
import pytest

from rag import Library, answer, stream_answer
from rag.config import Config
from rag.integrations.tools import Tools
from rag.views.documents import hits_document, json_schema, papers_document

PAPERS = [
    {"title": "Tin roofs in hail", "year": 2024, "authors": ["Fell, Ada"], "doi": "10.1000/hail",
     "abstract": "Hail dents roofs of tin. We dropped ice on 40 roofs. A thicker sheet of tin cut dents by 52%."},
    {"title": "Barn cats: sleep < play", "year": 2021,
     "abstract": "Barn cats rest by day. We filmed 12 cats for a month. They slept eleven hours a day."},
]  # fmt: skip
QUESTION = "By how much did a thicker sheet of tin cut dents?"


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    with Library(tmp_path_factory.mktemp("views") / "library", embedder=embedder) as opened:
        opened.add_records(PAPERS, "views")
        yield opened


@pytest.fixture(scope="module")
def found(library):
    return answer(QUESTION, library, config=Config())


def held(document):
    """Hold a document to the published schema, as a program would read it: after a trip through JSON."""
    plain = json.loads(json.dumps(document))
    assert plain == document
    jsonschema.Draft202012Validator(json_schema()).validate(plain)
    assert plain["schema"] == 1
    return plain


def test_an_answer_lists_its_citations_and_fits_on_a_line(found):
    assert [c.quote for c in found.citations] == ["A thicker sheet of tin cut dents by 52%."]
    for value in (found, found.sentences[0], found.citations[0], found.papers[0]):
        assert len(repr(value)) < 160
        assert "\n" not in repr(value)


def test_markdown_and_html_show_quotes_and_verdicts_and_escape_the_rest(library, found):
    assert "[1]" in found.to_markdown()
    assert "quoted: “A thicker sheet of tin cut dents by 52%.”" in found.to_markdown()
    assert "<strong>quoted</strong>" in found._repr_html_()
    cats = answer("How long did barn cats sleep?", library, config=Config())
    assert "sleep &lt; play" in cats._repr_html_()
    assert "sleep \\< play" in cats.to_markdown()


def test_every_document_keeps_to_the_schema(library, found):
    tools = Tools(library, Config())
    cited = held(found.to_dict())["sentences"][0]["citations"][0]
    (paper,) = [p for p in held(found.to_dict())["papers"] if p["number"] == cited["number"]]
    assert (paper["paper_id"], paper["doi"]) == (cited["paper_id"], "10.1000/hail")
    held(answer("Who won the regatta in 1908?", library, config=Config()).to_dict())
    held(hits_document(library.search("tin", k=2)))
    held(papers_document(library.papers()))
    assert held(library.papers()[0].to_dict())["abstract"] == PAPERS[0]["abstract"]
    assert held(tools.ask(QUESTION))["text"] == found.text
    held(tools.search("cats"))
    assert "origins" not in held(tools.get_paper(cited["paper_id"]))
    assert held(tools.list_papers(limit=1, offset=1))["total"] == 2


def test_every_event_of_a_stream_says_what_it_is(library):
    kinds = [held(event.to_dict())["type"] for event in stream_answer(QUESTION, library, config=Config())]
    assert kinds == ["step", "step", "step", "sentence", "answer"]


def test_a_document_of_another_shape_is_refused_by_the_schema(found):
    for change in ({"schema": 2}, {"status": "maybe"}, {"sentences": [{"text": "no verdict"}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(json_schema()).validate(found.to_dict() | change)

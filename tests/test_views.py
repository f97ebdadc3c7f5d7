"""How an answer is shown, and the one JSON shape that every interface returns."""

import json
import re

import jsonschema
import pytest

from rag import Library, answer, stream_answer
from rag.__main__ import main
from rag.config import Config
from rag.integrations.tools import Tools
from rag.views.counts import counted
from rag.views.documents import hits_document, json_schema, papers_document
from rag.views.printable import without_folders

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


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 papers"), (1, "1 paper"), (2, "2 papers"), (12_345, "12,345 papers")]
)
def test_a_count_has_the_form_of_its_noun(count, said):
    assert counted(count, "paper") == said
    assert counted(count, "paper has", "papers have") == said.replace("papers", "papers have").replace(
        "1 paper", "1 paper has"
    )


def test_the_commands_count_one_paper_as_one(tmp_path, capsys):
    (tmp_path / "one.jsonl").write_text(json.dumps(PAPERS[0]), encoding="utf-8")
    place = ["--library", str(tmp_path / "library")]
    for asked in (["add", str(tmp_path / "one.jsonl")], ["stats"], ["backup", str(tmp_path / "b.tar")], ["doctor"],
                  ["export", "-o", str(tmp_path / "out.bib")]):  # fmt: skip
        main([*asked, *place])
    said = capsys.readouterr().out
    assert re.findall(r"(?<![\d,.-])1 (?:papers|records|windows|segments|vectors|files|quotes)\b", said) == []
    for part in ("1 record: 1 added", "The library holds 1 paper.", "1 paper (0 retracted)", "1 segment", "1 paper in",
                 "1 paper written"):  # fmt: skip
        assert part in said


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("/srv/lib/a.jsonl: can't be read", "a.jsonl: can't be read"),
        ("/Users/Ada Fell/my papers/a.jsonl: 3 and/or 4 records", "a.jsonl: 3 and/or 4 records"),
        ("move /a/b to ~/c d/e", "move b to e"),
        ("OLLAMA_HOST='http:///srv/lib/a' isn't an address", "OLLAMA_HOST='http://a' isn't an address"),
        ("see https://example.org/a/b/c or 'http://h:1/a/b'", "see https://example.org/a/b/c or 'http://h:1/a/b'"),
    ],
)
def test_a_message_for_visitors_has_no_folders_and_keeps_the_addresses_of_the_web(message, shown):
    assert without_folders(message) == shown

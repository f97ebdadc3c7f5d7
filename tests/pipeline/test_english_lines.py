"""An answer in another language is checked by the line in English beside each of its sentences."""

from __future__ import annotations

import json

import pytest

from rag import Library, answer
from rag.config import Config
from rag.models.chat import Reply
from rag.receipts import check_receipt
from rag.serialization import to_json
from rag.types import Status, Verdict

QUESTION = "Wie stark erhöht reduzierte Bodenbearbeitung die Bodenfeuchte?"
ABSTRACT = (
    "We measured soil moisture on 40 farms over six years. Reduced tillage raised soil moisture by 8% in dry years. "
    "Barley yield did not change under reduced tillage."
)
GERMAN = "Weniger Bodenbearbeitung erhöhte die Bodenfeuchte in trockenen Jahren um 8 %."
ENGLISH = "Reduced tillage raised soil moisture by 8% in dry years."
CONFIG = Config(cache=False, repair=False)


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("english")
    paper = {"title": "Reduced tillage and soil moisture", "abstract": ABSTRACT, "year": 2021}
    (folder / "papers.jsonl").write_text(json.dumps(paper) + "\n", encoding="utf-8")
    with Library.open(folder / "library", embedder=embedder) as library:
        library.add(folder / "papers.jsonl")
        yield library


class Writing:
    """Plans, then writes this sentence with this line in English; `sent` has the prompts and schemas."""

    name = "scripted:german"
    host = "127.0.0.1"

    def __init__(self, text, english):
        self.sentence = {"text": text, "english": english, "evidence": [2]}
        self.sent = []

    def context(self, timeout):
        return 8192

    def stream(self, messages, schema, timeout):
        self.sent.append((messages[-1].content, json.dumps(schema)))
        plan = {"question": "How much does reduced tillage raise soil moisture?", "searches": []}
        yield json.dumps(plan if "searches" in schema["properties"] else {"reply": {"sentences": [self.sentence]}})
        yield Reply(complete=True, prompt_tokens=10, completion_tokens=1)


def asked(library, text, english):
    model = Writing(text, english)
    return answer(QUESTION, library, model=model, config=CONFIG), model


def test_a_sentence_is_shown_in_its_language_and_supported_by_its_line_in_english(library):
    found, model = asked(library, GERMAN, ENGLISH)
    (sentence,) = found.sentences
    assert (sentence.text, sentence.english, sentence.verdict) == (GERMAN, ENGLISH, Verdict.SUPPORTED)
    assert GERMAN[:-1] in found.text
    assert "checked_in_english" in {issue.code for issue in found.issues}
    assert found.to_dict()["sentences"][0]["english"] == ENGLISH
    prompt, schema = model.sent[-1]
    assert '"english"' in prompt
    assert '"english"' in schema


def test_the_receipt_is_checked_by_the_line_in_english(library):
    found, _ = asked(library, GERMAN, ENGLISH)
    receipt = to_json(found.receipt)
    assert receipt["quotes"][0]["english"] == ENGLISH
    assert check_receipt(receipt, library) == []


def test_a_line_in_english_that_no_abstract_supports_is_no_help(library):
    found, _ = asked(library, GERMAN, "Reduced tillage raised soil moisture by 18% in dry years.")
    assert not any(sentence.verdict is Verdict.SUPPORTED for sentence in found.sentences)


def test_a_sentence_with_another_figure_than_its_line_in_english_is_marked(library):
    found, _ = asked(library, GERMAN.replace("8", "80"), ENGLISH)
    (sentence,) = found.sentences
    assert (sentence.verdict, sentence.citations[0].verdict) == (Verdict.PARTIAL, Verdict.PARTIAL)
    assert any("80" in issue.message for issue in found.issues if issue.sentence == sentence.text)


def test_a_sentence_in_english_is_checked_itself_whatever_line_is_beside_it(library):
    found, _ = asked(library, "Whales are the largest of the animals that live in the sea.", ENGLISH)
    assert found.status is Status.DECLINED


def test_a_question_in_english_asks_for_no_such_line(library):
    model = Writing(ENGLISH, "")
    answer("How much does reduced tillage raise soil moisture?", library, model=model, config=CONFIG)
    assert not any("english" in schema for _, schema in model.sent)

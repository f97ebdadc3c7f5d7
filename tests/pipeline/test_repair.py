"""Sentences that the check doubts go back to the model, once: it corrects, re-cites or confirms them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rag import Library, answer
from rag.config import Config
from rag.errors import ModelUnreachableError
from rag.models.chat import Reply
from rag.pipeline.repairs import Checked, repaired
from rag.serialization import to_json
from rag.types import Draft, Evidence, Issue, Paper, Sentence, Status, Verdict
from rag.write.writer import Repair

QUESTION = "How much does reduced tillage raise soil moisture and barley yield?"
ABSTRACT = (
    "We measured soil moisture on 40 farms over six years. Reduced tillage raised soil moisture by 8% in dry years. "
    "Barley yield did not change under reduced tillage. Earthworms were twice as many on tilled plots."
)
CONFIG = Config(cache=False)


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("repair")
    paper = {"title": "Reduced tillage and soil moisture", "abstract": ABSTRACT, "year": 2021}
    (folder / "papers.jsonl").write_text(json.dumps(paper) + "\n", encoding="utf-8")
    with Library.open(folder / "library", embedder=embedder) as library:
        library.add(folder / "papers.jsonl")
        yield library


class Repairing:
    """Writes `sentences`, and says `repairs` to the doubts that come back."""

    name = "scripted:repairing"
    host = "127.0.0.1"

    def __init__(self, sentences, repairs):
        self.replies = [{"reply": {"sentences": sentences, "not_covered": ""}}, {"sentences": repairs}]
        self.sent = []

    def context(self, timeout):
        return 8192

    def stream(self, messages, schema, timeout):
        self.sent.append(messages)
        reply = self.replies[len(self.sent) - 1]
        if isinstance(reply, Exception):
            raise reply
        yield json.dumps(reply)
        yield Reply(complete=True, prompt_tokens=100, completion_tokens=10)


RIGHT = {"text": "Reduced tillage raised soil moisture by 8% in dry years.", "evidence": [2]}
WRONG = {"text": "Reduced tillage raised soil moisture by 18% in dry years.", "evidence": [2]}
OTHER = {"text": "Barley yield did not change under reduced tillage.", "evidence": [3]}


def fixed(sentence, doubt=1, quote=""):
    return {"doubt": doubt, "quote": quote, **sentence}


def test_a_doubted_sentence_is_corrected_in_its_place_and_the_receipt_holds_both(library):
    model = Repairing([WRONG, OTHER], [fixed(RIGHT, quote="raised soil moisture by 8%")])
    found = answer(QUESTION, library, model=model, config=CONFIG)
    assert [s.text for s in found.sentences] == [RIGHT["text"], OTHER["text"]]
    assert {s.verdict for s in found.sentences} == {Verdict.SUPPORTED}
    assert "18%" not in found.text
    (repair,) = found.receipt.repairs
    assert (repair["sentence"], repair["became"], repair["outcome"]) == (WRONG["text"], RIGHT["text"], "corrected")
    assert "18" in repair["why"]
    assert [i.code for i in found.issues if i.sentence == RIGHT["text"]] == ["repaired_sentence"]
    assert found.receipt.tokens == {"prompt": 200, "completion": 20}
    assert to_json(found)["receipt"]["repairs"]


def test_the_model_is_given_the_reason_and_the_words_that_were_cited(library):
    model = Repairing([WRONG, OTHER], [])
    answer(QUESTION, library, model=model, config=CONFIG)
    turns = [message.content for message in model.sent[1]]
    doubt = json.loads(next(line for line in turns[-1].splitlines() if line.startswith('{"doubt"')))
    assert (doubt["doubt"], doubt["text"]) == (1, WRONG["text"])
    assert doubt["cited"] == {"2": "Reduced tillage raised soil moisture by 8% in dry years."}
    assert doubt["why"]
    assert turns[:2] == [message.content for message in model.sent[0]]


def test_without_doubts_or_with_the_switch_off_no_second_call_is_made(library):
    good, off = Repairing([RIGHT], []), Repairing([WRONG, OTHER], [fixed(RIGHT)])
    answer(QUESTION, library, model=good, config=CONFIG)
    found = answer(QUESTION, library, model=off, config=replace(CONFIG, repair=False))
    assert (len(good.sent), len(off.sent)) == (1, 1)
    assert [s.text for s in found.sentences] == [OTHER["text"]]


def test_trouble_with_the_repair_costs_nothing_of_the_answer(library):
    model = Repairing([WRONG, OTHER], [])
    model.replies[1] = ModelUnreachableError("gone: start it")
    found = answer(QUESTION, library, model=model, config=CONFIG)
    assert (found.status, [s.text for s in found.sentences]) == (Status.ANSWERED, [OTHER["text"]])
    assert "repair_failed" in {i.code for i in found.issues}


def test_an_answer_with_only_a_wrong_sentence_is_saved_by_its_repair(library):
    found = answer(QUESTION, library, model=Repairing([WRONG], [fixed(RIGHT)]), config=CONFIG)
    assert (found.status, [s.text for s in found.sentences]) == (Status.ANSWERED, [RIGHT["text"]])


def test_repairs_without_their_numbers_are_taken_in_order(library):
    other = {"text": "Barley yield rose by 40% under reduced tillage.", "evidence": [3]}
    model = Repairing([WRONG, other], [RIGHT, OTHER])
    found = answer(QUESTION, library, model=model, config=CONFIG)
    assert [s.text for s in found.sentences] == [RIGHT["text"], OTHER["text"]]


# --- what becomes of a repair, without a library ---

PAPER = Paper("p", "Tillage", ABSTRACT)
EVIDENCE = (Evidence(1, PAPER, 0, 53, ABSTRACT[:53], 0.5), Evidence(2, PAPER, 54, 111, ABSTRACT[54:111], 0.9))
DRAFT = Draft("Tilling less kept the ground wetter in dry years.", (2,))
QUOTE = "raised soil moisture by 8% in dry years"


def doubted(code="unsupported_sentence"):
    return Checked(DRAFT, None, (Issue(code, "Dropped: no.", DRAFT.text),))


def never(draft, numbers):
    raise AssertionError("checked again")


def test_a_sentence_that_the_model_confirms_by_a_quote_is_kept_and_marked():
    (one,), (record,) = repaired([doubted()], [Repair(1, DRAFT, QUOTE)], EVIDENCE, never)
    assert one.sentence.text == DRAFT.text
    assert one.sentence.verdict is Verdict.PARTIAL
    assert [i.code for i in one.issues] == ["confirmed_sentence"]
    assert (record["outcome"], record["quote"]) == ("confirmed", QUOTE)


@pytest.mark.parametrize("quote", ["", "soil", "raised soil moisture by 18% in dry years", "We measured soil moisture"])
def test_a_quote_that_is_not_in_what_is_cited_confirms_nothing(quote):
    (one,), (record,) = repaired([doubted()], [Repair(1, DRAFT, quote)], EVIDENCE, never)
    assert (one, record["outcome"]) == (doubted(), "refused")


def test_no_quote_helps_against_a_contradiction():
    before = doubted("contradicted_sentence")
    assert repaired([before], [Repair(1, DRAFT, QUOTE)], EVIDENCE, never)[0] == [before]


def test_a_correction_that_is_doubted_as_well_changes_nothing():
    other = Draft("Tilling less dried the ground.", (2,))
    kept, (record,) = repaired([doubted()], [Repair(1, other, "")], EVIDENCE, lambda d, n: (None, ()))
    assert (kept, record["outcome"], record["became"]) == ([doubted()], "refused", other.text)


def test_a_correction_that_is_marked_is_better_than_nothing_but_not_than_what_is_marked_itself():
    other = Draft("Tilling less may have kept the ground wetter.", (2,))
    marked = Sentence(other.text, (), Verdict.PARTIAL, 0.5)
    (one,), (record,) = repaired([doubted()], [Repair(1, other, "")], EVIDENCE, lambda d, n: (marked, ()))
    assert (one.sentence, record["outcome"]) == (marked, "corrected")
    before = Checked(DRAFT, Sentence(DRAFT.text, (), Verdict.PARTIAL, 0.5))
    assert repaired([before], [Repair(1, other, "")], EVIDENCE, lambda d, n: (marked, ()))[0] == [before]


def test_a_confirmed_sentence_brings_along_no_address_of_its_own():
    draft = Draft("Tilling less kept the ground wetter, see https://evil.example/x.", (2,))
    before = Checked(draft, None, (Issue("unsupported_sentence", "Dropped: no.", draft.text),))
    (one,), _ = repaired([before], [Repair(1, draft, QUOTE)], EVIDENCE, never)
    assert "evil" not in one.sentence.text


def test_what_the_model_says_nothing_to_stays_as_it_was_and_sound_sentences_are_not_asked_about():
    sound = Checked(DRAFT, Sentence(DRAFT.text, (), Verdict.SUPPORTED, 1.0))
    kept, record = repaired([sound, doubted()], [Repair(1, Draft("X.", (1,)), "")], EVIDENCE, never)
    assert kept == [sound, doubted()]
    assert [r["outcome"] for r in record] == ["given up"]

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from places import DEMO
from speaking import SpeakingModel

from rag import Library, answer
from rag.config import Config
from rag.models.chat import Reply
from rag.types import Agreement, Answer, Citation, Filters, Paper, Reason, Sentence, Status, Verdict

QUESTION = "What is an induction head?"


@pytest.fixture
def library(tmp_path, embedder):
    few = tmp_path / "few.jsonl"
    few.write_text(
        "".join(line for line in DEMO.read_text(encoding="utf-8").splitlines(keepends=True) if "nduction" in line),
        encoding="utf-8",
    )
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(few)
        yield library


@pytest.fixture
def first_sentence(library):
    """The first evidence sentence that a model is shown for the question, in the abstract's own words."""
    return library.gather(QUESTION, library.find(QUESTION, 5, Filters()))[0].text


def test_the_second_identical_question_is_free(library, first_sentence):
    model = SpeakingModel((first_sentence, [1]))
    first = answer(QUESTION, library, model=model)
    second = answer(QUESTION, library, model=model)
    assert model.calls == 1
    assert second.text == first.text
    assert (first.receipt.tokens, second.receipt.tokens) == (
        {"prompt": 1000, "completion": 50},
        {"prompt": 0, "completion": 0},
    )


@pytest.mark.parametrize("fingerprints", [("temperature 0", "temperature 1"), (None, None), (object(), object())])
def test_two_models_of_one_name_never_get_each_others_replies(library, first_sentence, fingerprints):
    models = [SpeakingModel((first_sentence, [1]), fingerprint=fingerprint) for fingerprint in fingerprints]
    for model in models:
        answer(QUESTION, library, model=model)
    assert [model.calls for model in models] == [1, 1]


class _Stated(SpeakingModel):
    @property
    def fingerprint(self):
        return "a model of ours"

    @fingerprint.setter
    def fingerprint(self, _):
        pass


class _WithMoreSettings(_Stated):
    """Has settings that the fingerprint it inherits knows nothing of."""


@pytest.mark.parametrize(("kind", "calls"), [(_Stated, [1, 0]), (_WithMoreSettings, [1, 1])])
def test_a_class_with_more_settings_than_it_states_never_gets_anothers_replies(library, first_sentence, kind, calls):
    models = [kind((first_sentence, [1])), kind((first_sentence, [1]))]
    for model in models:
        answer(QUESTION, library, model=model)
    assert [model.calls for model in models] == calls


def test_a_reply_that_came_with_the_library_is_not_believed(library, first_sentence, tmp_path, monkeypatch):
    giver = SpeakingModel(reply=json.dumps({"reply": {"cannot_answer": "No abstract defines it."}}))
    mine = SpeakingModel((first_sentence, [1]))
    assert answer(QUESTION, library, model=giver).reason is Reason.UNSUPPORTED
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another user's"))
    for _ in range(2):
        assert answer(QUESTION, library, model=mine).status is Status.ANSWERED
    assert (giver.calls, mine.calls) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        """UPDATE own SET value = CAST(substr(value, 1, 16) || '{"reply": {"cannot_answer": "no"}}' AS BLOB)""",
        "UPDATE own SET value = 'text'",
        "UPDATE own SET value = x''",
        "CREATE VIEW planted AS SELECT * FROM own",
        "CREATE TRIGGER planted AFTER INSERT ON own BEGIN DELETE FROM own; END",
    ],
)
def test_a_reply_that_somebody_changed_is_asked_for_again(library, first_sentence, change):
    model = SpeakingModel((first_sentence, [1]))
    answer(QUESTION, library, model=model)
    with closing(sqlite3.connect(library.folder / "replies.sqlite")) as file, file:
        file.execute(change)
    assert answer(QUESTION, library, model=model).status is Status.ANSWERED
    assert model.calls == 2


def test_a_model_that_states_no_settings_is_asked_each_time(library, first_sentence):
    model = SpeakingModel((first_sentence, [1]))
    del model.fingerprint
    for _ in range(2):
        answer(QUESTION, library, model=model)
    assert model.calls == 2


def test_another_question_another_history_or_no_cache_asks_again(library, first_sentence):
    model = SpeakingModel((first_sentence, [1]))
    answer(QUESTION, library, model=model)
    answer(QUESTION, library, model=model, config=replace(Config(), cache=False))
    answer("How do induction heads arise?", library, model=model)
    assert model.calls == 3


def test_a_reply_that_is_not_whole_is_not_kept(library):
    model = SpeakingModel(reply="not JSON and no citations either")
    for _ in range(2):
        assert answer(QUESTION, library, model=model).status is Status.DECLINED
    kept = SpeakingModel(("Violins are tuned by moonlight.", [1]))
    assert answer(QUESTION, library, model=kept).reason is Reason.UNSUPPORTED


def test_cost_is_reported_where_prices_are_configured_and_unknown_elsewhere(library, first_sentence):
    model = SpeakingModel((first_sentence, [1]))
    priced = replace(Config(), cache=False, prompt_price=2.0, completion_price=10.0)
    # 1,000 prompt tokens at 2.00 a million and 50 completion tokens at 10.00 a million: 0.002 + 0.0005
    assert answer(QUESTION, library, model=model, config=priced).receipt.cost == pytest.approx(0.0025)
    assert answer(QUESTION, library, model=model, config=replace(Config(), cache=False)).receipt.cost is None


def test_a_model_that_says_it_cannot_answer_is_believed_and_quoted(library):
    model = SpeakingModel(reply=json.dumps({"reply": {"cannot_answer": "No abstract defines it."}}))
    found = answer(QUESTION, library, model=model)
    assert found.reason is Reason.UNSUPPORTED
    assert [i.code for i in found.issues] == ["cannot_answer"]
    assert found.fallback is None
    assert "No abstract defines it." in found.issues[0].message
    assert found.text == found.issues[0].message


OFF_TOPIC = "How do I proof sourdough bread in a cold kitchen?"


def test_the_model_decides_whether_the_papers_answer_the_question(library):
    assert answer(OFF_TOPIC, library).reason is Reason.LOW_RELEVANCE
    evidence = library.gather(OFF_TOPIC, library.find(OFF_TOPIC, 5, Filters()))
    found = answer(
        OFF_TOPIC, library, model=SpeakingModel((evidence[0].text, [1])), config=replace(Config(), cache=False)
    )
    assert (found.status, found.sentences[0].text) == (Status.ANSWERED, evidence[0].text)


def test_a_model_that_wrote_nothing_true_of_an_unanswerable_question_leaves_nothing_beside(library):
    found = answer(OFF_TOPIC, library, model=SpeakingModel(("Violins are tuned by moonlight.", [1])))
    assert (found.reason, found.fallback) == (Reason.UNSUPPORTED, None)


def test_what_a_model_says_the_papers_leave_open_is_kept_apart_from_its_sentences(library, first_sentence):
    gap = "No paper compares <b>sizes</b>."
    sentences = [{"text": first_sentence, "evidence": [1]}, {"text": "", "evidence": [1]}]
    model = SpeakingModel(reply=json.dumps({"reply": {"sentences": sentences, "not_covered": gap}}))
    found = answer(QUESTION, library, model=model)
    assert [s.text for s in found.sentences] == [first_sentence]
    assert "sizes" not in found.text
    issues = {i.code: i.message for i in found.issues}
    assert issues["not_covered"] == "Not covered by the papers found, the model says: No paper compares sizes."
    assert "1 sentence" in issues["unread_sentence"]


def test_beside_a_model_that_wrote_nothing_true_stands_the_answer_without_it(library):
    found = answer(QUESTION, library, model=SpeakingModel(("Violins are tuned by moonlight.", [1])))
    assert (found.status, found.reason, found.sentences) == (Status.DECLINED, Reason.UNSUPPORTED, ())
    assert found.fallback is not None
    assert found.fallback.written_by == "extractive"
    assert found.fallback.text == answer(QUESTION, library, model="extractive").text
    assert "unsupported_sentence" in {i.code for i in found.issues}


def test_numbers_have_no_gap_and_each_has_its_paper(library):
    first, *_, last = library.gather(QUESTION, library.find(QUESTION, 5, Filters()))
    marked = f"{first.text} [{last.number}]"  # the same sentence again, this time with a mark for another paper
    model = SpeakingModel((first.text, [1]), (marked, [1]), (last.text, [last.number]))
    found = answer(QUESTION, library, model=model)
    pins = [c for s in found.sentences for c in (*s.citations, *s.agreement.contradicting)]
    assert {c.number: c.paper.id for c in pins} == {n: p.id for n, p in enumerate(found.papers, 1)}


def test_a_paper_that_contradicts_has_its_place_among_the_numbers():
    def pin(number):
        return Citation(number, Paper(f"p{number}", f"P{number}", "A."), "A.", 0, 2, Verdict.SUPPORTED, 1.0)

    against = Agreement(contradicting=(pin(2),))
    one = Sentence("A.", (pin(1),), Verdict.SUPPORTED, 1.0, against)
    two = Sentence("B.", (pin(3),), Verdict.SUPPORTED, 1.0)
    assert [p.id for p in Answer("?", Status.ANSWERED, "", (one, two)).papers] == ["p1", "p2", "p3"]


def test_an_invented_claim_and_an_invented_number_never_reach_the_text(library, first_sentence):
    model = SpeakingModel((first_sentence, [1, 77]), ("Bees cannot see red.", [1]))
    found = answer(QUESTION, library, model=model)
    assert "Bees" not in found.text
    assert "77" not in found.text
    assert {"invented_number", "unsupported_sentence"} <= {i.code for i in found.issues}


class Translating(SpeakingModel):
    """Puts the question in English first (or fails to), then writes; `asked` holds what it was sent."""

    def __init__(self, translation, *sentences):
        super().__init__(*sentences)
        self.translation = translation
        self.asked = []

    def stream(self, messages, schema, timeout):
        self.asked.append(messages[-1].content)
        if len(self.asked) == 1:
            yield json.dumps({"question": self.translation}) if self.translation else "not a question {"
            yield Reply(complete=True)
        else:
            yield from super().stream(messages, schema, timeout)


def test_a_question_in_another_language_is_searched_in_english_and_answered_as_it_was_asked(library, first_sentence):
    german = "Was ist ein Induktionskopf und wie entsteht er?"
    model = Translating(QUESTION, (first_sentence, [1]))
    result = answer(german, library, model=model)
    assert (result.question, result.receipt.searched) == (german, QUESTION)
    assert result.receipt.retrieved[:3] == answer(QUESTION, library).receipt.retrieved[:3]
    assert german in model.asked[1]


def test_where_it_cannot_be_translated_it_is_searched_as_it_is(library):
    german = "Was ist ein Induktionskopf und wie entsteht er?"
    assert answer(german, library, model=Translating("")).receipt.searched == german

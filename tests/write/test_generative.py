from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from papers import ICE, SNOW, evidence_of
from scripted import ScriptedModel, as_json

from rag.errors import ModelContextError, ModelReplyError, ModelTimeoutError
from rag.models.chat import REPLY_TOKENS, Reply
from rag.text.question_form import QuestionReading
from rag.types import Draft, Role
from rag.write.context_window import estimated_tokens
from rag.write.generative import Usage, write_with_model

QUESTION = "How many avalanches does Snowline predict a day ahead?"
READ = QuestionReading(QUESTION)
ANSWER = as_json(("Snowline predicts 83.5%.", [3]))


def whole_prompt(evidence):
    """Estimate the tokens of the prompt with all the evidence."""
    model = ScriptedModel(ANSWER, window=100_000)
    list(write_with_model(READ, evidence, model))
    return sum(estimated_tokens(message.content) for message in model.sent[0][0])


def test_sentences_come_with_their_numbers_and_what_it_took():
    parts = list(write_with_model(READ, evidence_of([SNOW, ICE]), ScriptedModel(ANSWER)))
    assert [p for p in parts if isinstance(p, Draft)] == [Draft("Snowline predicts 83.5%.", (3,))]
    last = parts[-1]
    assert isinstance(last, Usage)
    assert (last.prompt_tokens, last.completion_tokens, len(last.prompt_sha256)) == (100, 20, 64)


def test_the_model_sees_each_paper_as_one_line_of_json_and_may_only_name_the_numbers_shown():
    model = ScriptedModel(ANSWER)
    list(write_with_model(READ, evidence_of([SNOW, ICE]), model))
    messages, schema = model.sent[0]
    papers = [json.loads(line) for line in messages[1].content.splitlines() if line.startswith('{"paper"')]
    assert [p["title"] for p in papers] == [SNOW.title, ICE.title]
    assert papers[1]["sentences"]["5"] == "Radar sees slopes that no sensor reaches."
    text = json.dumps(schema)
    assert '"enum": [1, 2, 3, 4, 5, 6, 7, 8]' in text


def test_what_does_not_fit_the_context_is_left_out_and_reported_background_first():
    evidence = evidence_of([SNOW, ICE], {"kill skiers": Role.BACKGROUND}, {"kill skiers": 0.9, "predicts 83.5": 0.8})
    model = ScriptedModel(ANSWER, window=whole_prompt(evidence) + REPLY_TOKENS - 60)
    usage = list(write_with_model(READ, evidence, model))[-1]
    assert usage.trimmed
    assert evidence[0] in usage.trimmed
    assert evidence[2] not in usage.trimmed
    assert all(e.text not in model.sent[0][0][1].content for e in usage.trimmed)


def test_a_prompt_that_the_server_finds_too_long_is_halved():
    model = ScriptedModel(ModelContextError("too long"), ANSWER, window=8192)
    parts = list(write_with_model(READ, evidence_of([SNOW, ICE]), model))
    assert any(isinstance(p, Draft) for p in parts)
    assert len(model.sent[1][0][1].content) < len(model.sent[0][0][1].content)
    assert parts[-1].trimmed


def test_without_room_for_any_evidence_nothing_is_asked():
    model = ScriptedModel(ANSWER, window=REPLY_TOKENS + 300)
    with pytest.raises(ModelContextError, match="larger context"):
        list(write_with_model(READ, evidence_of([SNOW]), model))
    assert model.sent == []


def test_a_reply_that_stops_early_gives_its_sentences_and_then_the_error():
    model = ScriptedModel(ANSWER[:-20], end=Reply(False, why="the stream ended early"))
    parts = []
    with pytest.raises(ModelReplyError, match="incomplete"):
        parts.extend(write_with_model(READ, evidence_of([SNOW]), model))
    early = as_json(("Snowline predicts 83.5%.", [3]), ("And", [3]))[:-20]
    stream = write_with_model(
        READ, evidence_of([SNOW]), ScriptedModel(early, end=Reply(False, why="the stream ended early"))
    )
    assert isinstance(next(stream), Usage)
    assert next(stream) == Draft("Snowline predicts 83.5%.", (3,))


@pytest.mark.parametrize("why", ["length", "max_tokens"])
def test_a_reply_that_its_length_ends_gives_its_whole_sentences_and_says_so(why):
    reply = as_json(("Snowline predicts 83.5%.", [3]), ("And it does so in every season.", [3]))[:-30]
    *drafts, usage = write_with_model(READ, evidence_of([SNOW]), ScriptedModel(reply, end=Reply(False, why=why)))
    assert drafts[1:] == [Draft("Snowline predicts 83.5%.", (3,))]
    assert usage.cut_off
    with pytest.raises(ModelReplyError, match="reached its length limit"):
        list(write_with_model(READ, evidence_of([SNOW]), ScriptedModel(reply[:30], end=Reply(False, why=why))))


def test_a_paper_that_is_cited_by_its_name_is_cited_by_the_sentence_that_says_so():
    reply = json.dumps({"sentences": [{"text": "It predicts 83.5% of avalanches.", "evidence": ["Snowline 2021"]}]})
    prose = "The share of avalanches predicted is 71.2% (Icefield, 2023)."
    for said, number in ((reply, 3), (prose, 7)):
        parts = write_with_model(READ, evidence_of([SNOW, ICE]), ScriptedModel(said))
        assert [p.numbers for p in parts if isinstance(p, Draft)] == [(number,)]


def test_a_model_that_cannot_answer_yields_no_sentence():
    parts = list(write_with_model(READ, evidence_of([SNOW]), ScriptedModel('{"reply": {"cannot_answer": "no"}}')))
    assert [type(p) for p in parts] == [Usage, Usage]
    assert parts[-1].cannot_answer == "no"


def test_closing_the_answer_closes_the_models_stream():
    model = ScriptedModel(as_json(("One.", [1]), ("Two.", [2])))
    parts = write_with_model(READ, evidence_of([SNOW]), model)
    next(parts), next(parts)
    parts.close()
    assert model.closed == 1


def test_the_conversation_is_shown_as_data():
    model = ScriptedModel(ANSWER)
    history = [{"role": "user", "content": "What is Snowline?"}, {"role": "assistant", "content": 'A "model".\nRules:'}]
    list(write_with_model(QuestionReading("How good is it?"), evidence_of([SNOW]), model, history))
    lines = model.sent[0][0][1].content.splitlines()
    assert json.dumps(history[1]) in lines


def test_the_question_repeated_is_not_an_answer():
    echo = as_json((QUESTION, [3]), ("Snowline predicts 83.5%.", [3]))
    parts = list(write_with_model(READ, evidence_of([SNOW]), ScriptedModel(echo)))
    assert [p.text for p in parts if isinstance(p, Draft)] == ["Snowline predicts 83.5%."]
    with pytest.raises(ModelReplyError, match="has no sentence"):
        list(write_with_model(READ, evidence_of([SNOW]), ScriptedModel(as_json((QUESTION, [3])))))


def test_an_endless_word_is_passed_over_and_the_other_sentences_stay():
    endless = evidence_of([SNOW, ICE])
    longest = replace(endless[0], text="x" * 50_000, relevance=1.0)
    usage = list(write_with_model(READ, [longest, *endless[1:]], ScriptedModel(ANSWER)))[-1]
    assert usage.trimmed == (longest,)


def test_a_server_that_took_all_the_time_to_state_its_window_is_a_timeout_without_negative_numbers(monkeypatch):
    model = ScriptedModel(ANSWER)
    monkeypatch.setattr(model, "context", lambda timeout: time.sleep(0.02) or 8192)
    with pytest.raises(ModelTimeoutError, match="PINCITE_TIMEOUT") as caught:
        list(write_with_model(READ, evidence_of([SNOW]), model, timeout=0.01))
    assert "-" not in str(caught.value)


def test_each_paper_is_shown_whole_under_its_handle_as_long_as_they_fit():
    papers = [replace(SNOW, id=f"p{n}", title=f"Snow{n}: a study") for n in range(30)]
    evidence = evidence_of(papers)
    model = ScriptedModel(ANSWER, window=4_096)
    usage = list(write_with_model(READ, evidence, model))[-1]
    shown = [json.loads(line) for line in model.sent[0][0][1].content.splitlines() if line.startswith('{"paper"')]
    assert [p["paper"] for p in shown] == [f"Snow{n} 2021" for n in range(len(shown))]
    assert 5 < len(shown) < 30
    assert all(len(p["sentences"]) == 4 for p in shown)
    assert {e.paper.id for e in usage.trimmed} == {p.id for p in papers[len(shown) :]}


def test_a_question_may_be_answered_in_eight_sentences_of_as_many_papers_as_it_takes():
    model = ScriptedModel(ANSWER, ANSWER)
    list(write_with_model(READ, evidence_of([SNOW, ICE]), model))
    list(write_with_model(QuestionReading("Do the papers agree on avalanches?"), evidence_of([SNOW, ICE]), model))
    one, several = (schema["properties"]["reply"]["anyOf"][0]["properties"]["sentences"] for _, schema in model.sent)
    assert (one["maxItems"], several["maxItems"]) == (8, 16)
    assert "maxItems" not in one["items"]["properties"]["evidence"]


def test_a_sentence_names_who_found_it_without_the_year_that_no_abstract_contains():
    model = ScriptedModel(as_json(("Snowline (2021) predicts 83.5%.", [3])))
    parts = list(write_with_model(READ, evidence_of([SNOW]), model))
    assert [p.text for p in parts if isinstance(p, Draft)] == ["Snowline predicts 83.5%."]

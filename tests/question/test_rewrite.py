from __future__ import annotations

import json

import pytest
from scripted import ScriptedModel

from rag.errors import ModelReplyError, ModelTimeoutError
from rag.models.chat import Reply
from rag.question.rewrite import rewrite_with_model

HISTORY = [
    {"role": "user", "content": "What is Snowline?"},
    {"role": "assistant", "content": "A model that forecasts avalanches [1]."},
]


def test_a_follow_up_is_put_in_full_words():
    model = ScriptedModel('{"question": "How good is Snowline?"}')
    assert rewrite_with_model("And how good is it?", HISTORY, model) == "How good is Snowline?"
    prompt = model.sent[0][0][0].content
    assert json.dumps(HISTORY[1]) in prompt.splitlines()
    assert '"And how good is it?"' in prompt


def test_a_first_question_is_not_sent_anywhere():
    assert rewrite_with_model("What is Snowline?", [], ScriptedModel()) == "What is Snowline?"


def test_a_question_in_another_language_is_put_in_english():
    model = ScriptedModel('{"question": "What is Snowline?"}')
    assert rewrite_with_model("Was ist Snowline und wie gut ist es?", [], model) == "What is Snowline?"
    assert len(model.sent) == 1


def test_a_server_without_schemas_may_answer_in_plain_text():
    assert rewrite_with_model("And?", HISTORY, ScriptedModel("How good\nis Snowline?")) == "How good is Snowline?"


@pytest.mark.parametrize("reply", ["", "{}", '{"question": ""}', '{"question": "How', "so " * 300])
def test_a_reply_that_is_no_question_is_an_error(reply):
    with pytest.raises(ModelReplyError):
        rewrite_with_model("And?", HISTORY, ScriptedModel(reply))


def test_a_question_that_was_cut_off_is_an_error():
    with pytest.raises(ModelReplyError):
        rewrite_with_model("And?", HISTORY, ScriptedModel("How good is", end=Reply(False, why="length")))


def test_a_fault_of_the_model_is_reported():
    with pytest.raises(ModelTimeoutError):
        rewrite_with_model("And?", HISTORY, ScriptedModel(ModelTimeoutError("silent")))

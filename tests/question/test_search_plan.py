from __future__ import annotations

import json

import pytest
from scripted import ScriptedModel

from rag.errors import ModelReplyError, ModelTimeoutError
from rag.models.chat import Reply
from rag.question.plan import Plan, fused, plan_with_model
from rag.types import Hit, Paper

HISTORY = [
    {"role": "user", "content": "What is Snowline?"},
    {"role": "assistant", "content": "A model that forecasts avalanches [1]."},
]


def test_a_follow_up_is_put_in_full_words():
    model = ScriptedModel('{"question": "How good is Snowline?"}')
    assert plan_with_model("And how good is it?", HISTORY, model).question == "How good is Snowline?"
    prompt = model.sent[0][0][0].content
    assert json.dumps(HISTORY[1]) in prompt.splitlines()
    assert '"And how good is it?"' in prompt


def test_a_question_in_another_language_is_put_in_english():
    model = ScriptedModel('{"question": "What is Snowline?"}')
    assert plan_with_model("Was ist Snowline und wie gut ist es?", [], model).question == "What is Snowline?"
    assert len(model.sent) == 1


def test_a_server_without_schemas_may_answer_in_plain_text():
    assert (
        plan_with_model("And?", HISTORY, ScriptedModel("How good is Snowline?\n")).question == "How good is Snowline?"
    )


@pytest.mark.parametrize("searches", [
    ["sensors on slopes", "avalanche forecasts"], [{"query": "sensors on slopes"}, {"query": "avalanche forecasts"}],
    "sensors on slopes\navalanche forecasts",
], ids=["list", "objects", "lines"])  # fmt: skip
@pytest.mark.parametrize("key", ["searches", "queries"])
def test_searches_are_read_as_models_list_them(searches, key):
    plan = plan_with_model("And?", HISTORY, ScriptedModel(json.dumps({"question": "How good is it?", key: searches})))
    assert plan.searches == ("sensors on slopes", "avalanche forecasts")


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "{}",
        '{"question": ""}',
        '{"question": "How',
        "so " * 300,
        "Sure! Here is my plan:\n1. Avalanches\n2. Snow",
    ],
)
def test_a_reply_that_is_not_a_question_is_an_error(reply):
    with pytest.raises(ModelReplyError):
        plan_with_model("And?", HISTORY, ScriptedModel(reply))


def test_a_question_that_was_cut_off_is_an_error():
    with pytest.raises(ModelReplyError):
        plan_with_model("And?", HISTORY, ScriptedModel("How good is", end=Reply(False, why="length")))


def test_a_fault_of_the_model_is_reported():
    with pytest.raises(ModelTimeoutError):
        plan_with_model("And?", HISTORY, ScriptedModel(ModelTimeoutError("silent")))


def test_up_to_four_searches_accompany_the_question():
    searches = [
        "avalanche forecast",
        "avalanche forecast",
        "",
        5,
        "x" * 700,
        "What is Snowline?",
        "sensors",
        "a",
        "b",
        "c",
    ]
    reply = f"<think>Hm.</think>Sure: {json.dumps({'question': 'What is Snowline?', 'searches': searches})}"
    plan = plan_with_model("What is Snowlin?", [], ScriptedModel(reply))
    assert plan == Plan("What is Snowline?", ("avalanche forecast", "sensors", "a", "b"))


def test_a_paper_that_several_searches_find_comes_before_one_that_leads_a_single_one():
    one, two, three = (Hit(Paper(name, name, "A."), 0.5, "A.", 0, 2) for name in "abc")
    assert [hit.paper_id for hit in fused([[one, two], [three, two]])] == ["b", "a", "c"]

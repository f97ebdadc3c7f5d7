from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import prompts
from rag.errors import ConfigError


def test_a_prompt_takes_exactly_its_variables():
    prompt = prompts.load("plan_search")
    assert prompt.variables == {"question", "history"}
    with pytest.raises(ConfigError, match="history, question"):
        prompt.render(question="x")
    with pytest.raises(ConfigError, match="history, question"):
        prompt.render(question="x", history="y", tone="z")


def test_a_value_is_never_read_for_marks_again():
    prompt = prompts.Prompt("p", "{{one}} {{two}}")
    assert prompt.render(one="{{two}}", two="2") == "{{two}} 2"


def test_a_missing_prompt_names_its_file():
    with pytest.raises(ConfigError, match=r"no_such\.md"):
        prompts.load("no_such")


def test_the_hash_follows_the_text():
    assert prompts.Prompt("p", "a").sha256 != prompts.Prompt("p", "b").sha256


@given(st.text())
def test_quoted_text_keeps_its_value_on_one_line_and_holds_no_sign_of_a_chat_template(text):
    line = prompts.quoted(text)
    assert json.loads(line) == text
    assert len(line.splitlines()) == 1
    assert "<" not in line

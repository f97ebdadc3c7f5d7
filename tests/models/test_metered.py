from __future__ import annotations

import pytest
from scripted import ScriptedModel

from rag.config import Config, from_environment
from rag.errors import ConfigError, ModelConfigurationError
from rag.models.chat import Message, Reply
from rag.models.metered import MeteredModel, Spending

ASKED = [Message("user", "x" * 3_000)]  # counted as 1,000 tokens
PRICES = {"prompt_price": 10.0, "completion_price": 100.0}


def ask(model):
    return list(model.stream(ASKED, None, 10.0))


def test_the_tokens_of_all_calls_are_counted_together():
    spending = Spending(Config())
    model = MeteredModel(ScriptedModel("One.", "Two."), spending)
    ask(model), ask(model)
    assert spending.tokens == {"prompt": 200, "completion": 40}


def test_a_call_that_was_not_counted_leaves_the_sum_unknown():
    spending = Spending(Config())
    ask(MeteredModel(ScriptedModel("One.", end=Reply(True, None, 20)), spending))
    assert spending.tokens == {"completion": 20}


def test_a_call_that_may_cost_more_than_is_left_is_not_made():
    # 1,000 tokens at 10 a million and 1,024 at 100: 0.01 + 0.1024 for a call; the first took 100 and 20: 0.003
    scripted = ScriptedModel("One.", "Two.")
    model = MeteredModel(scripted, Spending(Config(max_cost=0.113, **PRICES)))
    ask(model)
    with pytest.raises(ModelConfigurationError, match=r"up to 0\.1154 .*PINCITE_MAX_COST=0\.113"):
        ask(model)
    assert len(scripted.sent) == 1


def test_a_limit_without_prices_is_refused():
    with pytest.raises(ConfigError, match="PINCITE_PROMPT_PRICE"):
        Spending(Config(max_cost=0.1, prompt_price=1.0))
    with pytest.raises(ConfigError, match="PINCITE_MAX_COST"):
        from_environment({"PINCITE_MAX_COST": "free"})

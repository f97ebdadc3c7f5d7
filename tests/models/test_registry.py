from __future__ import annotations

import socket

import pytest
from loopback import KEY, Ollama, OpenAI, answer, serving, stream

from rag import models
from rag.config import Config, from_environment
from rag.errors import ConfigError
from rag.models.chat import Message
from rag.models.openai import OpenAIModel

NOTHING_LEAVES = "nothing leaves this machine"


@pytest.fixture
def nobody():
    """Give an address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_extractive_is_no_language_model():
    assert models.load("extractive", Config()) is None


@pytest.mark.parametrize("name", ["gpt-4", "openai:", "anthropic:x", "", "extractive:x"])
def test_an_unknown_name_is_refused_with_the_choices(name):
    with pytest.raises(ConfigError, match=r"openai:MODEL.*ollama:MODEL"):
        models.load(name, Config())


def test_the_hosted_service_needs_a_key_before_anything_is_called():
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        models.load("openai:gpt-x", Config())
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        models.load("openai:gpt-x", Config(openai_base_url="https://api.openai.com/v1"))
    assert models.load("openai:gpt-x", Config(openai_api_key=KEY)).host == "api.openai.com"


def test_a_server_of_ones_own_needs_no_key_and_gets_none_from_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    dialect = OpenAI()
    with serving(dialect, stream(dialect.piece("Yes."), dialect.end())) as server:
        model = models.load("openai:m", Config(openai_base_url=f"{server.address}/v1"))
        assert next(model.stream([Message("user", "?")], None, 10)) == "Yes."
    assert KEY not in str(server.headers)


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://host/v1", "http:///v1", "nonsense"])
def test_a_base_url_that_is_none_is_refused(url):
    with pytest.raises(ConfigError, match="OPENAI_BASE_URL"):
        models.load("openai:m", Config(openai_base_url=url))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"max_model_len": 4096}, 4096),
        ({"meta": {"n_ctx": 2048, "n_ctx_train": 32768}}, 2048),
        ({"meta": None}, 8192),
        ({}, 8192),
    ],
)
def test_the_window_is_what_the_server_tells(entry, expected):
    dialect = OpenAI()
    dialect.models = {"object": "list", "data": [{"id": "m", "object": "model", "created": 0, "owned_by": "x"} | entry]}
    with serving(dialect, answer(500, "{}")) as server:
        assert dialect.model(server.address).context(10) == expected
        assert dialect.model(server.address, context=512).context(10) == 512


@pytest.mark.parametrize(
    ("shown", "window"),
    [
        ({"model_info": {"qwen2.context_length": 131072}}, 8192),
        ({"model_info": {"qwen2.context_length": 2048}}, 2048),
        ({"model_info": {"qwen2.context_length": 131072}, "parameters": "stop x\nnum_ctx   16384"}, 16384),
        ({"model_info": {}}, 4096),
    ],
)
def test_ollama_is_told_the_window_that_the_evidence_was_fitted_to(shown, window):
    dialect = Ollama()
    dialect.shown = shown
    with serving(dialect, stream(dialect.piece("Yes."), dialect.end())) as server:
        model = dialect.model(server.address)
        assert model.context(10) == window
        list(model.stream([Message("user", "?")], None, 10))
    assert server.requests[0]["options"]["num_ctx"] == window


@pytest.mark.parametrize(("wanted", "window"), [(3000, 3000), (4_000_000, 131072)])
def test_a_window_that_was_set_goes_before_the_modelfile_but_not_beyond_the_model(wanted, window):
    dialect = Ollama()
    dialect.shown = {"model_info": {"qwen2.context_length": 131072}, "parameters": "num_ctx 16384"}
    with serving(dialect, stream(dialect.piece("Yes."), dialect.end())) as server:
        model = models.load("ollama:m", Config(ollama_host=server.address, context=wanted))
        list(model.stream([Message("user", "?")], None, 10))
        assert model.context(10) == window
    assert server.requests[0]["options"]["num_ctx"] == window


def test_a_window_that_was_set_asks_no_server(nobody):
    assert models.load("openai:m", Config(openai_base_url=f"{nobody}/v1", context=3000)).context(10) == 3000


@pytest.mark.parametrize("value", ["many", "1000", "-1", "8192.5", "0"])
def test_a_window_that_can_be_none_is_refused(value):
    with pytest.raises(ConfigError, match="PINCITE_CONTEXT"):
        from_environment({"PINCITE_CONTEXT": value})


def test_the_window_is_read_from_the_environment():
    assert from_environment({"PINCITE_CONTEXT": "4096"}).context == 4096


@pytest.mark.parametrize(("capabilities", "think"), [(["completion", "thinking"], False), (["completion"], None)])
def test_a_model_that_thinks_is_told_not_to(capabilities, think):
    dialect = Ollama()
    dialect.shown = {"model_info": {}, "capabilities": capabilities}
    with serving(dialect, stream(dialect.piece("Yes."), dialect.end())) as server:
        list(dialect.model(server.address).stream([Message("user", "?")], None, 10))
    assert server.requests[0].get("think") is think


def test_options_that_a_server_refuses_are_left_out_one_by_one():
    dialect = OpenAI()
    replies = [
        answer(400, dialect.error("response_format json_schema is not supported")),
        answer(400, dialect.error("Unsupported value: 'temperature' must be 1")),
        stream(dialect.piece("Yes."), dialect.end()),
    ]
    with serving(dialect, *replies) as server:
        assert next(dialect.model(server.address).stream([Message("user", "?")], {"type": "object"}, 10)) == "Yes."
    assert ["response_format" in r for r in server.requests] == [True, False, False]
    assert ["temperature" in r for r in server.requests] == [True, True, False]


def test_the_picker_lists_what_is_there_and_what_leaves_the_machine(nobody):
    with serving(Ollama(), answer(500, "{}")) as ollama, serving(OpenAI(), answer(500, "{}")) as openai:
        there = Config(ollama_host=ollama.address, openai_base_url=f"{openai.address}/v1")
        assert models.available(there) == [
            ("extractive", NOTHING_LEAVES), ("ollama:m", NOTHING_LEAVES), ("openai:m", NOTHING_LEAVES),
        ]  # fmt: skip
    assert models.available(Config(ollama_host=nobody)) == [("extractive", NOTHING_LEAVES)]


def test_the_picker_tells_of_a_host_elsewhere_also_while_it_is_down(nobody):
    config = Config(model="openai:gpt-x", openai_base_url="http://llm.invalid/v1", ollama_host=nobody)
    ((_, _), (name, leaves)) = models.available(config)
    assert name == "openai:gpt-x"
    assert "llm.invalid" in leaves
    assert "abstracts" in leaves


def test_the_picker_survives_settings_that_name_nothing(nobody):
    config = Config(model="gpt-x", openai_base_url="nonsense", ollama_host=nobody)
    assert models.available(config)[0] == ("extractive", NOTHING_LEAVES)


def test_a_server_without_a_list_of_models_serves_all_the_same():
    dialect = OpenAI()
    with serving(dialect, stream(dialect.piece("Yes."), dialect.end())) as server:
        model = OpenAIModel("m", f"{server.address}/v1", None)
        dialect.models = None  # the server answers the list with 404
        assert model.context(10) == 8192
        assert next(model.stream([Message("user", "?")], None, 10)) == "Yes."

"""The model chosen on the page: tested, stored without secrets, and its key sent to no other server."""

import json
import stat

import pytest
from loopback import Ollama, OpenAI, answer, serving

from rag.chat import settings as chosen
from rag.chat.settings import Choice, Settings
from rag.chat.settings_tab import LABELS, in_labels, shown_while_empty
from rag.config import Config
from rag.errors import ConfigError, ModelError, PinciteError

KEY = "sk-very-secret"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "settings.json"


def heard(server):
    """Record the headers with which the list of models is asked for."""
    seen = []

    def listing(handler):
        seen.append(dict(handler.headers))
        answer(200, json.dumps(server.dialect.models))(handler)

    server.listing = listing
    return seen


def test_a_choice_survives_a_restart_and_no_secret_is_stored(file):
    settings = Settings(file, Config(openai_api_key=KEY))
    settings.save(Choice("ollama:qwen3", "", "http://127.0.0.1:9", "60"))
    again = Settings(file, Config(openai_api_key=KEY)).config
    assert (again.model, again.ollama_host, again.timeout) == ("ollama:qwen3", "http://127.0.0.1:9", 60.0)
    assert KEY not in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert settings.save(Choice()).model == "extractive"  # empty boxes are left to the environment


def test_an_empty_box_shows_what_holds_and_where_it_comes_from():
    environment = Config(model="ollama:qwen3")
    assert shown_while_empty(environment, "PINCITE_MODEL") == "ollama:qwen3 (from the environment)"
    assert shown_while_empty(environment, "PINCITE_TIMEOUT") == "120 (default)"
    assert shown_while_empty(environment, "OLLAMA_HOST") == "http://127.0.0.1:11434 (default)"


@pytest.mark.parametrize(
    "choice",
    [
        Choice("gpt-5"), Choice("openai:"), Choice("/etc/passwd"), Choice(openai_base_url="file:///etc/passwd"),
        Choice(openai_base_url=f"http://me:{KEY}@127.0.0.1:1/v1"), Choice(openai_base_url=f"http://h/v1?key={KEY}"),
        Choice(ollama_host=f"http://me:{KEY}@h"), Choice(ollama_host=f"http://h/#{KEY}"), Choice(timeout="soon"),
        Choice("openai:gpt-5"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_and_not_stored(file, choice):
    settings = Settings(file, Config())
    with pytest.raises(PinciteError):
        settings.save(choice)
    assert not file.exists()
    assert settings.config == Config()


def test_a_key_goes_to_the_server_that_it_was_set_for_and_to_no_other(file):
    with serving(OpenAI(), answer(500, "{}")) as mine, serving(OpenAI(), answer(500, "{}")) as other:
        settings = Settings(file, Config(openai_api_key=KEY, openai_base_url=f"{mine.address}/v1"))
        here, there = Choice("openai:m"), Choice("openai:m", f"{other.address}/v1")
        first, second = heard(mine), heard(other)
        assert chosen.test(settings.of(here)) == "The server answers and has 1 model; m is one of them."
        assert "m is one of them" in chosen.test(settings.of(there))
        assert KEY in str(first)
        assert second
        assert KEY not in str(second)
        assert "isn't sent to this address" in settings.key(there)
        assert KEY not in settings.key(here) + settings.key(there)


def test_a_test_says_which_models_are_there_and_what_fails(file):
    with serving(Ollama(), answer(500, "{}")) as server:
        settings = Settings(file, Config(ollama_host=server.address))
        assert chosen.test(settings.of(Choice("ollama:m"))).endswith("m is one of them.")
        missing = chosen.test(settings.of(Choice("ollama:other")))
        assert missing == "The server answers, but has no model 'other'. It has 1 model: m."
    with pytest.raises(ModelError):
        chosen.test(settings.of(Choice("ollama:m")))
    assert "nothing to reach" in chosen.test(settings.of(Choice()))


@pytest.mark.parametrize("text", ["{", "[]", '{"openai_api_key": "x"}', '{"model": 3}', '{"model": "gpt"}'])
def test_a_damaged_file_is_named(file, text):
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError):
        Settings(file, Config())


def test_people_who_sign_in_cannot_choose_where_questions_go(serve, demo_library):
    import httpx

    def tabs(chat, **person):
        with httpx.Client(base_url=chat.url, **person) as web:
            web.post("/login", data={"username": "ada", "password": "x"})
            labels = [c["props"].get("label") for c in web.get("/config").json()["components"]]
        return "Settings" in labels

    assert tabs(serve(demo_library))
    assert not tabs(serve(demo_library, auth=lambda name, password: True))


def test_a_trouble_names_the_box_and_not_a_variable(file):
    for choice in (Choice(timeout="soon"), Choice(model="gpt-5"), Choice(ollama_host="ftp://x")):
        with pytest.raises(PinciteError) as refused:
            Settings(file, Config()).save(choice)
        assert not [name for name in LABELS if f"{name}=" in in_labels(str(refused.value))]
    assert (
        in_labels("PINCITE_TIMEOUT='soon' isn't a number") == "Seconds that one answer may take: 'soon' isn't a number"
    )
    assert "check “Address of an OpenAI-compatible server”" in in_labels("start the server or check OPENAI_BASE_URL")

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys

import pytest
from loopback import KEY, Ollama, OpenAI, answer, serving, stream
from places import ROOT

from rag import models
from rag.config import VARIABLES, Config, from_environment, is_loopback, proxy_for, proxy_of
from rag.errors import ConfigError, ModelConfigurationError, ModelError
from rag.models.chat import Message
from rag.models.openai import OpenAIModel

NOTHING_LEAVES = "nothing leaves this machine"


@pytest.fixture(params=[OpenAI(), Ollama()], ids=["openai", "ollama"])
def dialect(request):
    return request.param


@pytest.fixture
def nobody():
    """Give an address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_extractive_is_not_a_language_model():
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


def test_a_private_server_needs_no_key_and_gets_none_from_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    dialect = OpenAI()
    with serving(dialect, stream(dialect.piece("Yes."), dialect.end())) as server:
        model = models.load("openai:m", Config(openai_base_url=f"{server.address}/v1"))
        assert next(model.stream([Message("user", "?")], None, 10)) == "Yes."
    assert KEY not in str(server.headers)


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://host/v1", "http:///v1", "nonsense"])
def test_an_invalid_base_url_is_refused(url):
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
def test_the_window_is_what_the_server_reports(entry, expected):
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
def test_ollama_is_sent_the_window_that_the_evidence_was_fitted_to(shown, window):
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
def test_an_impossible_window_is_refused(value):
    with pytest.raises(ConfigError, match="PINCITE_CONTEXT"):
        from_environment({"PINCITE_CONTEXT": value})


@pytest.mark.parametrize("value", ["9" * 5_000, 10**5_000], ids=["text", "number"])
def test_a_window_of_thousands_of_digits_is_refused_in_one_short_line(value):
    with pytest.raises(ConfigError, match="PINCITE_CONTEXT") as caught:
        from_environment({}, context=value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("variable", ["PINCITE_TIMEOUT", "PINCITE_INDEX_TIMEOUT"])
def test_a_time_that_no_clock_counts_is_refused(variable):
    with pytest.raises(ConfigError, match=variable):
        from_environment({variable: "1e300"})


STRANGE = ["http://[::1", "http://host:99999", "http://host:99999999", "http://h..x", "ftp://user:geheim@host/v1",
           "http://user:geheim@host/v1", "http://geheim@host:99999", "user:geheim@host:8080"]  # fmt: skip


@pytest.mark.parametrize("address", STRANGE)
@pytest.mark.parametrize("variable", ["OPENAI_BASE_URL", "OLLAMA_HOST"])
def test_a_strange_address_is_refused_without_its_password(variable, address):
    model = "openai:m" if variable == "OPENAI_BASE_URL" else "ollama:m"
    config = from_environment({variable: address, "OPENAI_API_KEY": "k"})
    with pytest.raises(ConfigError, match=variable) as caught:
        models.load(model, config)
    assert "geheim" not in f"{caught.value} {config}"
    assert "\n" not in str(caught.value)
    assert models.available(config)[0] == ("extractive", NOTHING_LEAVES)


def test_models_of_two_settings_differ_by_their_fingerprint():
    one, *others = (
        OpenAIModel("m", "http://127.0.0.1:1/v1", KEY),
        OpenAIModel("m", "http://127.0.0.1:1/other/v1", KEY),
        OpenAIModel("n", "http://127.0.0.1:1/v1", KEY),
        models.load("ollama:m", Config(ollama_host="http://127.0.0.1:1/x")),
        models.load("ollama:m", Config(ollama_host="http://127.0.0.1:1/x", context=4096)),
    )
    assert len({one.fingerprint, *(other.fingerprint for other in others)}) == 5
    assert one.fingerprint == OpenAIModel("m", "http://127.0.0.1:1/v1", "another key").fingerprint
    assert KEY not in one.fingerprint


def test_a_server_on_this_machine_is_called_past_the_proxy(monkeypatch, dialect):
    good = stream(dialect.piece("Yes."), dialect.end())
    with serving(dialect, good) as proxy, serving(dialect, good) as server:
        for variable in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(variable, proxy.address)
        for variable in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(variable, raising=False)
        model = dialect.model(server.address)
        model.context(10)
        assert next(model.stream([Message("user", "?")], None, 10)) == "Yes."
    assert (len(proxy.requests), len(server.requests)) == (0, 1)


def test_a_proxy_on_the_way_is_named_without_its_password(monkeypatch, nobody):
    monkeypatch.setenv("http_proxy", "http://me:geheim@proxy.invalid:3128/")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    config = Config(model="openai:x", openai_base_url="http://llm.invalid/v1", ollama_host=nobody)
    leaves = dict(models.available(config))["openai:x"]
    assert leaves.endswith("go to llm.invalid, by way of the proxy proxy.invalid:3128")
    monkeypatch.setenv("no_proxy", "llm.invalid")
    assert "proxy" not in dict(models.available(config))["openai:x"]


def test_a_cloud_model_of_a_server_on_this_machine_leaves_it():
    dialect = Ollama()
    dialect.models = {"models": [
        {"model": "m:latest"}, {"model": "gpt-oss:120b-cloud"}, {"model": "minimax:cloud"},
        {"model": "mine:latest", "remote_host": "https://ollama.com:443", "remote_model": "gpt-oss:120b"},
        {"model": "odd:latest", "remote_model": "x"}, {"model": "\x1b[2J"}, {"model": 3},
    ]}  # fmt: skip
    dialect.shown = {"model_info": {}, "remote_host": "https://elsewhere.invalid"}
    with serving(dialect, answer(500, "{}")) as server:
        found = dict(models.available(Config(model="ollama:mine", ollama_host=server.address)))
    home = [name for name, leaves in found.items() if leaves == NOTHING_LEAVES]
    assert home == ["extractive", "ollama:m:latest"]
    assert all("go to ollama.com" in found[f"ollama:{m}"] for m in ("gpt-oss:120b-cloud", "minimax:cloud"))
    assert "go to ollama.com" in found["ollama:mine:latest"]
    assert "go to ollama.com" in found["ollama:odd:latest"]
    assert "go to elsewhere.invalid" in found["ollama:mine"]
    assert len(found) == 7


THIS_MACHINE = [
    "0.0.0.0:1", "http://[::]:1", "[::1]:1", "localhost:1", "127.9.9.9:1", "LOCALHOST:1", "localhost.:1", "127.1:1",
    "2130706433:1", "0x7f.1:1", "[::ffff:127.0.0.1]:1", "[::1%25lo]:1", "0:1",
]  # fmt: skip
OTHERS = ["127.0.0.1.nip.invalid", "localhost.invalid", "128.1", "[::ffff:10.0.0.1]", "127.0.0.1.", "localhost.."]


@pytest.mark.parametrize("host", THIS_MACHINE)
def test_every_name_of_this_machine_is_this_machine(host, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    found = models.available(Config(model="ollama:m", ollama_host=host))
    assert dict(found)["ollama:m"] == NOTHING_LEAVES
    assert proxy_for(f"http://{host}" if "://" not in host else host) is None


@pytest.mark.parametrize("host", OTHERS)
def test_a_name_that_only_looks_like_this_machine_is_another(host):
    assert is_loopback(f"http://{host}:1") is (host == "localhost..")


PROXIED = ["http://elsewhere.invalid", "http://notllm.invalid", "http://10.1.2.3:8000", "http://[fd00::5]:80"]
SPARED = [
    ("*", PROXIED), ("llm.invalid", ["http://llm.invalid", "http://a.llm.invalid:8080", "https://llm.invalid."]),
    (".llm.invalid", ["http://llm.invalid", "https://a.llm.invalid"]), ("*.llm.invalid", ["http://a.llm.invalid"]),
    ("LLM.invalid.", ["http://llm.invalid"]), ("http://llm.invalid", ["http://llm.invalid"]),
    ("x, llm.invalid:8080", ["http://llm.invalid:8080"]), ("llm.invalid:443", ["https://llm.invalid"]),
    ("10.0.0.0/8", ["http://10.1.2.3:8000"]), ("10.1.2.3", ["http://10.1.2.3:8000"]),
    ("fd00::5", ["http://[fd00::5]:80"]), ("[fd00::5]", ["http://[fd00::5]:80"]),
    ("[fd00::5]:80", ["http://[fd00::5]:80"]), ("fd00::/16", ["http://[fd00::5]:80"]),
]  # fmt: skip


@pytest.mark.parametrize(("without", "spared"), SPARED)
def test_what_no_proxy_names_goes_past_the_proxy_and_the_rest_through_it(without, spared, monkeypatch):
    for variable in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(variable, "proxy.invalid:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", without)
    assert [proxy_for(url) for url in spared] == [None] * len(spared)
    assert {proxy_for(url) for url in set(PROXIED) - set(spared)} <= {"http://proxy.invalid:3128"}


@pytest.mark.parametrize("without", [".llm.invalid", "[fd00::5]", "10.0.0.0/8", ""])
def test_the_proxy_that_is_named_is_the_one_that_is_called(without, monkeypatch, dialect):
    """Each client would read NO_PROXY in its own way."""
    good = stream(dialect.piece("Yes."), dialect.end())
    with serving(dialect, good) as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        monkeypatch.setenv("no_proxy", without)
        monkeypatch.delenv("NO_PROXY", raising=False)
        model = dialect.model("http://llm.invalid:9", context=8192)
        named = proxy_of("http://llm.invalid:9") is not None
        with contextlib.suppress(ModelError):
            next(model.stream([Message("user", "?")], None, 1))
        assert bool(proxy.headers) is named


@pytest.mark.parametrize("proxy", ["http://me:geheim@proxy:99999", "gopher://me:geheim@proxy", "http://me:geheim@[::1"])
def test_a_proxy_that_is_no_address_is_refused_without_showing_it(proxy, monkeypatch, dialect):
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(ModelConfigurationError, match="HTTP_PROXY") as refused:
        next(dialect.model("http://llm.invalid:9", context=8192).stream([Message("user", "?")], None, 1))
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("ending", ["?key=geheim", "#geheim", "?a=b#geheim"])
def test_what_follows_the_path_of_an_address_is_not_shown(ending):
    with pytest.raises(ConfigError, match="OPENAI_BASE_URL of llm") as refused:
        models.load("openai:m", Config(openai_base_url=f"http://llm.invalid/v1{ending}"))
    assert "geheim" not in str(refused.value)


ADDRESSES = ["http://me:geheim@h/x", "me:geheim@h", "http:/me:geheim@h", "http://me:geheim\uff20h/x", "//me:geheim@h/x"]


@pytest.mark.parametrize("given", ADDRESSES)
def test_an_address_with_a_password_is_refused_without_showing_it(given):
    settings = [{"openai_base_url": given}, {"ollama_host": given}]
    for name, setting in zip(("openai:m", "ollama:m"), settings, strict=True):
        with pytest.raises(ConfigError) as refused:
            models.load(name, Config(**setting))
        assert "geheim" not in str(refused.value)
        assert "geheim" not in repr(Config(**setting))


@pytest.mark.parametrize(
    "setting", ["model", "checker", "embedding", "reranker", "prompts", "index_ca", "reasoning_effort", "context"]
)
def test_an_address_with_a_password_where_none_belongs_is_not_shown(setting):
    for environment, override in (({VARIABLES[setting]: ADDRESSES[0]}, {}), ({}, {setting: ADDRESSES[0]})):
        with pytest.raises(ConfigError, match=VARIABLES[setting]) as refused:
            from_environment(environment, **override)
        assert "geheim" not in str(refused.value)


def test_the_window_is_read_from_the_environment():
    assert from_environment({"PINCITE_CONTEXT": "4096"}).context == 4096


@pytest.mark.parametrize(("capabilities", "think"), [(["completion", "thinking"], False), (["completion"], None)])
def test_a_model_that_thinks_is_asked_not_to(capabilities, think):
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


def test_the_picker_names_a_host_elsewhere_even_while_it_is_down(nobody):
    config = Config(model="openai:gpt-x", openai_base_url="http://llm.invalid/v1", ollama_host=nobody)
    ((_, _), (name, leaves)) = models.available(config)
    assert name == "openai:gpt-x"
    assert "llm.invalid" in leaves
    assert "abstracts" in leaves


def test_the_picker_survives_settings_that_name_nothing(nobody):
    config = Config(model="gpt-x", openai_base_url="nonsense", ollama_host=nobody)
    assert models.available(config)[0] == ("extractive", NOTHING_LEAVES)


def test_a_server_without_a_list_of_models_works_anyway():
    dialect = OpenAI()
    with serving(dialect, stream(dialect.piece("Yes."), dialect.end())) as server:
        model = OpenAIModel("m", f"{server.address}/v1", None)
        dialect.models = None  # the server answers the list with 404
        assert model.context(10) == 8192
        assert next(model.stream([Message("user", "?")], None, 10)) == "Yes."


def test_loading_the_client_takes_no_time_from_a_server_that_is_asked_for_its_models():
    script = (
        "import sys\n"
        "from rag.models import openai\n"
        "assert 'openai' not in sys.modules\n"
        "openai.call_once = lambda *given: ['openai' in sys.modules] and []\n"
        "openai.served('http://127.0.0.1:9/v1', None, 2.0)\n"
        "assert 'openai' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, timeout=120)

"""`pincite models`: what is in use and what leaves the machine, and `get` against a hub on loopback."""

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import huggingface_hub.constants
import model_hub
import numpy as np
import pytest
import tiny_pair_model
from places import ROOT

from rag.__main__ import main
from rag.models import hub as hubs
from rag.models.cross_encoder import CrossEncoder

COMMIT = "0123456789abcdef0123456789abcdef01234567"
WORDS = ["[UNK]", "[CLS]", "[SEP]", "bees"]
CONFIG = b'{"max_position_embeddings": 512}'


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_TOKEN", "hf_secret")

    def run(*arguments):
        code = main(["models", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def files(tmp_path):
    """The files of a cross-encoder as a hub has them."""
    folder = tmp_path / "published"
    folder.mkdir()
    table = np.eye(len(WORDS), dtype=np.float32)[:, 3:]
    tiny_pair_model.save(folder, WORDS, table, file="onnx/model.onnx")
    names = ("tokenizer.json", "onnx/model.onnx")
    return {"config.json": CONFIG, "README.md": b"---\nlicense: mit\n---\n"} | {
        name: (folder / name).read_bytes() for name in names
    }


@pytest.fixture
def offered(files, monkeypatch):
    """The one model that is offered: its weights and tokenizer pinned by sha256, as in the real list."""
    pins = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if len(data) > 50}
    listed = {name: pins.get(name) for name in (*files, "modules.json")}
    model = hubs.Published("tiny", "cross-encoder", "PINCITE_RERANKER=", "maker/tiny", COMMIT, "MIT", 1000, listed)
    monkeypatch.setattr(hubs, "published", lambda: {"tiny": model})
    return model


@pytest.fixture
def hub(files, offered, monkeypatch):
    with model_hub.serving("maker/tiny", COMMIT, files) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


def folder_of(tmp_path):
    return tmp_path / "cache" / "pincite" / "models" / "tiny"


def test_what_is_in_use_is_listed_with_what_leaves_the_machine(run, files, tmp_path, monkeypatch):
    published = tmp_path / "published"
    for name, data in files.items():
        (published / name).write_bytes(data)
    monkeypatch.setenv("PINCITE_RERANKER", str(published))
    monkeypatch.setenv("PINCITE_MODEL", "openai:gpt")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://models.example/v1")
    code, out, _ = run()
    assert code == 0
    assert re.search(r"writer +openai:gpt: .* the abstracts found go to models\.example", out)
    assert re.search(r"embedding +minilm: .*; nothing leaves this machine", out)
    assert re.search(r"onnx/model\.onnx, .* sha256 \w{12}, up to 512 tokens, licence mit", out)
    in_use = {each["role"]: each for each in json.loads(run("--json")[1])["in_use"]}
    assert list(in_use) == ["writer", "checker", "reranker", "embedding"]
    assert in_use["reranker"]["sha256"].startswith(CrossEncoder(published).name.partition(":")[2])


def test_a_model_that_cannot_be_used_is_named_and_ends_in_exit_code_1(run, tmp_path, monkeypatch):
    monkeypatch.setenv("PINCITE_RERANKER", str(tmp_path / "nothing"))
    monkeypatch.setenv("PINCITE_MODEL", "openai:")
    code, out, _ = run()
    assert code == 1
    assert re.search(r"reranker .*\n +WRONG: .*nothing is missing", out)
    assert re.search(r"writer .*unknown\n +WRONG: unknown model", out)


def test_every_published_model_is_pinned(run):
    offered = json.loads(run("--json")[1])["published"]
    assert 4 <= len(offered) <= 6
    for model in hubs.published().values():
        assert re.fullmatch(r"[0-9a-f]{40}", model.revision)
        assert model.licence in ("MIT", "Apache-2.0")
        for name, pin in model.files.items():
            assert re.fullmatch(r"[0-9a-f]{64}", pin) if pin else name.endswith(("config.json", "s.json", "md"))
        assert any(pin and name.endswith(".onnx") for name, pin in model.files.items())
        assert model.files["tokenizer.json"]


def test_a_model_is_fetched_checked_and_used(run, hub, tmp_path):
    code, out, err = run("get", "tiny", "--yes")
    assert (code, "Traceback" in err) == (0, False)
    folder = folder_of(tmp_path)
    assert f"PINCITE_RERANKER={folder}" in out
    assert CrossEncoder(folder).score("bees", ["bees"])[0] > 0.8
    assert json.loads((folder / "pincite-lock.json").read_text())["files"].keys() == hub.files.keys()
    assert hub.secrets == []
    assert not any("torch" in agent or "agent/" in agent for agent in hub.agents)
    assert "fetched: PINCITE_RERANKER" in run()[1]
    before = [request for request in hub.requests if "/resolve/" in request[1]]
    assert run("get", "tiny", "--yes", "--json")[0] == 0  # what is there and right is not fetched again
    assert [request for request in hub.requests if "/resolve/" in request[1]] == before


def test_nothing_is_fetched_without_a_yes(run, hub):
    code, _, err = run("get", "tiny")
    assert code == 2
    assert re.search(r"cross-encoder, 0 MB, licence MIT, from http.*--yes", err)
    assert run()[0] == 0
    assert hub.requests == []


@pytest.mark.parametrize(("answer", "fetched"), [("y", True), ("", False), ("n", False)])
def test_a_terminal_is_asked_first(run, hub, monkeypatch, answer, fetched):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: answer)
    code, _, err = run("get", "tiny")
    assert (code, bool(hub.requests)) == (0, fetched)
    assert "0 MB, licence MIT, from http" in err


def test_an_address_with_a_password_is_refused_and_not_shown(run, offered, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://me:hunter2@hub.example")
    code, _, err = run("get", "tiny", "--yes")
    assert (code, "HF_ENDPOINT" in err, "hunter2" in err) == (2, True, False)


def test_a_hub_on_this_machine_is_called_past_the_proxy(run, hub, monkeypatch):
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert run("get", "tiny", "--yes")[0] == 0


def test_a_damaged_lock_file_is_named(run, hub, tmp_path):
    folder_of(tmp_path).mkdir(parents=True)
    (folder_of(tmp_path) / "pincite-lock.json").write_text("[]")
    code, _, err = run("get", "tiny", "--yes")
    assert (code, "pincite-lock.json can't be read" in err) == (2, True)


def test_a_fetch_that_was_cut_off_continues_where_it_stopped(run, hub, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 16)  # what is written at once, else 10 MB
    half = len(hub.files["onnx/model.onnx"]) // 32 * 16
    hub.break_off["onnx/model.onnx"] = half
    code, _, err = run("get", "tiny", "--yes")
    assert code == 1
    assert "resumes where this one stopped" in err.splitlines()[-1]
    assert "fetched: " not in run()[1]
    hub.break_off.clear()
    hub.requests.clear()
    assert run("get", "tiny", "--yes")[0] == 0
    assert [asked[1:] for asked in hub.requests if asked[0] == "GET" and "/resolve/" in asked[1]] == [
        (f"/maker/tiny/resolve/{COMMIT}/onnx/model.onnx", f"bytes={half}-")
    ]
    assert (folder_of(tmp_path) / "onnx/model.onnx").read_bytes() == hub.files["onnx/model.onnx"]


def test_weights_with_another_hash_are_refused_and_not_kept(run, hub, tmp_path):
    good = hub.files["onnx/model.onnx"]
    hub.files["onnx/model.onnx"] = good[:-1] + b"?"
    code, _, err = run("get", "tiny", "--yes")
    assert code == 1
    assert re.search(r"onnx/model\.onnx of maker/tiny has sha256 .* is pinned", err.splitlines()[-1])
    assert not list(folder_of(tmp_path).rglob("*.onnx"))
    hub.files["onnx/model.onnx"] = good
    assert run("get", "tiny", "--yes")[0] == 0


def test_a_small_file_is_pinned_when_it_is_first_fetched(run, hub, tmp_path):
    assert run("get", "tiny", "--yes")[0] == 0
    (folder_of(tmp_path) / "config.json").unlink()
    hub.files["config.json"] = CONFIG + b" "
    code, _, err = run("get", "tiny", "--yes")
    assert (code, "config.json of maker/tiny has sha256" in err) == (1, True)


def test_another_commit_and_a_missing_file_are_refused(run, hub):
    hub.commit = "f" * 40
    code, _, err = run("get", "tiny", "--yes")
    assert (code, "where 0123456789ab is pinned" in err) == (1, True)
    hub.commit = COMMIT
    del hub.files["tokenizer.json"]
    code, _, err = run("get", "tiny", "--yes")
    assert (code, "has no tokenizer.json at 0123456789ab" in err) == (1, True)


def test_an_unknown_name_is_refused(run, offered):
    code, _, err = run("get", "huge")
    assert (code, err) == (2, "pincite: unknown model 'huge': choose one of tiny\n")


def test_without_a_network_the_refusal_is_one_line(run, offered, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    code, _, err = run("get", "tiny", "--yes")
    assert code == 1
    assert re.fullmatch(r"pincite: http://127\.0\.0\.1:9: maker/tiny can't be fetched \(.*\n", err)


def test_prompts_that_a_repository_leaves_out_are_written_next_to_it(run, hub, offered, monkeypatch, tmp_path):
    prompts = {"prompts": {"query": "query: "}}
    monkeypatch.setattr(hubs, "published", lambda: {"tiny": replace(offered, own=prompts)})
    assert run("get", "tiny", "--yes")[0] == 0
    assert json.loads((folder_of(tmp_path) / "pincite.json").read_text()) == prompts


def test_listing_models_loads_neither_the_hubs_client_nor_a_network(tmp_path):
    code = "import sys; from rag.__main__ import main; main(['models']); print('huggingface_hub' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, timeout=60,
        env={"PYTHONPATH": str(ROOT), "PATH": str(Path(sys.executable).parent), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "False"

"""Dockerfile and compose.yaml against what they name. Nothing is built here: no test may need a Docker daemon."""

import importlib
import json
import re

import pytest
from places import ROOT

from rag.commands.programs import PROGRAMS

yaml = pytest.importorskip("yaml", reason="PyYAML comes with the test extra")

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
LINES = re.sub(r"\\\n\s*", " ", DOCKERFILE).splitlines()


def instructions(name):
    return [line.removeprefix(name).strip() for line in LINES if line.startswith(f"{name} ")]


def test_the_command_of_the_image_is_one_that_pincite_chat_takes():
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["pincite"]
    program, *options = json.loads(instructions("CMD")[-1])
    assert program == "chat"
    pytest.importorskip("gradio", reason="the extra `chat` isn't installed; the test extra has it")
    read = importlib.import_module("app").build_parser().parse_args(options)
    assert (read.host, read.name, str(read.auth)) == ("0.0.0.0", ["localhost"], "/data/people.txt")


def test_the_image_installs_extras_that_there_are_and_runs_without_rights():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (extras,) = re.findall(r'"pincite\[([\w,-]+)\] @ file', DOCKERFILE)
    assert all(f"\n{extra} = [" in project for extra in extras.split(","))
    assert {*PROGRAMS} - {"eval"} <= {*extras.split(",")}  # `docker compose run page COMMAND` takes each of them
    assert instructions("USER") == ["10001:10001"]
    assert DOCKERFILE.index("\nUSER") > DOCKERFILE.rindex("\nRUN")
    assert instructions("VOLUME") == ["/data"]
    for copied in (copy.split() for copy in instructions("COPY") if not copy.startswith("--from")):
        assert all((ROOT / path).exists() for path in copied[:-1])


def test_what_the_wheel_needs_is_sent_to_the_builder():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    needed = ["rag", "eval", "prompts", "pincite", "app.py", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE"]
    assert not {*needed, "constraints.txt"} & {*ignored}
    assert {".git", ".venv", "library", "people.txt"} <= {*ignored}


def test_only_this_machine_reaches_the_page_and_only_the_page_the_server():
    page, index = COMPOSE["services"]["page"], COMPOSE["services"]["index"]
    assert page["ports"] == ["127.0.0.1:7860:7860"]
    assert "ports" not in index
    assert set(index["networks"]) & set(page["networks"]) == {"inside"}
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_the_server_is_of_the_version_that_is_tested_and_all_data_is_in_volumes():
    (version,) = re.findall(r"^chromadb==(.+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    index = COMPOSE["services"]["index"]
    assert index["image"] == f"chromadb/chroma:{version}"
    used = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service["volumes"]}
    assert used == set(COMPOSE["volumes"])

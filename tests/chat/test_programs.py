"""The same functions for other programs: named HTTP endpoints, and tools of an agent."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from places import ROOT

import app
from rag import Library, answer
from rag.chat import passwords
from rag.config import Config
from rag.errors import EmbeddingError, InputError
from rag.models import reader
from rag.models.onnx import open_session

QUESTION = "Are emergent abilities a mirage made by the metric?"


@pytest.fixture(scope="module")
def client(chat):
    from gradio_client import Client

    return Client(chat.url, verbose=False)


def test_the_named_endpoints_answer_search_and_show(client, demo_library):
    found = client.predict(question=QUESTION, api_name="/ask")
    pin = found["sentences"][0]["citations"][0]
    assert found["status"] == "answered"
    paper = client.predict(paper_id=pin["paper_id"], api_name="/get_paper")
    assert paper["abstract"][pin["start"] : pin["end"]] == pin["quote"]
    hits = client.predict(question=QUESTION, k=3, api_name="/search")["hits"]
    assert [hit["paper_id"] for hit in hits] == [hit.paper.id for hit in demo_library.search(QUESTION, k=3)]


@pytest.mark.parametrize(
    ("call", "reported"),
    [
        ({"api_name": "/ask", "question": " "}, "the question is empty"),
        ({"api_name": "/search", "question": "tides", "year": "soon"}, "year='soon' isn't a year"),
        ({"api_name": "/search", "question": "tides", "k": "three"}, "k='three' isn't an integer"),
        ({"api_name": "/get_paper", "paper_id": "nope"}, "no paper 'nope'"),
    ],
)
def test_a_program_reads_what_was_wrong_with_its_call(client, call, reported):
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match=reported):
        client.predict(**call)


def test_only_the_documented_endpoints_are_offered(client):
    offered = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(offered) == {"/ask", "/search", "/get_paper"}


def test_a_foreign_page_can_neither_read_nor_upload(chat):
    evil = {"origin": "http://evil.example"}
    assert httpx.get(chat.url, headers={"host": "evil.example"}).status_code == 400
    files = {"files": ("x.txt", b"x")}
    assert httpx.post(f"{chat.url}/gradio_api/upload", files=files, headers=evil).status_code == 403
    assert httpx.get(f"{chat.url}/monitoring").status_code in (403, 404)


@pytest.mark.parametrize(
    "way", ["/gradio_api/file={}", "/file={}", "/static/{}", "/assets/..%2F..%2F{}", "/theme.css/../{}"]
)
def test_no_file_of_the_machine_is_served(chat, demo_library, way):
    for secret in ("/etc/passwd", str(demo_library.folder / "catalog.sqlite"), str(Path(app.__file__))):
        reply = httpx.get(chat.url + way.format(secret))
        assert reply.status_code in (400, 403, 404)


def test_an_agent_asks_searches_and_reads_over_stdio(demo_library):
    from mcp import Client, StdioServerParameters

    folder = Path(app.__file__).parent

    async def talk():
        arguments = ["-m", "rag.integrations.mcp", "--library", str(demo_library.folder)]
        server = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ), cwd=folder)
        async with Client(server) as agent:
            names = {tool.name for tool in (await agent.list_tools()).tools}
            asked = await agent.call_tool("ask", {"question": QUESTION})
            wrong = await agent.call_tool("get_paper", {"paper_id": "none such"})
            return names, asked, wrong

    names, asked, wrong = asyncio.run(talk())
    assert names == {"ask", "search", "get_paper", "list_papers"}
    found = json.loads(asked.content[0].text)
    assert found["sentences"][0]["citations"][0]["verdict"] == "supported"
    assert wrong.is_error
    assert "none such" in wrong.content[0].text


def test_an_agent_learns_that_a_library_is_missing_until_papers_are_added(tmp_path, write_jsonl):
    from mcp import Client, StdioServerParameters

    folder, log = tmp_path / "nowhere", tmp_path / "log"
    file = write_jsonl("papers.jsonl", [{"title": "Barley", "abstract": "Moist plots gave more barley."}])

    async def talk():
        started = f'exec "{sys.executable}" -m rag.integrations.mcp --library "{folder}" 2> "{log}"'
        server = StdioServerParameters(command="sh", args=["-c", started], env=dict(os.environ), cwd=ROOT)
        async with Client(server) as agent:
            calls = (("ask", {"question": "Why?"}), ("search", {"question": "x"}), ("get_paper", {"paper_id": "x"}))
            before = [await agent.call_tool(*call) for call in calls]
            with Library.open(folder) as library:
                library.add(file)
            return before, await agent.call_tool("search", {"question": "moist barley"})

    before, after = asyncio.run(talk())
    assert f"pincite: {folder}: there is no library yet" in log.read_text()
    for reported in before:
        assert reported.is_error
        assert f"pincite add FILE… --library {folder}" in reported.content[0].text
    assert "Moist plots" in after.content[0].text


def test_ctrl_c_ends_the_chat_quietly_though_a_page_is_open(demo_library, tmp_path):
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        port = spare.getsockname()[1]
    arguments = ["--library", str(demo_library.folder), "--port", str(port), "--data", str(tmp_path / "data")]
    chat = subprocess.Popen(
        [sys.executable, "app.py", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    )
    try:
        until = time.monotonic() + 60
        while not _serves(port) and time.monotonic() < until:
            time.sleep(0.1)
        with httpx.stream("GET", f"http://127.0.0.1:{port}/gradio_api/heartbeat/one", timeout=30) as page:
            assert page.status_code == 200
            chat.send_signal(signal.SIGINT)
            reported, _ = chat.communicate(timeout=30)
    finally:
        chat.kill()
    assert chat.returncode == 0
    assert [line for line in reported.splitlines() if not line.startswith("Pincite: ")] == []


def _serves(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("arguments", [["--host", "0.0.0.0"], ["--host", "192.0.2.1", "--name", "x"]])
def test_a_network_is_not_served_without_passwords(arguments):
    with pytest.raises(InputError, match="--auth"):
        app.read_access(app.build_parser().parse_args(arguments))


@pytest.fixture
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "COST", 2**4)


def test_a_port_that_is_taken_is_named(capsys, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert app.main(["--port", str(port), "--data", str(tmp_path), "--library", str(tmp_path / "none")]) == 2
    assert f"can't listen on 127.0.0.1, port {port} (Address already in use): choose another" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "reported"),
    [
        ("--port", "99999", "isn't a port"),
        ("--port", "-1", "isn't a port"),
        ("--data", "/proc/x", "can't keep conversations"),
    ],
)
def test_an_option_that_cannot_be_ends_in_one_line(capsys, demo_library, tmp_path, option, value, reported):
    with socket.create_server(("127.0.0.1", 0)) as spare:
        port = spare.getsockname()[1]
    given = {"--port": str(port), "--data": str(tmp_path), "--library": str(demo_library.folder)} | {option: value}
    try:
        code = app.main([word for pair in given.items() for word in pair])
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr().err
    assert code == 2
    assert reported in said
    assert "Traceback" not in said


def test_a_password_opens_only_for_its_own_name(cheap, tmp_path, monkeypatch):
    file = tmp_path / "who"
    for name in ("ada", "bob"):
        monkeypatch.setattr(passwords.getpass, "getpass", lambda prompt, name=name: f"password of {name}")
        assert passwords.main([str(file), name]) == 0
    assert "password of" not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    check = passwords.Passwords(file)
    assert check("ada", "password of ada")
    assert not check("ada", "password of bob")
    assert not check("eve", "password of ada")


@pytest.fixture
def loaded(monkeypatch):
    """The reader as in a process that has just started, and each time that its network is loaded."""
    times = []
    monkeypatch.setattr(
        reader, "open_session", lambda *given, **named: times.append(1) or open_session(*given, **named)
    )
    reader.default_reader.cache_clear()
    yield times
    reader.default_reader.cache_clear()


def test_the_first_question_waits_for_no_model_to_load(loaded, monkeypatch, demo_library, tmp_path):
    def serve_until_warm(*given, **named):
        until = time.monotonic() + 60
        while not loaded and time.monotonic() < until:
            time.sleep(0.05)

    monkeypatch.setattr(app.uvicorn, "run", serve_until_warm)
    with socket.create_server(("127.0.0.1", 0)) as spare:
        port = spare.getsockname()[1]
    assert app.main(["--port", str(port), "--data", str(tmp_path), "--library", str(demo_library.folder)]) == 0
    assert loaded
    loaded.clear()
    answer("What is grokking?", demo_library, config=Config())
    assert not loaded


def test_what_fails_while_models_are_loaded_ahead_is_left_to_whoever_asks(monkeypatch, demo_library):
    def fail(*given, **named):
        raise EmbeddingError("the model can't be loaded")

    monkeypatch.setattr(app, "answer", fail)
    app.warm_up(demo_library, Config(), threading.Event())


@pytest.mark.parametrize("text", ["", "ada:secret\n", "just words\n"])
def test_a_file_that_is_not_a_password_file_is_refused(tmp_path, text):
    (tmp_path / "who").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="python -m pincite"):
        passwords.read_passwords(tmp_path / "who")


def test_a_served_network_asks_for_a_password_first(cheap, serve, demo_library, tmp_path):
    (tmp_path / "who").write_text(f"ada:{passwords.hashed('a long password')}\n", encoding="utf-8")
    chat = serve(demo_library, auth=passwords.Passwords(tmp_path / "who"))
    with httpx.Client(base_url=chat.url) as visitor:
        assert visitor.get("/config").status_code == 401
        assert visitor.post("/login", data={"username": "ada", "password": "wrong"}).status_code == 400
        assert visitor.post("/login", data={"username": "ada", "password": "a long password"}).status_code == 200
        assert visitor.get("/config").status_code == 200

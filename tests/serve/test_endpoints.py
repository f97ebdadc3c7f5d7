"""The other endpoints: the one JSON shape, bounds, and nothing for strangers."""

import asyncio
import json
import socket
import threading

import httpx
import jsonschema
import pytest
from test_agents import talk

from rag import Library
from rag.config import Config
from rag.errors import InputError
from rag.integrations.mcp import build_server
from rag.integrations.tools import Tools
from rag.serve import program, server
from rag.types import Support, Verdict
from rag.views.documents import json_schema

QUESTION = "By how much did a thicker sheet of tin cut dents?"


def held(reply):
    jsonschema.Draft202012Validator(json_schema()).validate(reply.json())
    return reply.json()


@pytest.fixture
def web(serve):
    with httpx.Client(base_url=serve(), timeout=60) as client:
        yield client


def test_asking_searching_and_listing_keep_to_the_schema(web):
    answer = held(web.post("/v1/ask", json={"question": QUESTION}))
    hits = held(web.post("/v1/search", json={"question": "cats", "limit": 1}))["hits"]
    papers = held(web.get("/v1/papers", params={"limit": 1, "offset": 1}))
    paper = held(web.get(f"/v1/papers/{answer['papers'][0]['paper_id']}"))
    pin = answer["sentences"][0]["citations"][0]
    assert paper["abstract"][pin["start"] : pin["end"]] == pin["quote"]
    assert held(web.get("/v1/papers/10.1000/hail"))["id"] == paper["id"]
    assert [hit["title"] for hit in hits] == ["Rest in barn cats"] == [paper["title"] for paper in papers["papers"]]


def test_a_stream_is_the_events_of_the_schema(web):
    reply = web.post("/v1/ask", json={"question": QUESTION, "stream": True})
    events = [json.loads(line.removeprefix("data: ")) for line in reply.text.splitlines() if line]
    for event in events:
        jsonschema.Draft202012Validator(json_schema()).validate(event)
    assert [event["type"] for event in events] == ["step", "step", "step", "sentence", "answer"]


def chat(*texts):
    """A conversation, its user first, in OpenAI's form."""
    return {"messages": [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]}


@pytest.mark.parametrize(
    ("path", "sent", "status", "said"),
    [
        ("/v1/ask", {"question": QUESTION, "authr": "Fell"}, 400, "did you mean 'author'"),
        ("/v1/search", {"question": "cats", "top_k": 3}, 400, "did you mean 'k'"),
        ("/v1/search", {"query": "cats"}, 400, "did you mean 'question'"),
        ("/v1/search", {"question": "cats", "k": 51}, 400, "50 papers at most"),
        ("/v1/search", {"question": "cats", "k": 0}, 400, "k=0"),
        ("/v1/ask", {"question": ""}, 400, "the question is empty"),
        ("/v1/ask", {"question": "\ud800"}, 400, "half a character"),
        ("/v1/search", {"question": "cats", "exclude": ["\ud800"]}, 400, "half a character"),
        ("/v1/chat/completions", chat("\ud800"), 400, "half a character"),
        ("/v1/chat/completions", chat("cats", "\ud800", QUESTION), 400, "half a character"),
        ("/v1/chat/completions", chat("\ud800", "They rest.", QUESTION), 400, "half a character"),
        ("/v1/ask", "text", 400, "isn't a JSON object"),
        ("/v1/nothing", {}, 404, "no such endpoint: /docs lists them"),
    ],
)
def test_a_wrong_call_is_refused_in_one_shape(web, path, sent, status, said):
    reply = web.post(path, content=json.dumps(sent).encode())
    assert (reply.status_code, said in held(reply)["error"]["message"]) == (status, True), reply.text


NAMES = [
    "..%2f..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "//etc/passwd", "file:%2f%2f%2fetc%2fpasswd", "%00", "a%00b",
    "%ff", "%ed%a0%80", "%1b%5b2J", "'%20OR%201=1", "%25", "pmid:" + "9" * 6_000, "C:%5cwindows",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_is_an_unknown_paper(web, name):
    reply = web.get(f"/v1/papers/{name}")
    assert (reply.status_code, "no paper" in held(reply)["error"]["message"]) == (404, True)
    assert "root:" not in reply.text
    assert "\x1b" not in reply.text


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/chat/completions"])
@pytest.mark.parametrize("body", ["[" * 100_000, '{"question": ' + "[" * 50_000 + "]" * 50_000 + "}"])
def test_a_body_nested_without_end_is_refused(web, path, body):
    assert web.post(path, content=body.encode()).status_code == 400


def test_an_unknown_paper_is_not_found_and_no_folder_is_named(web, serve, tmp_path, embedder):
    reply = web.get("/v1/papers/none")
    assert (reply.status_code, "take a paper_id from" in held(reply)["error"]["message"]) == (404, True)
    with Library(tmp_path / "secret-place" / "empty", embedder=embedder) as empty:
        reply = httpx.post(f"{serve(empty)}/v1/ask", json={"question": QUESTION})
    assert reply.status_code == 503
    assert "pincite add" in held(reply)["error"]["message"]
    assert "secret-place" not in reply.text


def test_no_endpoint_says_where_the_files_of_the_library_lie(serve, barn, tmp_path, embedder):
    paper = {name: getattr(barn.get("10.1000/hail"), name) for name in ("title", "abstract", "doi")}
    notice = {"title": "Retraction notice to: Tin roofs in hail", "abstract": "The study of the roofs is withdrawn."}
    with Library(tmp_path / "library", embedder=embedder) as library:
        for name, record in (("paper", paper), ("notice", notice)):
            (tmp_path / f"{name}.jsonl").write_text(json.dumps(record), encoding="utf-8")
            library.add(tmp_path / f"{name}.jsonl")
        url = serve(library)
        bodies = {"ask": {"question": QUESTION}, "search": {"question": QUESTION}, "chat/completions": chat(QUESTION)}
        replies = [httpx.post(f"{url}/v1/{path}", json=body, timeout=60) for path, body in bodies.items()]
        replies += [httpx.get(f"{url}/v1/papers"), httpx.get(f"{url}/v1/papers/10.1000/hail")]
        said = "\n".join(
            [*(reply.text for reply in replies), str(talk(build_server(Tools(library, Config())), every_tool))]
        )
    assert {reply.status_code for reply in replies} == {200}
    assert said.count("notice.jsonl#1, matched by its title alone") > 3
    assert str(tmp_path) not in said


def test_nobody_learns_a_folder_of_the_library_by_guessing_in_the_filter_by_file(serve, tmp_path, embedder):
    roof = {"title": "Tin roofs in hail", "abstract": "Hail dents roofs. A thicker sheet of tin cut dents by 52%."}
    (tmp_path / "secret-place").mkdir()
    (tmp_path / "secret-place" / "roofs.jsonl").write_text(json.dumps(roof), encoding="utf-8")
    with Library(tmp_path / "library", embedder=embedder) as library:
        library.add(tmp_path / "secret-place" / "roofs.jsonl")
        url, agent = serve(library), build_server(Tools(library, Config()))
        for source, found in (("secret", 0), (f"{tmp_path}/", 0), ("/roofs", 0), ("roofs.jsonl", 1)):
            given = {"question": QUESTION, "source": source}
            hits = held(httpx.post(f"{url}/v1/search", json=given, timeout=60))["hits"]
            papers = held(httpx.post(f"{url}/v1/ask", json=given, timeout=60))["papers"]
            of_agent = talk(agent, lambda one, given=given: one.call_tool("search", given)).structured_content["hits"]
            assert [len(hits), len(papers), len(of_agent)] == [found] * 3, source


async def every_tool(agent):
    calls = {"ask": {"question": QUESTION}, "search": {"question": QUESTION}, "list_papers": {}}
    calls["get_paper"] = {"paper_id": "10.1000/hail"}
    return [(await agent.call_tool(name, given)).structured_content for name, given in calls.items()]


def test_large_bodies_other_hosts_and_other_pages_are_refused(web):
    assert web.post("/v1/ask", content=b"x" * (server.LARGEST + 1)).status_code == 413
    assert web.post("/v1/ask", content=iter([b"x" * server.LARGEST, b"xx"])).status_code == 413
    assert web.get("/v1/papers", headers={"host": "evil.example"}).status_code == 400
    assert web.get("/v1/papers", headers={"origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/chat/completions", "/mcp", "/nothing"])
def test_a_body_that_never_ends_is_given_up(serve, monkeypatch, path):
    monkeypatch.setattr(server, "ARRIVING", 0.2)
    port = int(serve().rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
        slow.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{{".encode())
        assert b" 408 " in slow.recv(1000)


class Silent:
    """A checker that waits until it is let, and says when it was asked."""

    name = "test:silent"

    def __init__(self):
        self.asked, self.let = threading.Event(), threading.Event()
        self.at_work = False

    def check(self, sentence, evidence):
        self.at_work = True
        self.asked.set()
        self.let.wait(30)
        self.at_work = False
        return Support(1.0, Verdict.SUPPORTED)


def test_where_all_places_are_taken_a_caller_is_asked_to_wait(serve, monkeypatch):
    monkeypatch.setattr(server, "AT_ONCE", 1)
    checker = Silent()
    url = serve(checker=checker)

    async def both():
        async with httpx.AsyncClient(base_url=url, timeout=60) as web:
            first = asyncio.create_task(web.post("/v1/ask", json={"question": QUESTION}))
            await asyncio.to_thread(checker.asked.wait, 30)
            second = await web.post("/v1/search", json={"question": "cats"})
            checker.let.set()
            await first
            return second, await web.post("/v1/search", json={"question": "cats"})

    refused, taken = asyncio.run(both())
    assert (refused.status_code, refused.headers["retry-after"], taken.status_code) == (503, "2", 200)


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_has_one_deadline(serve, monkeypatch, stream):
    monkeypatch.setattr(server, "BEYOND", 0.5 - Config().timeout)
    checker = Silent()
    reply = httpx.post(f"{serve(checker=checker)}/v1/ask", json={"question": QUESTION, "stream": stream}, timeout=60)
    assert checker.at_work
    checker.let.set()
    assert server.LATE in reply.text
    assert stream or reply.status_code == 504


def test_the_description_names_every_endpoint_and_loads_nothing(web):
    described = web.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert {"/v1/chat/completions", "/v1/ask", "/v1/search", "/v1/papers"} <= set(described["paths"])
    references = set(_references(described))
    assert {f"#/components/schemas/{name}" for name in described["components"]["schemas"]} >= references
    page = web.get("/", follow_redirects=True).text
    assert "/v1/chat/completions" in page
    assert "<script" not in page
    assert "src=" not in page


def _references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _references(item)


def test_a_network_is_not_served_without_a_token(tmp_path):
    options = program.build_parser().parse_args(["--host", "192.0.2.1"])
    with pytest.raises(InputError, match="--token-file"):
        program.accepted_names(options, None)
    assert "192.0.2.1" in program.accepted_names(options, "a-token-of-this-test")
    with pytest.raises(InputError, match="--name"):
        program.accepted_names(program.build_parser().parse_args(["--host", "0.0.0.0"]), "token")
    for text in ("short", "two words of a token file", ""):
        (tmp_path / "token").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="secrets"):
            program.read_token(tmp_path / "token")


def test_a_port_that_is_taken_or_none_is_named(capsys, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert program.main(["--port", str(port), "--library", str(tmp_path / "none")]) == 2
    assert f"can't listen on 127.0.0.1, port {port}" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        program.main(["--port", "99999"])
    assert "isn't a port" in capsys.readouterr().err

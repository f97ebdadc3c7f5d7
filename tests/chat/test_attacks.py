"""Attacks on the page over loopback: files of the server, other people's streams and uploads, passwords, full disks."""

import asyncio
import json
import re
import socket
import threading
import time
from pathlib import Path

import gradio
import httpx
import pytest
from attacker import Attacker, references, secret_file
from person import Person

from rag import Library
from rag.chat import gradio_guard, passwords, sign_in, uploads
from rag.chat.library_view import Wanted, shelves
from rag.chat.sign_in import SignIn
from rag.chat.uploads import Uploads
from rag.errors import InputError

PASSWORD = "a long password"
# Question, how many, year, venue, author, file, how many by another name, papers, and papers left out.
SEARCH = ["wells", 1, "", "", "", "", None, "", ""]


@pytest.fixture
def library(embedder, tmp_path, write_jsonl):
    library = Library.open(tmp_path / "library", embedder=embedder)
    library.add(write_jsonl("one.jsonl", [{"title": "On wells", "abstract": "The well is nine metres deep."}]))
    yield library
    library.close()


@pytest.fixture
def open_chat(serve, library):
    return serve(library)


@pytest.fixture
def closed(serve, library):
    """A chat for people who sign in; hashing takes no time, and `slow` makes it."""
    return serve(library, auth=lambda name, password: password == PASSWORD)


def signed_in(chat, name="ada"):
    person = Attacker(chat.url)
    reply = person.web.post("/login", data={"username": name, "password": PASSWORD})
    assert reply.status_code == 200
    return person


@pytest.fixture(params=["open", "signed in", "not signed in"])
def attacker(request):
    """An attacker of each kind, and the page that they see."""
    chat = request.getfixturevalue("open_chat" if request.param == "open" else "closed")
    seen = Attacker(chat.url) if request.param == "open" else signed_in(chat, "eve")
    config = seen.config()
    if request.param == "not signed in":
        seen.web.close()
        seen = Attacker(chat.url)
    yield seen, config
    seen.web.close()


def test_no_event_takes_a_file_that_was_not_uploaded_or_reveals_anything_of_it(attacker, library, tmp_path):
    attacker, config = attacker
    file, secret = secret_file(tmp_path)
    before = sorted(p for p in tmp_path.rglob("*") if p.suffix == ".jsonl")
    private = (str(tmp_path), uploads.__file__, secret)
    for dependency in config["dependencies"]:
        width = len(dependency["inputs"])
        for reference in references(str(file)):
            joined = attacker.call(dependency, [reference] * width, event_data={"paper": reference, "conversation": ""})
            if not isinstance(reference, str):
                assert joined.status_code in (401, 403), (dependency["api_name"], reference)
    for name in ("ask", "search", "get_paper"):
        for reference in list(references(str(file)))[:-3]:
            for url in (f"/gradio_api/{way}/{name}" for way in ("call", "call/v2", "run", "api")):
                body = {"data": [reference], "question": reference, "paper_id": reference}
                assert attacker.send("POST", url, json=body).status_code in (401, 403, 404)
    received = "\n".join(attacker.received)
    # A text may come back to whoever sent it; what the server knows of the file or of its own folders may not.
    received = received.replace(str(file), "").replace(str(file)[:79], "")
    assert [word for word in private if word in received] == []
    assert sorted(p for p in tmp_path.rglob("*") if p.suffix == ".jsonl") == before
    assert [paper.title for paper in library.papers()] == ["On wells"]
    assert max(attacker.statuses) < 500


def test_no_body_of_any_route_brings_a_file_out(attacker, tmp_path):
    attacker, _ = attacker
    file, secret = secret_file(tmp_path)
    reference = next(references(str(file)))
    routes = ("component_server", "process_recording", "stream/x", "reset", "cancel", "run/0", "api/predict", "mcp")
    for route in routes:
        body = {"data": [reference], "session_hash": "s", "fn_index": 0, "event_id": "e", "component_id": 1}
        assert attacker.send("POST", f"/gradio_api/{route}", json=body).status_code in (401, 403, 404)
    for way in ("file={}", "file/{}", "stream/{}", "proxy=file://{}", "deep_link?session_hash={}"):
        assert attacker.send("GET", f"/gradio_api/{way.format(file)}").status_code in (401, 403, 404)
    assert secret not in "\n".join(attacker.received)


SAND = {"title": "Sand filters in the wells of Uppsala", "doi": "10.1000/sand",
        "abstract": "The filters were made of sand. They held back nine tenths of the iron."}  # fmt: skip
PRIVATE = {
    "sand.jsonl": SAND,
    "notice.jsonl": {"title": f"Retraction notice to: {SAND['title']}", "abstract": "The study is withdrawn."},
    "other.jsonl": {"title": f"Correction to: {SAND['title']}", "abstract": "The unit was wrong."},
}
BROUGHT = [SAND | {"abstract": "The filters were made of coal. They held back half of the iron."}, SAND, {"title": ""}]


def called(visitor, name, data):
    """Call one of the page's endpoints for programs, and read what it says."""
    event = visitor.send("POST", f"/gradio_api/call/{name}", json={"data": data}).json()["event_id"]
    return visitor.read(f"/gradio_api/call/{name}/{event}")


def every_event(config, conversation, paper):
    """Each event of the page but those that delete, with what the boxes hold and what its buttons would send."""
    values = {c["id"]: c["props"].get("value") for c in config["components"] if c["type"] != "html"}
    sent = {"conversation": conversation, "paper": paper, "question": "How deep?", "title": "On filters", "page": 1}
    for event in config["dependencies"]:
        names = {name for _, name in event["targets"]}
        forms = ("markdown", "pandoc", "bibtex", "ris", "csl-json") if "export" in names else ("",)
        if not names & {"delete", "remove", "correct"}:
            for form in forms:
                yield event, [values.get(box) for box in event["inputs"]], sent | {"form": form}


def test_nothing_that_the_page_shows_or_exports_says_where_the_files_of_the_library_lie(
    open_chat, library, tmp_path, write_jsonl, capfd
):
    for name, record in PRIVATE.items():
        library.add(write_jsonl(name, [record]))
    person, visitor = Person(open_chat.url), Attacker(open_chat.url)
    brought = bring(visitor, text="".join(json.dumps(record) + "\n" for record in BROUGHT))
    visitor.call(box(visitor.config()), [[as_file(brought)], "library"])
    asked = ("What were the filters made of?", f"Was “{SAND['title']}” retracted?")
    visitor.received += map(person.ask, asked)
    conversation = re.findall(r'data-address=\\"([\w-]+)', "".join(visitor.received))[-1]
    visitor.received += [called(visitor, "ask", [question, "", "", "", "", "", ""]) for question in asked]
    visitor.received += [called(visitor, "search", SEARCH), called(visitor, "get_paper", ["10.1000/sand"])]
    for event, data, sent in every_event(visitor.config(), conversation, library.get("10.1000/sand").id):
        visitor.call(event, data, event_data=sent)
    received = "\n".join(visitor.received)
    person.web.close()
    visitor.web.close()
    assert person.failed == []
    shown = ("notice.jsonl#1, matched by its title alone", "is reported as retracted", "has a correction", "TY  - ",
             "pincite-report.json", "has a different abstract than sand.jsonl#1")  # fmt: skip
    assert [words for words in shown if words not in received] == []
    assert str(tmp_path) not in received
    assert "Traceback" not in capfd.readouterr().err  # of boxes that hold nothing, either


def test_nobody_learns_a_folder_of_the_library_by_guessing_in_the_filter_by_file(open_chat, library, tmp_path):
    visitor = Attacker(open_chat.url)
    for guess in (tmp_path.name, f"{tmp_path}/", "/one"):
        assert "On wells" not in called(visitor, "search", [*SEARCH[:-4], guess, None, "", ""])
        assert "nine metres" not in called(visitor, "ask", ["How deep is the well?", "", "", "", guess, "", ""])
        assert "On wells" not in shelves(library, Wanted(source=guess))
    assert "On wells" in called(visitor, "search", [*SEARCH[:-4], "one.jsonl", None, "", ""])
    assert "nine metres" in called(visitor, "ask", ["How deep is the well?", "", "", "", "one.jsonl", "", ""])
    assert "On wells" in shelves(library, Wanted(source="one.jsonl"))
    visitor.web.close()


def bring(person, name="a.jsonl", text='{"title": "On pumps", "abstract": "The pump was made of oak."}\n'):
    reply = person.send("POST", "/gradio_api/upload", files={"files": (name, text.encode())})
    return reply.json()[0] if reply.status_code == 200 else reply


def box(config):
    """The event of the box of files, and the number of its library's input."""
    named = {c["id"]: c["props"].get("elem_id") for c in config["components"]}
    return next(d for d in config["dependencies"] if [named.get(t[0]) for t in d["targets"]] == ["files"])


def as_file(name):
    return {"path": name, "url": f"/gradio_api/file={name}", "orig_name": "a", "meta": {"_type": "gradio.FileData"}}


def test_an_upload_is_added_by_the_person_who_brought_it_and_by_nobody_else(closed, library, tmp_path):
    ada, eve = signed_in(closed, "ada"), signed_in(closed, "eve")
    name = bring(ada)
    event = box(ada.config())
    assert eve.call(event, [[as_file(name)], "library"]).status_code == 403
    eve.call(event, [[name], "library"])
    assert len(library) == 1
    assert ada.call(event, [[as_file(name)], "library"]).status_code == 200
    assert sorted(paper.title for paper in library.papers()) == ["On pumps", "On wells"]
    assert str(tmp_path) not in "\n".join([*ada.received, *eve.received])
    assert list((tmp_path / "data" / "uploads").rglob("*.jsonl")) == []  # nothing stays behind
    assert ada.send("GET", f"/gradio_api/file={name}").status_code == 404
    for person in (ada, eve):
        person.web.close()


def test_without_signing_in_an_upload_belongs_to_the_browser_that_brought_it(open_chat, library):
    one, other = Attacker(open_chat.url), Attacker(open_chat.url)
    one.send("GET", "/")
    name = bring(one)
    assert other.call(box(one.config()), [[as_file(name)], "library"]).status_code == 403
    assert one.call(box(one.config()), [[as_file(name)], "library"]).status_code == 200
    assert len(library) == 2
    one.web.close()
    other.web.close()


def test_a_name_of_an_own_upload_in_another_box_leads_nowhere(open_chat, tmp_path):
    person = Attacker(open_chat.url)
    name = bring(person)
    for dependency in person.config()["dependencies"]:
        person.call(dependency, [as_file(name)] * len(dependency["inputs"]))
    assert str(tmp_path) not in "\n".join(person.received)
    person.web.close()


def test_a_session_is_read_by_the_person_who_opened_it_alone(closed):
    ada, eve = signed_in(closed, "ada"), signed_in(closed, "eve")
    event = next(d for d in ada.config()["dependencies"] if d["api_name"] == "search")
    order = {"data": SEARCH, "fn_index": event["id"], "session_hash": "known", "event_data": None}
    assert ada.send("POST", "/gradio_api/queue/join", json=order).status_code == 200
    # Gradio says so, and breaks off, where it knows no such session.
    try:
        heard = eve.read("/gradio_api/queue/data", session_hash="known")
    except httpx.RemoteProtocolError:
        heard = ""
    assert "nine metres" not in heard
    assert "nine metres" in ada.read("/gradio_api/queue/data", session_hash="known")
    for person in (ada, eve):
        person.web.close()


def test_a_call_is_read_and_cancelled_by_the_person_who_made_it_alone(closed):
    """Whoever else learns the id of a call gets nothing by it, and can't end it."""
    ada, eve = signed_in(closed, "ada"), signed_in(closed, "eve")
    order = {"data": SEARCH}
    event = ada.send("POST", "/gradio_api/call/search", json=order).json()["event_id"]
    joined = ada.config()["dependencies"]
    number = next(d["id"] for d in joined if d["api_name"] == "search")
    page = ada.send("POST", "/gradio_api/queue/join", json=order | {"fn_index": number, "session_hash": "ada's"})
    for known in (event, page.json()["event_id"]):
        assert eve.send("GET", f"/gradio_api/call/search/{known}").status_code == 404
        for way in ("cancel", "reset"):
            body = {"event_id": known, "session_hash": "ada's", "fn_index": number}
            assert eve.send("POST", f"/gradio_api/{way}", json=body).status_code == 404
    assert "nine metres" in ada.read(f"/gradio_api/call/search/{event}")
    assert "nine metres" in ada.read("/gradio_api/queue/data", session_hash="ada's")
    own = {"event_id": page.json()["event_id"], "session_hash": "ada's", "fn_index": number}
    assert ada.send("POST", "/gradio_api/cancel", json=own).status_code == 200
    assert "nine metres" not in "\n".join(eve.received)
    for person in (ada, eve):
        person.web.close()


def test_so_many_calls_are_remembered_of_one_person_and_those_of_others_stay(closed, monkeypatch):
    monkeypatch.setattr(gradio_guard, "MOST_CALLS", 3)
    ada, eve = signed_in(closed, "ada"), signed_in(closed, "eve")
    order = {"data": SEARCH}
    event = ada.send("POST", "/gradio_api/call/search", json=order).json()["event_id"]
    made = [eve.send("POST", "/gradio_api/call/search", json=order).json()["event_id"] for _ in range(5)]
    forgotten = {"event_id": made[0], "session_hash": "s", "fn_index": 0}
    assert eve.send("POST", "/gradio_api/cancel", json=forgotten).status_code == 404
    assert "nine metres" in eve.read(f"/gradio_api/call/search/{made[-1]}")
    assert "nine metres" in ada.read(f"/gradio_api/call/search/{event}")
    for person in (ada, eve):
        person.web.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/openapi.json"), ("GET", "/gradio_api/openapi.json"), ("GET", "/gradio_api/heartbeat/one"),
        ("POST", "/gradio_api/reset"), ("POST", "/gradio_api/cancel"), ("GET", "/gradio_api/startup-events"),
        ("GET", "/gradio_api/app_id"), ("POST", "/gradio_api/upload"), ("GET", "/config"),
        ("GET", "/gradio_api/queue/data?session_hash=x"), ("GET", "/gradio_api/upload_progress?upload_id=x"),
    ],
)  # fmt: skip
def test_nothing_is_answered_before_signing_in(closed, method, path):
    assert httpx.request(method, closed.url + path, json={} if method == "POST" else None).status_code in (401, 404)


def test_every_route_of_gradio_is_behind_the_door(closed):
    """Of every route that Gradio has, today or in its next version, a stranger gets the page's own files alone."""
    served = gradio.routes.App.create_app(gradio.Blocks())
    passed = set()
    for route in served.routes:
        for method in getattr(route, "methods", None) or ():
            path = route.path.replace("{", "").replace("}", "").replace(":path", "")
            status = httpx.request(method, closed.url + path, follow_redirects=False).status_code
            if status not in (401, 404, 405):
                passed.add(path.split("/")[1])
    assert passed <= {
        "",
        "login",
        "logout",
        "theme.css",
        "favicon.ico",
        "robots.txt",
        "manifest.json",
        "static",
        "assets",
    }


# --- signing in ---


def test_wrong_passwords_leave_the_page_answering_for_everybody_else(serve, library):
    checking, go_on = threading.Event(), threading.Event()

    def slow(name, password):
        checking.set()
        return go_on.wait(60) and password == PASSWORD

    chat = serve(library, auth=slow)
    replies = []

    def try_it(number):
        wrong = {"username": f"name{number}", "password": "wrong"}
        replies.append(httpx.post(f"{chat.url}/login", data=wrong, timeout=90).status_code)

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    assert checking.wait(30)
    # A password is being checked, and its check ends only when this test says so: the page answers all the same.
    assert httpx.get(f"{chat.url}/", timeout=60).status_code == 200
    go_on.set()
    for thread in threads:
        thread.join(90)
    assert replies == [400] * 60


def tries(check, count, name, where="127.0.0.1"):
    async def go():
        sign_in.address.set(where)
        return [await check.right(name, "wrong") for _ in range(count)]

    assert not any(asyncio.run(go()))


def right(check, name, where="127.0.0.1"):
    async def go():
        sign_in.address.set(where)
        return await check.right(name, PASSWORD)

    return asyncio.run(go())


@pytest.fixture
def check():
    asked = []

    def passwords_of(name, password):
        asked.append(name)
        return password == PASSWORD

    check = SignIn(passwords_of)
    check.asked = asked
    yield check
    check.close()


def test_a_name_is_tried_so_often_and_then_no_password_opens_it_for_a_while(check, monkeypatch):
    for number in range(40):
        tries(check, 1, "ada", f"10.0.0.{number}")
    assert len(check.asked) == sign_in.OF_NAME
    assert not right(check, "ada")
    assert right(check, "bob")
    now = time.monotonic()
    monkeypatch.setattr(sign_in.time, "monotonic", lambda: now + sign_in.WITHIN + 1)
    assert right(check, "ada")


def test_an_address_tries_so_many_names_and_others_are_let_in_meanwhile(check):
    for number in range(60):
        tries(check, 1, f"name{number}", "127.0.0.9")
    assert len(check.asked) == sign_in.OF_ADDRESS
    assert not right(check, "bob", "127.0.0.9")
    assert right(check, "bob", "127.0.0.1")


def test_signing_in_rightly_is_no_wrong_try(check):
    assert all(right(check, "ada") for _ in range(50))


def test_the_answer_is_the_same_for_a_wrong_password_an_unknown_name_and_a_locked_one(serve, library):
    chat = serve(library, auth=lambda name, password: (name, password) == ("ada", PASSWORD))
    answers = set()
    for name, password in [("ada", "wrong"), ("nobody", "wrong")] * 12 + [("ada", PASSWORD)]:
        reply = httpx.post(f"{chat.url}/login", data={"username": name, "password": password})
        answers.add((reply.status_code, reply.text))
    assert len(answers) == 1


def test_a_real_password_is_asked_for(serve, library, tmp_path, monkeypatch):
    monkeypatch.setattr(passwords, "COST", 2**4)
    (tmp_path / "who").write_text(f"ada:{passwords.hashed(PASSWORD)}\n", encoding="utf-8")
    chat = serve(library, auth=passwords.Passwords(tmp_path / "who"))
    person = signed_in(chat)
    assert person.config()["username"] == "ada"
    person.web.get("/logout")
    assert person.web.get("/config").status_code == 401
    person.web.close()


# --- uploads ---


def pieces(count):
    yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jsonl"\r\n\r\n'
    for _ in range(count):
        yield b"a" * 2**16
    yield b"\r\n--x--\r\n"


def test_an_upload_without_a_length_is_refused_when_it_is_too_much_and_leaves_nothing(
    serve, library, tmp_path, monkeypatch
):
    import app

    monkeypatch.setattr(app, "LARGEST_REQUEST", 2**20)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    chat = serve(library)
    before = {p for p in tmp_path.rglob("*") if p.is_file()}
    form = {"content-type": "multipart/form-data; boundary=x"}
    reply = httpx.post(f"{chat.url}/gradio_api/upload", content=pieces(40), headers=form)
    assert (reply.status_code, "the request is too large" in reply.text) == (413, True)
    assert httpx.post(f"{chat.url}/gradio_api/upload", content=pieces(4), headers=form).status_code == 200
    left = {p for p in tmp_path.rglob("*") if p.is_file()} - before
    assert [p.name for p in left] == ["a.jsonl"]


def test_a_body_that_is_no_file_is_small(open_chat):
    long = {"data": ["x" * 2**21], "fn_index": 0, "session_hash": "s"}
    assert httpx.post(f"{open_chat.url}/gradio_api/queue/join", json=long).status_code == 413
    assert httpx.post(f"{open_chat.url}/login", data={"username": "x" * 2**21}).status_code == 413


FORM = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/gradio_api/queue/join", "application/json"),
        ("/gradio_api/call/ask", "application/json"),
        ("/login", "application/x-www-form-urlencoded"),
        ("/gradio_api/upload", FORM),
    ],
)
def test_a_body_that_never_ends_is_given_up(open_chat, monkeypatch, path, kind):
    monkeypatch.setattr(gradio_guard, "ARRIVING", 0.2)
    monkeypatch.setattr(gradio_guard, "UPLOADING", 0.2)
    port = int(open_chat.url.rsplit(":", 1)[1])
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {kind}\r\nContent-Length: 99\r\n\r\n--x"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
        slow.sendall(head.encode())
        assert b" 408 " in slow.recv(1000)


WHOLE = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\na\r\n--x--\r\n'


async def upload(door_, visitor, until=None):
    """Upload a file to a door and return the status; without its end before an event, where one is given."""
    headers = [(b"content-type", FORM.encode()), (b"cookie", f"{gradio_guard.VISITOR}={visitor * 32}".encode())]
    scope = {"type": "http", "method": "POST", "path": "/gradio_api/upload", "headers": headers, "query_string": b""}
    parts, sent = [WHOLE[:5], WHOLE[5:]], []

    async def receive():
        if until is not None and len(parts) == 1:
            await until.wait()
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message):
        sent.append(message)

    await door_(scope, receive, send)
    return sent[0]["status"]


def test_a_person_can_have_two_uploads_arriving_at_once_and_another_person_still_has_room(tmp_path, monkeypatch):
    kept = Uploads(tmp_path / "uploads")
    gate = gradio_guard.Door(None, uploads=kept, events={}, username=None)

    async def meet():
        until = asyncio.Event()
        slow = [asyncio.create_task(upload(gate, "a", until)) for _ in range(2)]
        await asyncio.sleep(0)
        full = [await upload(gate, visitor) for visitor in "ab"]
        monkeypatch.setattr(gradio_guard, "AT_ONCE", 2)
        full.append(await upload(gate, "b"))
        until.set()
        return full, [await one for one in slow], [await upload(gate, visitor) for visitor in "ab"]

    assert asyncio.run(meet()) == ([429, 200, 429], [200, 200], [200, 200])
    kept.close()


def test_uploads_are_bounded_for_each_person_and_in_all_and_forgotten_in_an_hour(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OF_ONE", 100)
    monkeypatch.setattr(uploads, "MOST_OF_ALL", 250)
    kept = Uploads(tmp_path / "uploads")

    def keep(owner, size, name="a.csv"):
        with (tmp_path / "sent").open("w+b") as file:
            file.write(owner.encode()[:1] * size)
            file.seek(0)
            return kept.keep(owner, [(name, file, size)])

    first = keep("ada", 90)
    with pytest.raises(InputError, match="per person"):
        keep("ada", 20)
    keep("bob", 100)
    with pytest.raises(InputError, match="in all"):
        keep("cleo", 70)
    kept.drop("bob", first)  # not his
    assert kept.path("ada", first[0]).read_bytes() == b"a" * 90
    path = kept.path("ada", first[0])
    kept.drop("ada", first)
    assert not path.exists()
    keep("ada", 100)
    now = time.monotonic()
    monkeypatch.setattr(uploads.time, "monotonic", lambda: now + uploads.KEPT + 1)
    keep("dora", 100)
    assert len([p for p in (tmp_path / "uploads").rglob("*") if p.is_file()]) == 1
    kept.close()
    assert [p for p in (tmp_path / "uploads").rglob("*") if p.is_file()] == []


def test_an_upload_that_cannot_be_written_leaves_nothing_and_says_why(tmp_path):
    kept = Uploads(tmp_path / "uploads")
    (tmp_path / "uploads").write_text("no folder")
    with (tmp_path / "uploads").open("rb") as file, pytest.raises(InputError, match="can't be stored"):
        kept.keep("ada", [("a.csv", file, 1)])
    assert not kept._known


@pytest.mark.parametrize(
    "name", ["../../x.csv", "/etc/x.csv", "..", "a\0b.csv", "x" * 400 + ".csv", "C:\\a\\x.csv", ""]
)
def test_a_file_name_stays_in_its_folder_and_keeps_its_ending(tmp_path, name):
    kept = Uploads(tmp_path / "uploads")
    with (tmp_path / "sent").open("w+b") as file:
        (known,) = kept.keep("ada", [(name, file, 0)])
    path = kept.path("ada", known)
    assert path.parent.parent == tmp_path / "uploads"
    assert path.suffix == (".csv" if name.endswith(".csv") else "")


# --- other pages, and what Gradio does inside ---


def test_two_names_of_a_host_are_refused(open_chat):
    for second in ("evil.example", open_chat.url[7:]):
        with socket.create_connection(("127.0.0.1", open_chat.port), timeout=30) as line:
            line.sendall(f"GET / HTTP/1.1\r\nHost: {open_chat.url[7:]}\r\nHost: {second}\r\n\r\n".encode())
            assert line.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "strange"])
def test_another_page_can_link_to_this_one_and_do_nothing_else(open_chat, site):
    headers = {"sec-fetch-site": site}
    assert httpx.get(f"{open_chat.url}/?c=x", headers=headers).status_code == 200
    assert httpx.get(f"{open_chat.url}/logout", headers=headers).status_code == 403
    join = f"{open_chat.url}/gradio_api/queue/join"
    assert httpx.post(join, json={"data": []}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"[" * 100_000, b'{"data": [NaN]}', b'{"data": ["\\ud800"]}', b'{"data": 1}', b"1" * 5_000, b"\xff",
     b'{"data": [], "fn_index": true, "session_hash": "s"}', b'{"data": [], "fn_index": 9999, "session_hash": "s"}',
     b'{"data": [], "fn_index": 0, "session_hash": "s", "trigger_id": 99999999999999999999999}'],
)  # fmt: skip
def test_a_body_that_makes_no_sense_is_refused(open_chat, body):
    headers = {"content-type": "application/json"}
    reply = httpx.post(f"{open_chat.url}/gradio_api/queue/join", content=body, headers=headers)
    assert 400 <= reply.status_code < 500


def test_a_box_takes_no_other_kind_of_value(open_chat, capfd):
    visitor = Attacker(open_chat.url)
    config = visitor.config()
    texts = {c["id"] for c in config["components"] if c["type"] == "textbox"}
    for data in ([None], [None, "library", None]):
        refused = visitor.call(box(config), data)
        assert (refused.status_code, "takes 2 values" in refused.text) == (422, True)
    for value in (5, [5], [None], {"a": 1}, True):
        assert visitor.call(box(config), [value, "library"]).status_code == 422
        for event in config["dependencies"]:
            if texts & {*event["inputs"]} and event["backend_fn"]:
                data = [value if number in texts else None for number in event["inputs"]]
                assert visitor.call(event, data).status_code == 422
    visitor.web.close()
    assert "Traceback" not in capfd.readouterr().err


def test_gradio_itself_checks_that_a_file_was_uploaded(library, tmp_path):
    """The second lock, behind the door: a component that takes files, of a page that is mounted as this one is."""
    import app
    from rag.chat.page import Page
    from rag.config import Config

    built = []
    real = Page.__init__

    def noting(self, *given):
        real(self, *given)
        built.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "__init__", noting)

        async def build():
            return app.build_app([library], Config(), tmp_path / "data")

        asyncio.run(build())
    blocks = built[0].blocks
    from gradio.context import LocalContext
    from gradio.exceptions import InvalidPathError
    from gradio.processing_utils import _check_allowed

    token = LocalContext.blocks.set(blocks)
    try:
        with pytest.raises(InvalidPathError):
            _check_allowed(Path(uploads.__file__), True)
    finally:
        LocalContext.blocks.reset(token)


@pytest.mark.parametrize("name", ["a. .", ".", "a .", "a.", "- a", "a -", "..", "a/b", "a .. b", "a - b"])
def test_a_library_gets_no_name_that_ends_in_dots_or_leaves_its_folder(library, tmp_path, name):
    from rag.chat.libraries import Shelf
    from rag.config import Config

    with pytest.raises(InputError, match="can't name a library"):
        Shelf([library], tmp_path / "own", Config()).make(name)
    assert json.dumps(Shelf([library], tmp_path / "own", Config()).make("v1.2-b c")) == '"v1.2-b c"'

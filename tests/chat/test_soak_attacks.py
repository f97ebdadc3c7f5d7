"""Two thousand calls that make no sense, and forty people who ask while someone attacks: nothing breaks."""

import json
import os
import random
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from attacker import Attacker, references, secret_file
from person import Person
from started import megabytes, started, troubles

from rag.question.made_questions import question_on

pytestmark = pytest.mark.soak

CALLS, PEOPLE, SECONDS, QUESTIONS = 2_000, 40, 120, 2_000
# Megabytes that the server may grow by, once it has warmed up.
GROWTH = 50


@pytest.fixture
def server(demo_library, tmp_path):
    """The chat as `make app` starts it, in a process of its own: its address, the process, and its log."""
    with started(demo_library.folder, tmp_path / "data", tmp_path / "log") as (url, process):
        yield url, process, tmp_path / "log"


def value(chosen, path, depth=0):
    """Anything that JSON can hold."""
    plain = [
        None,
        True,
        -1,
        0,
        2**70,
        1.5,
        "",
        "wells",
        "2023..",
        "x" * 5_000,
        "\x00\u202e",
        path,
        "[[",
        "<b>",
        "é" * 99,
    ]
    kinds = [*plain, *references(path)]
    if depth < 3 and chosen.random() < 0.2:
        return [value(chosen, path, depth + 1) for _ in range(chosen.randrange(4))]
    if depth < 3 and chosen.random() < 0.2:
        names = ("paper", "question", "conversation", "title", "abstract", "page", "form", "year", "x")
        return {chosen.choice(names): value(chosen, path, depth + 1) for _ in range(3)}
    return chosen.choice(kinds)


def strike(attacker, chosen, config, path):
    """Make one call that makes no sense, or nearly makes sense."""
    event = chosen.choice(config["dependencies"])
    texts = {c["id"] for c in config["components"] if c["type"] in ("textbox", "dropdown")}
    words = ("wells", "", "2023", path, "x" * 300)
    data = [
        chosen.choice(words) if box in texts and chosen.random() < 0.8 else value(chosen, path)
        for box in event["inputs"]
    ]
    if chosen.random() < 0.1:
        data = value(chosen, path)
    kind = chosen.random()
    if kind < 0.6 and isinstance(data, list):
        attacker.call(event, data, event_data=value(chosen, path))
    elif kind < 0.8:
        name = chosen.choice(("ask", "search", "get_paper", "make", "x"))
        joined = attacker.send("POST", f"/gradio_api/call/{name}", json={"data": data})
        if joined.status_code == 200:
            attacker.read(f"/gradio_api/call/{name}/{joined.json()['event_id']}")
    else:
        route = chosen.choice(("queue/join", "cancel", "reset", "run/ask", "component_server", "upload", "vibe-edit"))
        body = {"data": data, "session_hash": value(chosen, path), "fn_index": value(chosen, path), "event_id": "e"}
        attacker.send("POST", f"/gradio_api/{route}", json=body)


def test_two_thousand_random_calls(server, tmp_path):
    url, process, log = server
    file, secret = secret_file(tmp_path)
    attacker, chosen = Attacker(url), random.Random(20_260)
    config = attacker.config()
    for _ in range(CALLS):
        strike(attacker, chosen, config, str(file))
    received = "\n".join(attacker.received).replace(str(file), "").replace(str(file)[:79], "")
    attacker.web.close()
    assert max(attacker.statuses) < 500
    assert [word for word in (secret, str(tmp_path), "Traceback", "site-packages") if word in received] == []
    assert troubles(log) == []
    assert process.poll() is None


def go_on_asking(person, questions, until, seed):
    chosen = random.Random(seed)
    while time.monotonic() < until:
        if "button type" not in person.ask(chosen.choice(questions)):
            person.failed.append("an answer without a single button")


def go_on_attacking(attacker, until, path):
    chosen, config, rounds = random.Random(1), attacker.config(), 0
    while time.monotonic() < until:
        rounds += 1
        strike(attacker, chosen, config, path)
        attacker.send("POST", "/gradio_api/upload", files={"files": ("x.csv", b"x" * 2**20)})
        attacker.send("POST", "/login", data={"username": secrets.token_hex(4), "password": "wrong"})
        with attacker.web.stream("GET", f"/gradio_api/heartbeat/{secrets.token_hex(4)}"):
            pass  # broken off at once
    return rounds


def test_forty_people_while_someone_attacks(server, demo_library, tmp_path, capsys):
    url, _, log = server
    file, secret = secret_file(tmp_path)
    questions = [question_on(paper) for paper in demo_library.papers()]
    people, attacker = [Person(url) for _ in range(PEOPLE)], Attacker(url)
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(PEOPLE + 1) as threads:
        works = [threads.submit(go_on_asking, person, questions, until, seed) for seed, person in enumerate(people)]
        works.append(threads.submit(go_on_attacking, attacker, until, str(file)))
    rounds = [work.result() for work in works][-1]
    with capsys.disabled():
        note = {"people": PEOPLE, "answers": sum(len(person.asked) for person in people), "attacks": rounds}
        os.write(1, json.dumps(note).encode() + b"\n")
    received = "\n".join(attacker.received).replace(str(file), "").replace(str(file)[:79], "")
    for visitor in (*people, attacker):
        visitor.web.close()
    assert [failure for person in people for failure in person.failed] == []
    assert all(person.asked for person in people)
    assert max(attacker.statuses) < 500
    assert [word for word in (secret, str(tmp_path), "Traceback") if word in received] == []
    assert troubles(log) == []


def test_two_thousand_questions_of_programs_leave_the_memory_as_it_was(server, demo_library, capsys):
    url, process, _ = server
    questions = [question_on(paper) for paper in demo_library.papers()]
    program = Attacker(url)

    def ask(count):
        for number in range(count):
            order = {"data": [questions[number % len(questions)], "", "", "", "", ""]}
            event = program.web.post("/gradio_api/call/ask", json=order).json()["event_id"]
            assert "event: complete" in program.read(f"/gradio_api/call/ask/{event}")
            program.received.clear()

    ask(QUESTIONS // 4)  # by then Gradio remembers as many sessions as it may
    warm = megabytes(process)
    ask(QUESTIONS)
    grown = megabytes(process) - warm
    program.web.close()
    with capsys.disabled():
        os.write(1, json.dumps({"questions": QUESTIONS, "warm": round(warm), "grown": round(grown)}).encode() + b"\n")
    assert grown < GROWTH

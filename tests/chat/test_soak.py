"""Twenty people who ask at once for two minutes: no error, and the server's memory stays as it is."""

import os
import random
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from person import Person
from started import megabytes, started

from rag.question.made_questions import question_on

pytestmark = pytest.mark.soak

PEOPLE, SECONDS = 20, 120
# Questions of each person before the measuring: however busy the machine is, the server has warmed up by then.
WARM_UP = 5
# Megabytes that the server may grow by, once it has warmed up.
GROWTH = 50


@pytest.fixture
def server(demo_library, tmp_path):
    """The chat as `make app` starts it, in a process of its own: its address, and the process."""
    with started(demo_library.folder, tmp_path / "data", tmp_path / "log") as (url, process):
        yield url, process


def processor_seconds(process):
    """The processor time that a process has taken."""
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_twenty_people_at_once(server, demo_library, capsys):
    url, process = server
    questions = [question_on(paper) for paper in demo_library.papers()]
    people = [Person(url) for _ in range(PEOPLE)]

    def go_on_asking(person, seed, is_over):
        chosen = random.Random(seed)
        while not is_over(person):
            if "button type" not in person.ask(chosen.choice(questions)):
                person.failed.append("an answer without a single button")

    def all_ask(is_over):
        with ThreadPoolExecutor(PEOPLE) as threads:
            works = [threads.submit(go_on_asking, person, seed, is_over) for seed, person in enumerate(people)]
        for work in works:
            work.result()

    all_ask(lambda person: len(person.asked) >= WARM_UP)
    for person in people:
        person.asked.clear()
    warm, began = megabytes(process), processor_seconds(process)
    until = time.monotonic() + SECONDS
    all_ask(lambda _: time.monotonic() >= until)
    grown = megabytes(process) - warm
    taken = sorted(seconds for person in people for seconds in person.asked)
    with capsys.disabled():
        p50, p95 = statistics.median(taken), taken[int(len(taken) * 0.95)]
        each = (processor_seconds(process) - began) / len(taken)
        sys.stdout.write(
            f"\n{PEOPLE} people, {SECONDS} s: {len(taken)} answers, p50 {p50:.2f} s, p95 {p95:.2f} s, "
            f"processor time {each:.3f} s an answer, "
            f"memory {warm:.0f} MB, grown by {grown:.0f} MB, load {os.getloadavg()[0]:.1f}\n"
        )
    assert [failure for person in people for failure in person.failed] == []
    assert grown < GROWTH

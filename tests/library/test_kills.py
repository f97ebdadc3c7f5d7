"""kill -9 and Ctrl-C: what was acknowledged is there, and the end is that of an undisturbed add."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import invented
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.library.backup import restore

PAPERS = 160
QUESTIONS = ["barley on clay", "what did mulched rye give in plot 66", "frost"]


def contents(library):
    """Everything about a library that a user can see."""
    catalog = library._disk().existing()
    hits = [[(h.paper_id, h.score, h.quote, h.start) for h in library.search(q, k=5)] for q in QUESTIONS]
    return catalog.papers(), catalog.sentences(), hits


def start_add(file, folder):
    return subprocess.Popen(
        [sys.executable, "-m", "rag", "add", str(file), "--library", str(folder), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A suite that was started in the background ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, embedder):
    """The file, what an undisturbed add of it makes, and about how long that takes once it has begun to write."""
    folder = tmp_path_factory.mktemp("undisturbed")
    file = invented.write(folder / "papers.jsonl", range(PAPERS))
    process = start_add(file, folder / "library")
    wait_for_catalog(process, folder / "library")
    began = time.monotonic()
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    with Library.open(folder / "library", embedder=embedder) as library:
        return file, contents(library), json.loads(out)["embedded"], time.monotonic() - began


def wait_for_catalog(process, folder):
    while process.poll() is None and not (folder / "catalog.sqlite").exists():
        time.sleep(0.005)


@pytest.mark.parametrize(
    "kills", [3, pytest.param(25, marks=pytest.mark.kills), pytest.param(500, marks=pytest.mark.soak)]
)
def test_kill_9_at_random_moments_loses_nothing(undisturbed, tmp_path, embedder, kills):
    file, (papers, sentences, hits), windows, seconds = undisturbed
    chance = random.Random(kills)
    landed, stored, round_number = 0, 0, 0
    for _ in range(10 * kills):
        folder = tmp_path / f"library-{round_number}"
        process = start_add(file, folder)
        wait_for_catalog(process, folder)
        time.sleep(chance.uniform(0, seconds))
        process.kill()
        process.communicate()
        landed += process.returncode == -signal.SIGKILL
        for _ in range(2):  # damage may show at the second opening only
            with Library.open(folder, embedder=embedder) as library:
                if library.exists:
                    found, spans, _ = contents(library)
                    assert len(found) >= stored
                    assert found.items() <= papers.items()
                    assert spans.items() <= sentences.items()
                    stored = len(found)
        if process.returncode == 0 or stored == PAPERS:  # all is there: the next add begins a new library
            assert contents(Library.open(folder, embedder=embedder)) == (papers, sentences, hits)
            round_number, stored = round_number + 1, 0
        if landed == kills:
            break
    assert landed == kills
    folder = tmp_path / f"library-{round_number}"
    with Library.open(folder, embedder=embedder) as library:
        already = library._disk().existing().window_count() if library.exists else 0
        assert library.add(file).embedded == windows - already
        assert contents(library) == (papers, sentences, hits)


# Kills a child at its first step, another at its second and so on, until one gets through. Forked from a process that
# has imported everything and opened nothing, which spares a second of imports each.
STEPS = """
import os, shutil, signal, sys
from pathlib import Path
here, template, more, out = sys.argv[1:]
sys.path.insert(0, here)
import chromadb
from counting import CountingEmbedder
from rag import Library
from rag.library.backup import restore
from rag.catalog.database import Database
from rag.index import bm25, builds, chroma, segment
segment.SCANNED = 0  # Chroma's steps as well

left = 0
def step():
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
def at_each(owner, name, when=lambda *args: True):
    real = getattr(owner, name)
    def stepping(*args, **kwargs):
        if when(*args):
            step()
        return real(*args, **kwargs)
    setattr(owner, name, stepping)
at_each(segment, "sync", lambda path: path.name in ("manifest.json", "CURRENT.new", "derived"))
at_each(segment, "_seal")
at_each(chroma.VectorIndexBuilder, "finish")
at_each(bm25.Bm25Builder, "save")
at_each(builds, "_sweep")
at_each(shutil, "rmtree")
at_each(Path, "replace")
at_each(Database, "run", lambda database, sql, *values: sql in ("BEGIN IMMEDIATE", "COMMIT"))
for number in range(1, 100):
    folder = Path(out) / f"killed-at-{number}"
    shutil.copytree(template, folder)
    child = os.fork()
    if not child:
        left = number
        Library.open(folder, embedder=CountingEmbedder()).add(more)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
    if not status:
        break
"""


def test_a_kill_at_each_step_of_an_add_leaves_the_old_library_or_the_new(tmp_path):
    before = invented.write(tmp_path / "before.jsonl", range(5))
    more = invented.write(tmp_path / "more.jsonl", range(5, 12))
    embedder = CountingEmbedder()
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(before)
        old = contents(library)
        library.close()
        shutil.copytree(library.folder, tmp_path / "template")
        library.add(more)
        new = contents(library)
    arguments = [Path(__file__).parent, tmp_path / "template", more, tmp_path]
    done = subprocess.run([sys.executable, "-c", STEPS, *arguments], capture_output=True, text=True, timeout=200)
    *killed, last = done.stdout.split()
    assert (set(killed), last) == ({"-9"}, "0"), done.stderr
    assert len(killed) > 10
    for number in range(1, len(killed) + 1):
        folder = tmp_path / f"killed-at-{number}"
        for _ in range(2):
            with Library.open(folder, embedder=embedder) as library:
                assert contents(library) in (old, new)
        with Library.open(folder, embedder=embedder) as library:
            library.add(more)
            assert contents(library) == new
            assert [p.name for p in (folder / "derived").iterdir() if p.name.startswith("CURRENT")] == ["CURRENT"]


def test_ctrl_c_ends_cleanly_and_says_what_was_done(tmp_path, embedder):
    file = invented.write(tmp_path / "papers.jsonl", range(4000))
    process = start_add(file, tmp_path / "library")
    wait_for_catalog(process, tmp_path / "library")
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        while process.poll() is None and not len(library):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=300)
        assert process.returncode == 130
        assert f"{len(library)} records are stored".encode() in err
        assert b"add again" in err
        assert b"Traceback" not in err
        assert 0 < len(library) < 4000
        assert library.search("barley")


# Of all changing commands together in `make soak`, an equal share each.
ALL_KILLS = 1000
# Runs one command in a child for each line on standard input, and kills it after that many seconds (0: not at all).
# Forked from a process that has imported everything and opened nothing, which spares a second of imports each.
COMMANDS = """
import json, os, signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import chromadb
from counting import CountingEmbedder
from rag import Library
from rag.index import segment
from rag.library.backup import restore
segment.SCANNED = 0  # Chroma's steps as well

def run(command, folder, arguments, options):
    if command == "restore":
        restore(Path(arguments[0]), Path(folder))
    else:
        with Library.open(folder, embedder=CountingEmbedder()) as library:
            getattr(library, command)(*arguments, **options)

for line in sys.stdin:
    seconds, *call = json.loads(line)
    began = time.monotonic()
    child = os.fork()
    if not child:
        try:
            run(*call)
            os._exit(0)
        finally:
            os._exit(1)
    if seconds:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), time.monotonic() - began]), flush=True)
"""
TWICE = invented.record(3) | {"abstract": "Another abstract, of a later edition, on barley in plot 3.", "year": 1993}
CHANGES = {
    "add": ["more.jsonl"],
    "edit": ["title:edited"],
    "split": ["title:twice"],
    "remove": ["title:edited", "title:twice"],
    "restore": ["old.backup"],
    "backup": ["new.backup"],
    "repair": [],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a library that every command finds something to do in, and the files that they take."""
    folder = tmp_path_factory.mktemp("commands")
    with Library.open(folder / "template", embedder=CountingEmbedder()) as library:
        library.add(invented.write(folder / "first.jsonl", range(20)))
        library.backup(folder / "old.backup")
        (folder / "twice.jsonl").write_text(json.dumps(TWICE) + "\n", encoding="utf-8")
        library.add(invented.write(folder / "second.jsonl", range(20, 30)), folder / "twice.jsonl")
    invented.write(folder / "more.jsonl", range(30, 60))
    return folder


@pytest.fixture
def killed(place):
    """Run `(seconds, command, folder, arguments, options)` in a process of its own; return its exit code and time."""
    program = [sys.executable, "-c", COMMANDS, str(Path(__file__).parent)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=place) as process:

        def run(*call):
            process.stdin.write(json.dumps(call, default=str) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run


def call_of(command, place):
    """Return the arguments of a command on the template."""
    with Library.open(place / "template", embedder=CountingEmbedder()) as library:
        ids = {"title:edited": library.papers()[0].id}
        ids["title:twice"] = next(p.id for p in library.papers() if len(p.origins) > 1)
    return [ids.get(name, name) for name in CHANGES[command]], {"title": "Mended"} if command == "edit" else {}


def prepared(place, folder, command):
    """Copy the template, with damage for a repair and an older file for a backup to replace."""
    shutil.copytree(place / "template", folder)
    if command == "repair":
        with Library.open(folder, embedder=CountingEmbedder()) as library:
            library._disk().catalog()._db.run("UPDATE paper SET title = 'Garbled' WHERE row = 3")
    shutil.copy(place / "old.backup", place / "new.backup")


def state(folder, command=None):
    """Return all that a user can see of a library: it opens, and is healthy once it was searched, or repaired."""
    with Library.open(folder, embedder=CountingEmbedder()) as library:
        found = contents(library)
        if command == "repair" and not library.examine().healthy:
            assert library.repair().healthy
            return contents(library)
        doubts = {check.check for check in library.examine().findings if not check.ok}
        # An add that was killed when all its papers were stored counts as unfinished until it is run again.
        assert doubts <= ({"adds"} if command == "add" else set())
        return found


def in_backup(file, folder):
    shutil.rmtree(folder, ignore_errors=True)
    restore(file, folder)
    with Library.open(folder, embedder=CountingEmbedder()) as library:
        return contents(library)


@pytest.mark.parametrize(
    "kills",
    [pytest.param(2, marks=pytest.mark.kills), pytest.param(ALL_KILLS // len(CHANGES) + 1, marks=pytest.mark.soak)],
)
@pytest.mark.parametrize("command", CHANGES)
def test_kill_9_in_any_command_leaves_the_library_before_it_or_after(place, killed, tmp_path, command, kills):
    arguments, options = call_of(command, place)
    prepared(place, tmp_path / "undisturbed", command)
    status, seconds = killed(0, command, tmp_path / "undisturbed", arguments, options)
    assert status == 0
    before, after = state(place / "template"), state(tmp_path / "undisturbed")
    backups = [in_backup(place / name, tmp_path / "restored") for name in ("old.backup", "new.backup")]
    chance, landed = random.Random(f"{command} {kills}"), 0
    for _ in range(10 * kills):
        folder = tmp_path / "library"
        shutil.rmtree(folder, ignore_errors=True)
        prepared(place, folder, command)
        delay = chance.uniform(0.001, seconds)
        status, _ = killed(delay, command, folder, arguments, options)
        landed += status == -signal.SIGKILL
        found = state(folder, command)
        assert found in (before, after), delay
        if command == "backup":
            assert in_backup(place / "new.backup", tmp_path / "restored") in backups
        status, _ = killed(0, command, folder, arguments, options)
        # What is done can't be done twice: there is nothing left to split, and no paper to remove.
        assert status == 0 or (command in ("split", "remove") and found == after)
        assert state(folder) == after
        if command == "backup":
            assert in_backup(place / "new.backup", tmp_path / "restored") == backups[1]
        if landed == kills:
            break
    assert landed == kills

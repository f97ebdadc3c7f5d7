"""Conversations and marks on papers, kept in one SQLite file on this machine: only their owner sees them."""

from __future__ import annotations

import fcntl
import json
import secrets
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from rag.chat.turns import EVERYTHING, Conversation, State, Turn, Within
from rag.errors import InputError
from rag.serialization import from_json, to_json
from rag.text.words import fold
from rag.types import Answer, Sentence

# AUTOINCREMENT: a deleted turn's number is never reused, so that an answer that finishes too late finds no turn.
SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, changed_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT, conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    number INTEGER NOT NULL, question TEXT NOT NULL, library TEXT NOT NULL, state TEXT NOT NULL,
    answer TEXT, said TEXT NOT NULL DEFAULT '[]', problem TEXT NOT NULL DEFAULT '', asked_at TEXT NOT NULL,
    within TEXT NOT NULL DEFAULT '{}', chat TEXT NOT NULL DEFAULT '',
    UNIQUE (conversation, number)
);
CREATE TABLE IF NOT EXISTS feedback (
    turn INTEGER PRIMARY KEY REFERENCES turns(id) ON DELETE CASCADE, said TEXT NOT NULL, said_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS marks (
    owner TEXT NOT NULL, library TEXT NOT NULL, paper TEXT NOT NULL, starred INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '', PRIMARY KEY (owner, library, paper)
);
"""
LISTED = """
SELECT id, title, changed_at, (SELECT count(*) FROM turns WHERE conversation = c.id),
    (SELECT json_group_array(library) FROM (SELECT DISTINCT library FROM turns WHERE conversation = c.id)),
    (SELECT question FROM turns WHERE conversation = c.id ORDER BY number DESC LIMIT 1)
FROM conversations c WHERE owner = ?
"""
# All that was said in a conversation.
SAID = """
SELECT c.id, c.title || ' ' || coalesce(group_concat(t.question || ' ' || t.text, ' '), '') FROM conversations c
LEFT JOIN (SELECT conversation, question, coalesce(json_extract(answer, '$.text'), '') AS text FROM turns) t
ON t.conversation = c.id WHERE c.owner = ? GROUP BY c.id
"""
MARK = (
    "INSERT INTO marks (owner, library, paper, {0}) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (owner, library, paper) DO UPDATE SET {0} = excluded.{0}"
)
# The sentences of each answer, of its fallback, and those written until it was stopped.
SENTENCES = """
SELECT json_extract(answer, '$.sentences'), json_extract(answer, '$.fallback.sentences'), said
FROM turns WHERE conversation = ? ORDER BY number
"""
READ = "SELECT id, number, question, library, state, answer, said, problem, within FROM turns"
LONGEST_TITLE = 120


class Conversations:
    """All conversations. Turns that a chat was answering when it ended are marked as stopped.

    Several chats may share the file: each holds its own lock while it runs, so that no chat marks another's running
    questions as stopped. Raises `InputError` for a file that can't be opened, here and later.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.RLock()
        self._chat = secrets.token_hex(8)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.open("r+b").close()
            self._alive = self._lock(self._chat).open("w")
        except OSError as error:
            raise InputError(
                f"{path}: can't keep conversations there ({error.strerror}): name another folder with --data"
            ) from error
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        self._connection = sqlite3.connect(path, check_same_thread=False, timeout=10, isolation_level=None)
        self.close = weakref.finalize(self, _close, self._connection, self._alive, self._lock(self._chat))
        try:
            self._open()
        except InputError:
            self.close()
            raise

    def _open(self) -> None:
        """Migrate the file, and mark as stopped the unfinished turns of chats that have ended."""
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA foreign_keys=ON", *SCHEMA.split(";")):
            self._run(statement)
        columns = {column[1] for column in self._run("PRAGMA table_info(turns)")}
        for name, default in (("within", "{}"), ("chat", "")):  # a file from before these columns
            if name not in columns:
                self._run(f"ALTER TABLE turns ADD COLUMN {name} TEXT NOT NULL DEFAULT '{default}'")
        for (chat,) in self._run("SELECT DISTINCT chat FROM turns WHERE state = ?", State.RUNNING):
            if not self._lives(chat):
                stopped = "UPDATE turns SET state = ? WHERE state = ? AND chat = ?"
                self._run(stopped, State.STOPPED, State.RUNNING, chat)

    def _lock(self, chat: str) -> Path:
        return self._path.with_name(f"{self._path.name}-{chat}.lock")

    def _lives(self, chat: str) -> bool:
        """Return whether the chat of this name still runs: a process's lock goes when it ends, however it ends."""
        lock = self._lock(chat)
        if not chat or not lock.exists():
            return False
        with lock.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        lock.unlink(missing_ok=True)
        return False

    def begin(self, owner: str, title: str) -> str:
        """Start a conversation; return its id, which nobody can guess."""
        name = secrets.token_urlsafe(9)
        self._run("INSERT INTO conversations VALUES (?, ?, ?, ?)", name, owner, _title(title), _now())
        return name

    def all(self, owner: str, words: str = "") -> list[Conversation]:
        """Return the owner's conversations, the latest first; only those in which all of the words were said."""
        rows = self._run(f"{LISTED} ORDER BY changed_at DESC, c.rowid DESC", owner)
        wanted = fold(words).split()
        if wanted:
            said = {name: fold(text) for name, text in self._run(SAID, owner)}
            rows = [row for row in rows if all(word in said.get(row[0], "") for word in wanted)]
        return [_listed(*row) for row in rows]

    def get(self, name: str, owner: str) -> Conversation | None:
        """Return a conversation, None if the owner has none with this id."""
        rows = self._run(f"SELECT * FROM ({LISTED}) WHERE id = ?", owner, name)
        return _listed(*rows[0]) if rows else None

    def rename(self, name: str, owner: str, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        if title.strip():
            self._run("UPDATE conversations SET title = ? WHERE id = ? AND owner = ?", _title(title), name, owner)

    def delete(self, name: str, owner: str) -> None:
        """Delete a conversation with all its turns."""
        self._run("DELETE FROM conversations WHERE id = ? AND owner = ?", name, owner)

    def turns(self, name: str, last: int | None = None) -> list[Turn]:
        """Return the turns of a conversation, oldest first; only the `last` ones if given."""
        most = -1 if last is None else last  # SQLite's value for no limit
        rows = self._run(f"{READ} WHERE conversation = ? ORDER BY number DESC LIMIT ?", name, most)
        return [_read(*row) for row in reversed(rows)]

    def turn(self, name: str, number: int) -> Turn | None:
        """Return the current state of a turn, None if there is none."""
        rows = self._run(f"{READ} WHERE conversation = ? AND number = ?", name, number)
        return _read(*rows[0]) if rows else None

    def papers(self, name: str) -> list[str]:
        """Return the ids of the papers that a conversation's answers show, in the order of the text."""
        texts = [text for row in self._run(SENTENCES, name) for text in row if text]
        return list(dict.fromkeys(paper for text in texts for paper in _papers(json.loads(text))))

    def ask(self, name: str, question: str, library: str, within: Within = EVERYTHING) -> Turn:
        """Store a question that is being answered now."""
        with self._transaction():
            number = self._run("SELECT coalesce(max(number), 0) + 1 FROM turns WHERE conversation = ?", name)[0][0]
            row = self._run(
                "INSERT INTO turns (conversation, number, question, library, state, asked_at, within, chat)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                name, number, question, library, State.RUNNING, _now(), json.dumps(asdict(within)), self._chat,
            )  # fmt: skip
            self._run("UPDATE conversations SET changed_at = ? WHERE id = ?", _now(), name)
        return Turn(row[0][0], number, question, library, State.RUNNING, within=within)

    def finish(self, turn: Turn, answer: Answer) -> None:
        """Store the answer to a question, unless it was stopped first."""
        self._end(turn, State.DONE, answer=json.dumps(to_json(answer)))

    def stop(self, turn: Turn, said: Sequence[Sentence]) -> None:
        """Mark a turn as stopped and store its sentences; a turn that has ended stays as it is."""
        self._end(turn, State.STOPPED, said=json.dumps(to_json(said)))

    def fail(self, turn: Turn, problem: str) -> None:
        """Store why a question couldn't be answered."""
        self._end(turn, State.FAILED, problem=problem)

    def rate(self, turn: Turn, said: str) -> None:
        """Store what its reader says about an answer, in place of anything said before."""
        self._run("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?)", turn.id, said, _now())

    def rated(self, owner: str) -> list[tuple[str, int, str]]:
        """Return everything that this owner said about answers: conversation, number of the turn, and what was said."""
        found = (
            "SELECT t.conversation, t.number, f.said FROM feedback f JOIN turns t ON t.id = f.turn "
            "JOIN conversations c ON c.id = t.conversation WHERE c.owner = ? ORDER BY f.said_at, t.id"
        )
        return [(name, number, said) for name, number, said in self._run(found, owner)]

    def star(self, owner: str, library: str, paper: str, *, starred: bool) -> None:
        """Give a paper a star for its reader, or take it away."""
        self._run(MARK.format("starred"), owner, library, paper, int(starred))

    def note(self, owner: str, library: str, paper: str, text: str) -> None:
        """Store a reader's note on a paper in place of the one before; an empty one deletes it."""
        self._run(MARK.format("note"), owner, library, paper, text.strip())

    def marks(self, owner: str, library: str) -> list[tuple[str, bool, str]]:
        """Return the papers that a reader marked in a library: id, whether it is starred, and the note."""
        marked = "SELECT paper, starred, note FROM marks WHERE owner = ? AND library = ? AND (starred OR note != '')"
        return [(paper, bool(starred), note) for paper, starred, note in self._run(marked, owner, library)]

    def _end(self, turn: Turn, state: State, answer: str | None = None, said: str = "[]", problem: str = "") -> None:
        self._run(
            "UPDATE turns SET state = ?, answer = ?, said = ?, problem = ? WHERE id = ? AND state = ?",
            state, answer, said, problem, turn.id, State.RUNNING,
        )  # fmt: skip

    def _run(self, sql: str, *values: object) -> list[Any]:
        try:
            with self._guard:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise InputError(
                f"{self._path}: can't be read or written ({error}): free some space or, if it is damaged, move it "
                "away or name another folder with --data"
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._guard:
            self._run("BEGIN IMMEDIATE")
            try:
                yield
                self._run("COMMIT")
            except InputError:
                if self._connection.in_transaction:  # SQLite itself rolls back after some errors
                    self._run("ROLLBACK")
                raise


def _listed(name: str, title: str, changed_at: str, turns: int, libraries: str, latest: str | None) -> Conversation:
    return Conversation(name, title, changed_at, turns, tuple(json.loads(libraries)), _title(latest or ""))


def _close(connection: sqlite3.Connection, alive: TextIO, lock: Path) -> None:
    connection.close()
    lock.unlink(missing_ok=True)
    alive.close()


def _read(
    row: int, number: int, question: str, library: str, state: str, answer: str | None, said: str, problem: str,
    within: str,
) -> Turn:  # fmt: skip
    """Return the turn of one row of `READ`."""
    return Turn(
        row, number, question, library, State(state),
        answer=from_json(Answer, json.loads(answer)) if answer else None,
        said=from_json(tuple[Sentence, ...], json.loads(said)),
        problem=problem,
        within=from_json(Within, json.loads(within)),
    )  # fmt: skip


def _papers(sentences: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the papers of stored sentences: reading whole answers would take far longer."""
    for sentence in sentences:
        for citation in (*sentence["citations"], *sentence["agreement"]["contradicting"]):
            yield citation["paper"]["id"]


def _title(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= LONGEST_TITLE else folded[: LONGEST_TITLE - 1] + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

"""The watched questions of a library, each in a file of its own in the user's data folder.

Not in the library's folder: that may come from someone else, and its questions would be sent to this user's model. And
so a library that can't be written to, or is on a server, can be watched too. Each file takes its name only once it is
whole and on the disk, so a run that is killed has kept the questions that it was done with.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.config import data_folder
from rag.errors import InputError
from rag.index.segment import sync
from rag.index.server_client import is_address
from rag.library import Library
from rag.serialization import from_json, to_json
from rag.watched_questions.claim_changes import Followed, WatchedClaim

FORMAT = 1
LARGEST = 20_000_000  # bytes of a file


@dataclass(frozen=True, slots=True)
class Watch:
    """A watched question, with what was known when it was asked last.

    `library` is the library's fingerprint, `newest` are the ids of the papers added last, the newest last. `papers`
    maps the id of each paper found to its state, `receipt` is that of the last answer. `last` is what changed the last
    time that something did, at `changed_at`.
    """

    id: str
    question: str
    filters: Mapping[str, str]
    added_at: str
    library: str
    newest: tuple[str, ...]
    papers: Mapping[str, str]
    receipt: Mapping[str, Any]
    claims: tuple[WatchedClaim, ...] = ()
    run_at: str = ""
    changed_at: str = ""
    last: tuple[Followed, ...] = field(default=())


def name_of_watch(question: str, filters: Mapping[str, str]) -> str:
    """Return the id of a question with its filters: the same question is watched once."""
    return hashlib.sha256(json.dumps([question, dict(filters)], sort_keys=True).encode()).hexdigest()[:8]


def watches(library: Library) -> list[Watch]:
    """Return the watched questions of a library, in the order in which they were added.

    Raises `InputError` for a damaged file.
    """
    found = [_read(file) for file in sorted(_folder(library).glob("*.json"))]
    return sorted(found, key=lambda one: (one.added_at, one.id))


def find(library: Library, name: str) -> Watch:
    """Return the watch with this id, the beginning of one, or this question. Raises `InputError` if there is none."""
    known = watches(library)
    found = [one for one in known if one.question == name] or [one for one in known if name and one.id.startswith(name)]
    if len(found) != 1:
        why = "fits several" if found else "isn't a watched question or the id of one"
        raise InputError(f"{name!r:.200} {why}: `pincite watch list` shows them with their ids")
    return found[0]


def keep(library: Library, watch: Watch, *, new: bool = False) -> None:
    """Keep a watch; unless it is new, only if it wasn't removed meanwhile. Raises `InputError` if that fails."""
    folder = _folder(library)
    text = json.dumps({"format": FORMAT, "of": _place(library), **to_json(watch)}, ensure_ascii=False, indent=1)
    file = folder / f"{watch.id}.json"
    part = folder / f"{watch.id}.{os.getpid()}.part"
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            part.write_text(text, encoding="utf-8")
            sync(part)
            with FileLock(folder / ".lock"):
                if new or file.exists():
                    part.replace(file)
            sync(folder)
        finally:
            part.unlink(missing_ok=True)


def drop(library: Library, watch: Watch) -> None:
    """Forget a watch. Raises `InputError` if that fails."""
    folder = _folder(library)
    with _written(folder), FileLock(folder / ".lock"):
        (folder / f"{watch.id}.json").unlink(missing_ok=True)


@contextmanager
def running(library: Library) -> Iterator[None]:
    """Hold the right to ask the watched questions again. Raises `InputError` while another process has it."""
    folder = _folder(library)
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(folder / ".run")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                f"{library}: another process is asking its watched questions: wait until it ends"
            ) from None
    try:
        for old in folder.glob("*.part"):  # of a run that was killed
            old.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{folder}: watched questions can't be kept there ({error.strerror}): name a folder that you may write to, "
            "with space left, in XDG_DATA_HOME"
        ) from error


def _folder(library: Library) -> Path:
    digest = hashlib.sha256(os.fsencode(_place(library))).hexdigest()
    return data_folder() / "watches" / digest[:32]


def _place(library: Library) -> str:
    named = str(library)
    return named if is_address(named) else str(Path(named).resolve())


def _read(file: Path) -> Watch:
    fix = "delete it, and watch its question again"
    try:
        if file.stat().st_size > LARGEST:
            raise InputError(f"{file}: has more than {LARGEST:,} bytes: {fix}")
        plain = json.loads(file.read_text(encoding="utf-8"))
        if plain["format"] != FORMAT:
            raise InputError(f"{file}: is of another version of Pincite: use that one, or {fix}")
        found = from_json(Watch, plain)
    except OSError as error:
        raise InputError(f"{file}: can't be read ({error.strerror}): make it readable for you") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"{file}: isn't a watched question: {fix}") from error
    if not isinstance(found, Watch):
        raise InputError(f"{file}: isn't a watched question: {fix}")
    return found

"""The watched questions of a library, each in a file of its own in the user's data folder.

Not in the library's folder: that may come from someone else, and its questions would be sent to this user's model. And
so a library that can't be written to, or is on a server, can be watched too. Each file takes its name only once it is
whole and on the disk, so a killed run keeps the questions that it finished.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.arguments import parse_filters, question
from rag.config import data_folder
from rag.errors import InputError
from rag.index.segment import sync
from rag.index.server_client import is_address
from rag.library import Library
from rag.pipeline.receipt_changes import Followed
from rag.serialization import from_json, is_of, to_json
from rag.watched_questions.claim_changes import WatchedClaim

log = logging.getLogger("pincite")

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
    """Return the watched questions of a library, in the order in which they were added; warn of what can't be read."""
    found, problems = read_watches(library)
    for problem in problems:
        log.warning(problem)
    return found


def read_watches(library: Library) -> tuple[list[Watch], list[str]]:
    """Return the watched questions of a library, and why others can't be read: one damaged file costs only itself.

    A damaged one is set aside under another name, since it would be reported on every run; its question stays in it.
    """
    found, problems = list[Watch](), list[str]()
    for file in sorted(_folder(library).glob("*.json")):
        try:
            found.append(_read(file))
        except InputError as error:
            problems.append(str(error))
        except _DamagedError as error:
            problems.append(f"{file}: isn't a watched question ({error}): {_set_aside(file)}watch its question again")
    return sorted(found, key=lambda one: (one.added_at, one.id)), problems


class _DamagedError(Exception):
    """Why a file of ours isn't what was written."""


def _set_aside(file: Path) -> str:
    """Give a damaged file another name, and say so; nothing where the folder can't be written to."""
    aside = file.with_suffix(".damaged")
    with suppress(OSError):
        file.replace(aside)
        return f"it is kept as {aside.name}; "
    return ""


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


def _can_be_asked(watch: Watch) -> bool:
    """Return whether the question, its filters and what was searched for are of a form that a search takes."""
    searched = [watch.receipt.get("searched") or "", *(watch.receipt.get("searches") or ())]
    try:
        parse_filters(watch.filters)
        question(watch.question)
    except InputError:
        return False
    return all(isinstance(text, str) for text in searched) and all(claim.text.strip() for claim in watch.claims)


def _read(file: Path) -> Watch:
    """Read one. Raises `InputError` for a file that may be whole, `_DamagedError` for one that isn't."""
    try:
        if file.stat().st_size > LARGEST:
            raise _DamagedError(f"it has more than {LARGEST:,} bytes")
        plain = json.loads(file.read_text(encoding="utf-8"))
        if plain["format"] != FORMAT:
            raise InputError(
                f"{file}: is of another version of Pincite: use that one, or delete it and watch its question again"
            )
        found: Watch = from_json(Watch, plain)
        if not is_of(Watch, found) or not _can_be_asked(found):
            raise _DamagedError("it is damaged")
    except OSError as error:
        raise InputError(f"{file}: can't be read ({error.strerror}): make it readable for you") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _DamagedError("it is damaged") from error
    return found

"""Files that people upload to the page: kept for a while, limited per person and in all, and known only by a name.

Nobody learns where a file is. A browser gets a name for it that can't be guessed and works only for the uploader; only
`path` leads from the name to the file.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from rag.errors import InputError

MARK = "upload:"
# Bytes that one person, and everyone together, may have waiting to be added; files in one request; seconds one waits.
MOST_OF_ONE, MOST_OF_ALL, MOST_FILES, KEPT = 128 * 2**20, 512 * 2**20, 50, 3600
_PIECE = 2**20


@dataclass(frozen=True)
class Upload:
    """A file that someone uploaded."""

    owner: str
    path: Path
    size: int
    since: float = field(default_factory=time.monotonic)


class Uploads:
    """The waiting files, in the chat's own folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Upload] = {}
        self._guard = threading.Lock()

    def keep(self, owner: str, files: Sequence[tuple[str, BinaryIO, int]]) -> list[str]:
        """Store files (name, content and size of each), all or none; return the names for them.

        Raises `InputError` if that exceeds what one person, or everyone together, may have waiting.
        """
        self._sweep()
        kept: list[str] = []
        try:
            kept.extend(self._keep_one(owner, *file) for file in files)
        except OSError as error:
            self.drop(owner, kept)
            raise InputError(f"the file can't be stored ({error.strerror}): try again later") from error
        except InputError:
            self.drop(owner, kept)
            raise
        return kept

    def path(self, owner: str, name: str) -> Path:
        """Return a file's path. Raises `InputError` unless this person uploaded a file with this name."""
        upload = self._known.get(name)
        if upload is None or upload.owner != owner:
            raise InputError("you have no such uploaded file: drop it on the page again")
        return upload.path

    def owns(self, owner: str, name: object) -> bool:
        """Return whether this person uploaded a file known by this name."""
        upload = self._known.get(name) if isinstance(name, str) else None
        return upload is not None and upload.owner == owner

    def drop(self, owner: str, names: Sequence[str]) -> None:
        """Delete files of this person that have been added, or can't be."""
        with self._guard:
            for name in names:
                if self.owns(owner, name):
                    self._delete(name)

    def close(self) -> None:
        """Delete all files."""
        with self._guard:
            for name in list(self._known):
                self._delete(name)

    def _keep_one(self, owner: str, name: str, content: BinaryIO, size: int) -> str:
        digest = hashlib.sha256()
        while piece := content.read(_PIECE):
            digest.update(piece)
        content.seek(0)
        known = MARK + secrets.token_urlsafe(18)
        # The same content gets the same path, so that adding a file again finds its records unchanged.
        path = self._folder / digest.hexdigest() / _plain(name)
        with self._guard:
            self._check(owner, size)
            self._known[known] = Upload(owner, path, size)
            try:
                _write(content, path)
            except OSError:
                self._delete(known)
                raise
        return known

    def _check(self, owner: str, size: int) -> None:
        mine = sum(upload.size for upload in self._known.values() if upload.owner == owner)
        everyones = sum(upload.size for upload in self._known.values())
        if mine + size > MOST_OF_ONE or everyones + size > MOST_OF_ALL:
            raise InputError(
                f"{MOST_OF_ONE // 2**20:,} MB per person and {MOST_OF_ALL // 2**20:,} MB in all may wait to be "
                "added: wait until earlier files have been added, or drop fewer"
            )

    def _delete(self, name: str) -> None:
        upload = self._known.pop(name)
        if all(other.path != upload.path for other in self._known.values()):
            upload.path.unlink(missing_ok=True)
            if upload.path.parent.is_dir() and not any(upload.path.parent.iterdir()):
                upload.path.parent.rmdir()

    def _sweep(self) -> None:
        """Delete what nobody added for an hour, and what a killed chat left behind."""
        with self._guard:
            for name, upload in list(self._known.items()):
                if time.monotonic() - upload.since > KEPT:
                    self._delete(name)
            known = {upload.path.parent for upload in self._known.values()}
            for folder in self._folder.iterdir() if self._folder.is_dir() else ():
                if folder not in known and time.time() - folder.stat().st_mtime > KEPT:
                    shutil.rmtree(folder)


def _write(content: BinaryIO, path: Path) -> None:
    path.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file, _PIECE)


def _plain(name: str) -> str:
    """Return a safe file name: the last part of the path, short, of harmless characters, with its ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c if c.isalnum() or c in " ._-<>()[]+,@#=" else "_" for c in last).lstrip(".")[-100:]
    return kept if kept.strip(" ._") else "file"


def as_uploaded(text: str, paths: Sequence[Path]) -> str:
    """Name uploaded files in a text as the user knows them, not by their paths on the server."""
    for path in paths:
        text = text.replace(str(path), path.name)
    return text

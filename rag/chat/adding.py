"""Uploaded files being added to a library: a thread adds them, any number of pages watch, so a reload loses nothing."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from rag.chat.components import as_file, said
from rag.chat.libraries import Shelf
from rag.chat.running_answer import News
from rag.chat.uploads import Uploads, as_uploaded
from rag.errors import InputError, PinciteError, SourceError
from rag.serialization import to_json
from rag.types import IngestReport

log = logging.getLogger("pincite")

# People whose reports are kept until they close them.
MOST_KEPT = 200
# Adds that may run or wait at a time: each has a thread, whether or not anybody still watches.
MOST_WAITING = 32


class Adding:
    """Files on their way into a library; `report` is there once they are in, `problem` if they couldn't be added."""

    def __init__(self, library: str) -> None:
        self.library = library
        self.files: tuple[str, ...] = ()
        self.begun = False
        self.done = self.total = 0
        self.report: IngestReport | None = None
        self.problem = ""
        self.file = ""
        """The whole report, as a file for the page's script."""
        self.news = News()

    @property
    def ended(self) -> bool:
        """Whether there is an outcome."""
        return self.report is not None or bool(self.problem)

    @property
    def doing(self) -> str:
        """What is being done, in words."""
        if not self.begun:
            return "Waiting for other files to be added:"
        if not self.done:
            return "Reading"
        return "Adding" if self.done < self.total else "Making the papers searchable:"

    def progress(self, done: int, total: int) -> None:
        """Note how many records are stored, of how many."""
        self.done, self.total = done, total
        self.news.changed()


class Additions:
    """The files that each person adds, one add at a time, and the reports that they haven't closed."""

    def __init__(self, shelf: Shelf, uploads: Uploads) -> None:
        self._shelf = shelf
        self._uploads = uploads
        self._of: dict[str, tuple[Adding, ...]] = {}
        self._one = threading.Lock()  # held while files are added
        self._list = threading.RLock()  # held while `_of` changes

    def start(self, owner: str, names: Sequence[str], library: str) -> Adding:
        """Add uploads of this person, known by these names, in the background; earlier reports are closed.

        Raises `InputError` while too many others wait.
        """
        adding = Adding(library)
        with self._list:
            if sum(not one.ended for some in self._of.values() for one in some) >= MOST_WAITING:
                self._uploads.drop(owner, names)
                raise InputError(f"{MOST_WAITING} uploads are waiting to be added: drop yours again later")
            self.close(owner)
            self._of[owner] = (*self.of(owner), adding)
            for other in list(self._of)[:-MOST_KEPT]:
                self.close(other)
        # A daemon: what is stored stays, and the person who stops the chat isn't kept waiting for the rest.
        threading.Thread(target=self._add, args=(adding, owner, names), daemon=True).start()
        return adding

    def of(self, owner: str) -> tuple[Adding, ...]:
        """Return what this person is adding, or added since they closed a report, oldest first."""
        return self._of.get(owner, ())

    def close(self, owner: str) -> None:
        """Forget a person's reports; adds in progress continue."""
        with self._list:
            running = tuple(one for one in self._of.pop(owner, ()) if not one.ended)
            if running:
                self._of[owner] = running

    def _add(self, adding: Adding, owner: str, names: Sequence[str]) -> None:
        try:
            paths = [self._uploads.path(owner, name) for name in names]
            adding.files = tuple(path.name for path in paths)
            with self._one:
                adding.begun = True
                adding.news.changed()
                report = self._added(adding, paths)
            text = json.dumps(_by_name(to_json(report)), ensure_ascii=False, indent=2)
            adding.file = as_file("pincite-report.json", as_uploaded(text, paths))
            adding.report = report
        except PinciteError as error:
            adding.problem = said(error)
        except Exception:  # those who wait must learn that it ended; the log has the details
            log.exception("files couldn't be added to %s", adding.library)
            adding.problem = "Something unexpected went wrong; see Pincite's log for details."
        finally:
            self._uploads.drop(owner, names)
            adding.news.end()

    def _added(self, adding: Adding, paths: Sequence[Path]) -> IngestReport:
        """Add files; where none of several can be read, the report names them all."""
        try:
            return self._shelf.get(adding.library).add(*paths, progress=adding.progress)
        except SourceError as error:
            if error.report is None:
                raise
            return error.report


def _by_name(report: Any) -> Any:
    """Name every file of a report without its folder, those that were added elsewhere and long ago as well."""
    if isinstance(report, dict):
        return {key: PurePath(value).name if key == "file" else _by_name(value) for key, value in report.items()}
    return [_by_name(item) for item in report] if isinstance(report, list) else report

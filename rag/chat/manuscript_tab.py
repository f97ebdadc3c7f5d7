"""The Manuscript tab: drop a manuscript and its references, and see what the cited abstracts say."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from rag.chat import render
from rag.chat.components import SAVE, UploadNames, as_file, html, said
from rag.chat.gradio_guard import OWNER
from rag.chat.markdown import file_name
from rag.chat.service import Desk
from rag.chat.uploads import Uploads, as_uploaded
from rag.errors import InputError, PinciteError
from rag.manuscript import Manuscript, Report, check_manuscript, open_manuscript, read_references
from rag.manuscript.opening import ENDINGS
from rag.manuscript.page import report_body, report_page
from rag.verify import load_checker

# Sentences that are checked for one visitor; a longer manuscript would keep all others waiting.
MOST_SENTENCES = 1_500
# Seconds between two updates of a check's progress.
_LOOK = 0.5
# A list of references may end as a plain manuscript does.
_EITHER = (".txt", ".text")


class _LeftError(Exception):
    """The visitor went away."""


class ManuscriptTab:
    """What the abstracts say of a manuscript's citations. `library` belongs to the page."""

    def __init__(self, desk: Desk, uploads: Uploads, library: gr.Dropdown) -> None:
        self.desk = desk
        self.uploads = uploads
        self.library = library
        self.files = gr.File(
            label="Drop a manuscript here (.md, .qmd, .tex, .docx, .txt), together with its references (.bib, .ris, …)",
            file_count="multiple", height=120, elem_id="manuscript", elem_classes="drop",
        )  # fmt: skip
        self.files.data_model = UploadNames  # when an event sees a file, it is already a name from `Uploads`
        self.found = html("checked", _page())
        self.file = gr.Textbox(visible="hidden")
        self.save = gr.Button("Save as a web page", size="sm", visible=False, elem_id="save-checked")

    def wire(self) -> None:
        """Connect the events."""
        self.files.upload(
            self.check, [self.files, self.library], [self.found, self.file, self.save, self.files],
            preprocess=False, api_visibility="private", show_progress="hidden", concurrency_limit=1,
        )  # fmt: skip
        self.save.click(None, self.file, js=SAVE)

    def check(self, names: list[str] | None, library: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Check the manuscript among the files that this person uploaded, showing its progress."""
        owner = request.headers.get(OWNER, "")
        try:
            paths = [self.uploads.path(owner, name) for name in names or ()]
            for step in self._steps(paths, library):
                yield (*self._shown(step), None)
        except PinciteError as error:
            yield render.page("refused.html", problem=said(error), closes=False), "", gr.Button(visible=False), None
        finally:
            self.uploads.drop(owner, names or ())

    def _shown(self, step: Report | tuple[int, int]) -> tuple[Any, ...]:
        if isinstance(step, tuple):
            return _page(done=step[0], of=step[1]), "", gr.Button(visible=False)
        body = _page(body=report_body(step, linked=False), leaves=self.desk.checked_by[1])
        name = file_name(Path(step.manuscript.file).stem)
        return body, as_file(f"{name}.html", report_page(step)), gr.Button(visible=True)

    def _steps(self, paths: Sequence[Path], library: str) -> Iterator[Report | tuple[int, int]]:
        """Check in a thread, and yield the progress, then the report; the check ends when the visitor leaves."""
        shelf, config, left = self.desk.shelf.get(library), self.desk.config, threading.Event()
        manuscript, references = _read(paths)
        own = self.desk.overrides.checker or config.checker
        checker = load_checker(own, config, shelf.embedder, stop=left) if isinstance(own, str) else own
        heard: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()

        def hear(done: int, of: int) -> None:
            if left.is_set():
                raise _LeftError
            heard.put((done, of))

        with ThreadPoolExecutor(1) as thread:
            check = thread.submit(check_manuscript, manuscript, shelf, references, checker, progress=hear)
            try:
                yield from _while_running(check, heard.get)
            finally:
                left.set()
        report = check.result()
        yield replace(report, notes=tuple(as_uploaded(note, paths) for note in report.notes))


def _page(body: str = "", leaves: str = "", done: int = 0, of: int = 0) -> str:
    """Render the tab; `body` is HTML that `rag.manuscript.page` made, everything from a manuscript escaped."""
    return render.page("manuscript.html", body=Markup(body), leaves=leaves, done=done, of=of)


def _while_running(check: Future[Report], latest: Callable[..., tuple[int, int]]) -> Iterator[tuple[int, int]]:
    while not check.done():
        with suppress(queue.Empty):
            yield latest(timeout=_LOOK)


def _read(paths: Sequence[Path]) -> tuple[Manuscript, Any]:
    """Return the manuscript among these files, and the references in the others.

    Files that a manuscript itself names aren't opened: they would be the server's own.
    """
    path = _manuscript_among(paths)
    manuscript = replace(open_manuscript(path), file=path.name)
    if len(manuscript.passages) > MOST_SENTENCES:
        raise InputError(
            f"{path.name}: has {len(manuscript.passages):,} sentences, and the page checks {MOST_SENTENCES:,} at once: "
            "drop its chapters one by one, or use `pincite check`"
        )
    return manuscript, read_references([other for other in paths if other != path])


def _manuscript_among(paths: Sequence[Path]) -> Path:
    """Return the one manuscript. Raises `InputError` for none or several."""
    found = [path for path in paths if path.suffix.lower() in ENDINGS]
    plainly = [path for path in found if path.suffix.lower() not in _EITHER]
    found = plainly if len(found) > 1 and plainly else found
    if len(found) != 1:
        names = ", ".join(path.name for path in found or paths) or "no file"
        if found:
            raise InputError(f"{names} are several manuscripts: drop one at a time, with its references")
        raise InputError(f"{names}: no manuscript among them: drop one ({', '.join(ENDINGS)}) with its references")
    return found[0]

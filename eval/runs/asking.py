"""Asks Pincite the questions, through the `answer` that users call, on the library that they name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.answers.responses import Response, from_answer
from eval.questions import Case
from rag import Library, answer
from rag.errors import DerivedIndexError, EmbeddingError, InputError, ModelError, RerankerError
from rag.models.chat import ChatModel
from rag.verify import Checker
from rag.write.writer import Writer

DEMO = Path(__file__).parents[1] / "data" / "library.jsonl"
# Retrieval is measured to this depth, whatever number of papers an answer is written from.
DEPTH = 10


@contextmanager
def open_library(name: str | None) -> Iterator[Library]:
    """Open the library in a folder; None makes the demo library in a temporary folder.

    Raises `InputError` where the folder holds no papers.
    """
    if name is not None:
        with Library.open(name) as library:
            if not len(library):
                raise InputError(
                    f"{name}: no papers in this library: add some with `pincite add FILE… --library {name}`"
                )
            yield library
        return
    with TemporaryDirectory(prefix="pincite-eval-") as folder, Library.open(Path(folder) / "demo") as library:
        library.add(DEMO)
        yield library


def absent_from(library: Library, cases: Iterable[Case]) -> list[str]:
    """Return the gold papers of questions that a library doesn't hold: no search can find them."""
    held = {paper.id for paper in library.papers()}
    return sorted({paper for case in cases for paper in case.gold} - held)


def asker(
    library: Library,
    model: str | ChatModel | None = None,
    *,
    writer: Writer | None = None,
    checker: str | Checker | None = None,
) -> Callable[[Case], Response]:
    """Return a function that answers one case with `rag.answer`. A failure gives a response with an `error`.

    Raises `InputError` for a fault in the set-up, such as an unknown model or a paper to remove that is missing.
    """

    def ask(case: Case) -> Response:
        started = time.monotonic()
        try:
            given = answer(
                case.question, library, history=case.history, model=model, writer=writer, checker=checker,
                exclude=list(case.remove),
            )  # fmt: skip
            seconds = time.monotonic() - started
            searched = given.receipt.searched or case.question
            read = [library.get(paper) for paper, _ in given.receipt.retrieved]
            hits = library.search(searched, max(DEPTH, len(read)), exclude=list(case.remove))
            return from_answer(case.id, given, read, [hit.paper.id for hit in hits], seconds=seconds)
        except (ModelError, EmbeddingError, RerankerError, DerivedIndexError) as error:
            return Response(case.id, "", error=f"{type(error).__name__}: {error}")

    return ask

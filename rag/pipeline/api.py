"""The public functions `answer` and `stream_answer`: they check their arguments and create the parts of a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable

from rag import arguments, models, prompts, verify
from rag.arguments import Years, parse_filters
from rag.config import Config, from_environment
from rag.errors import ModelReplyError
from rag.library import Library
from rag.models.boundary import boundary
from rag.models.chat import ChatModel
from rag.models.metered import MeteredModel, Spending
from rag.models.reply_cache import cached
from rag.pipeline.overrides import Overrides
from rag.pipeline.run import AnswerRun, Event, History
from rag.types import Answer
from rag.verify.registry import BUILTIN
from rag.write.extractive import ExtractiveWriter
from rag.write.generative import GenerativeWriter
from rag.write.writer import FIX, HandedWriter, Writer

EXTRACTIVE = "extractive"


@arguments.names_known
def answer(
    question: str,
    library: Library,
    *,
    history: History = (),
    model: str | ChatModel | None = None,
    writer: Writer | None = None,
    checker: str | verify.Checker | None = None,
    config: Config | None = None,
    stop: threading.Event | None = None,
    year: Years | None = None,
    venue: str | None = None,
    author: str | None = None,
    source: str | None = None,
    papers: str | Iterable[str] | None = None,
    exclude: str | Iterable[str] | None = None,
    year_from: int | None = None,
    year_to: int | None = None,
) -> Answer:
    """Answer a question from the library, every sentence pinned to the sentence that supports it.

    Args:
        question: what to answer, at most 4,000 characters.
        library: where to look.
        history: earlier turns, oldest first, each {"role": "user" or "assistant", "content": text}; a turn of the
            assistant may name the `papers` that it cited, as a list of ids by number, else they are looked up; where
            marks are counted over the whole conversation, `numbered` lists the ids that [1], [2] … stand for.
        model: "extractive", "openai:NAME", "ollama:NAME" or a `ChatModel`; None takes `PINCITE_MODEL`, else extractive.
        writer: an object of your own that writes instead of a model (`Writer`).
        checker: a name as `PINCITE_CHECKER` takes it, or an object of your own (`Checker`).
        config: the settings; None reads them from the environment.
        stop: setting it, from any thread, ends the answer: it keeps what was written so far and is marked as
            stopped.
        year: only papers of this year or these years: 2024, "2023..2025", "2023.." or (2023, 2025).
        venue: only papers whose venue has this text in its name.
        author: only papers with an author whose name has this text in it.
        source: only papers from files whose name has this text in it.
        papers: only the papers of these ids.
        exclude: none of the papers of these ids.
        year_from: only papers of this year or later.
        year_to: only papers of this year or earlier.

    Returns:
        The answer, or a declined one with its reason. Trouble during a model's call does not raise: the answer is
        declined with `model_unavailable`, and `fallback` holds the extractive answer.

    Raises:
        ConfigError: an unknown model, or a missing key.
        InputError: an empty question, a malformed history, or a filter that can't be read.

    """
    *_, last = stream_answer(
        question, library, history=history, model=model, writer=writer, checker=checker, config=config, stop=stop,
        year=year, venue=venue, author=author, source=source, papers=papers, exclude=exclude, year_from=year_from,
        year_to=year_to,
    )  # fmt: skip
    if not isinstance(last, Answer):
        raise AssertionError("the stream ended without an answer")
    return last


@arguments.names_known
def stream_answer(
    question: str,
    library: Library,
    *,
    history: History = (),
    model: str | ChatModel | None = None,
    writer: Writer | None = None,
    checker: str | verify.Checker | None = None,
    config: Config | None = None,
    stop: threading.Event | None = None,
    year: Years | None = None,
    venue: str | None = None,
    author: str | None = None,
    source: str | None = None,
    papers: str | Iterable[str] | None = None,
    exclude: str | Iterable[str] | None = None,
    year_from: int | None = None,
    year_to: int | None = None,
) -> Generator[Event, None, None]:
    """Answer as `answer` does, yielding each step, each checked sentence as it is written, and the `Answer` last.

    The step `read` has the papers found, and the one at which a model starts to write the answer without the model.

    Takes what `answer` takes, and raises what it raises, at once. After `stop` is set the `Answer` comes at once;
    closing the generator gives none. Both close the model's connection.
    """
    asked, history = arguments.question(question), arguments.turns(history)
    arguments.kind("library", library, Library, "open one with Library.open(path)")
    config = from_environment() if config is None else arguments.config(config)
    stop = threading.Event() if stop is None else arguments.kind("stop", stop, threading.Event, "make one and set() it")
    overrides = Overrides(model, writer, checker)
    given = {"year": year, "venue": venue, "author": author, "source": source, "papers": papers, "exclude": exclude}
    filters = parse_filters(given | {"year_from": year_from, "year_to": year_to})
    texts = prompts.with_own(config.prompts)
    spending = Spending(config)
    spoken = None if overrides.writer is not None else _model(overrides.model, library, config, stop, spending)
    return AnswerRun(
        asked,
        library,
        _writer(overrides.writer, spoken, texts, config),
        _checker(overrides.checker, library, config, stop, spending),
        spoken,
        config,
        texts,
        filters,
        history,
        stop,
        spending,
        configured=spoken is not None and (model is None or isinstance(model, str)),
    ).steps()


def _model(
    model: str | ChatModel | None, library: Library, config: Config, stop: threading.Event, spending: Spending
) -> MeteredModel | None:
    """Return the language model that writes, None where none does."""
    chosen = config.model if model is None else model
    found = models.load(chosen, config, stop) if isinstance(chosen, str) else chosen
    if found is not None and config.cache and library.folder is not None and library.exists:
        with boundary("the model", ModelReplyError, FIX):
            found = cached(found, library.folder)
    return None if found is None else MeteredModel(found, spending, stop)


def _writer(writer: Writer | None, model: ChatModel | None, texts: prompts.Prompts, config: Config) -> Writer:
    if writer is not None:
        return HandedWriter(writer)
    return ExtractiveWriter() if model is None else GenerativeWriter(model, texts, config.reply_tokens)


def _checker(
    checker: str | verify.Checker | None, library: Library, config: Config, stop: threading.Event, spending: Spending
) -> verify.BoundedChecker:
    chosen = config.checker if checker is None else checker
    deadline = time.monotonic() + config.timeout
    found = chosen
    if isinstance(found, str):
        found = verify.load_checker(found, config, library.embedder, stop=stop, deadline=deadline)
    if isinstance(found, verify.ModelChecker):
        found = found.metered(spending)
    # The built-in checker is fast, and still checks the answer that replaces a model's that took too long.
    return verify.BoundedChecker(found, stop, None if chosen == BUILTIN else deadline)

"""From a name such as `entailment:FOLDER` to a checker: the one place that knows them by name."""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from pathlib import Path

from rag import models, prompts
from rag.config import Config
from rag.errors import ConfigError
from rag.models.embedding import Embedder
from rag.models.registry import WHAT_CHECKING_TAKES
from rag.verify.builtin import BuiltinChecker
from rag.verify.checker import Checker
from rag.verify.entailment import EntailmentChecker
from rag.verify.llm_judge import ModelChecker

BUILTIN, ENTAILMENT = "builtin", "entailment"
_PROVIDERS = ("openai", "ollama")


def load_checker(
    name: str,
    config: Config,
    embedder: Embedder,
    *,
    stop: threading.Event | None = None,
    deadline: float | None = None,
) -> Checker:
    """Return the checker of this name. Calls no server; `stop` and `deadline` end the calls of a language model.

    Raises `ConfigError` for a name that is not known, a folder without a model, or a missing key.
    """
    kind, _, rest = name.partition(":")
    if name == BUILTIN:
        return BuiltinChecker(embedder)
    if kind in _PROVIDERS and rest:
        model = models.load(name, config, stop)
        assert model is not None  # only `extractive` isn't a language model
        return ModelChecker(model, prompts=prompts.with_own(config.prompts), deadline=deadline)
    folder = rest if kind == ENTAILMENT else name
    if folder and (kind == ENTAILMENT or os.sep in name or Path(name).is_dir()):
        return _entailment(folder, _stamp(folder))
    raise ConfigError(
        f"unknown checker {name!r} (PINCITE_CHECKER): choose builtin, entailment:FOLDER, openai:MODEL or ollama:MODEL"
    )


def is_folder(name: str) -> bool:
    """Return whether the name of a checker is that of a model in a folder."""
    return name.partition(":")[0] not in (BUILTIN, *_PROVIDERS)


def leaving(name: str, config: Config) -> str:
    """Say what leaves this machine with the checker of this name. Never raises for a server that can't be reached."""
    if name == BUILTIN or is_folder(name):
        return models.NOTHING_LEAVES
    return models.leaving_of(name, config, WHAT_CHECKING_TAKES)


@lru_cache(maxsize=2)
def _entailment(folder: str, _stamp: object) -> EntailmentChecker:
    """Open a folder once: its model takes seconds to load, and every answer asks for it."""
    return EntailmentChecker(folder)


def _stamp(folder: str) -> object:
    """Return what distinguishes the files of a folder from others that replace them."""
    names = ("model.onnx", "tokenizer.json", "config.json")
    found = [(Path(folder) / name) for name in names]
    return (str(Path.cwd()), *((path.stat().st_mtime_ns, path.stat().st_size) for path in found if path.is_file()))

"""Which models the settings use, what each is, and whether anything leaves this machine for it."""

from __future__ import annotations

from dataclasses import dataclass

from rag.config import Config
from rag.errors import PinciteError
from rag.models import registry
from rag.models.model_folder import open_folder


@dataclass(frozen=True, slots=True)
class ConfiguredModel:
    """One model in use. Of a model folder `path` is its ONNX file, `sha256` a hash over all of its files.

    `trouble` says why it can't be used, None where it can.
    """

    role: str
    name: str
    what: str
    leaves: str
    path: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    licence: str | None = None
    max_tokens: int | None = None
    trouble: str | None = None


def configured(config: Config) -> list[ConfiguredModel]:
    """Return the models in use. Asks a model server what it forwards, loads no model and never raises."""
    return [_writer(config), _checker(config), _reranker(config), _embedding(config)]


def _writer(config: Config) -> ConfiguredModel:
    what = "sentences chosen word for word" if config.model == registry.EXTRACTIVE else "a language model"
    try:
        model = registry.load(config.model, config)
        leaves = registry.NOTHING_LEAVES if model is None else registry.leaving_of(config.model, config)
    except PinciteError as error:
        return ConfiguredModel("writer", config.model, what, "unknown", trouble=str(error))
    return ConfiguredModel("writer", config.model, what, leaves)


def _checker(config: Config) -> ConfiguredModel:
    kind, _, rest = config.checker.partition(":")
    if config.checker == "builtin":
        return ConfiguredModel("checker", "builtin", "rules over the embedding", registry.NOTHING_LEAVES)
    if kind not in ("openai", "ollama"):
        return folder_model("checker", rest if kind == "entailment" else config.checker, "an entailment model")
    try:
        leaves = registry.leaving_of(config.checker, config, registry.WHAT_CHECKING_TAKES)
    except PinciteError as error:
        return ConfiguredModel("checker", config.checker, "a language model", "unknown", trouble=str(error))
    return ConfiguredModel("checker", config.checker, "a language model", leaves)


def _reranker(config: Config) -> ConfiguredModel:
    if config.reranker is None:
        return ConfiguredModel("reranker", "none", "papers stay in the order of the search", registry.NOTHING_LEAVES)
    return folder_model("reranker", config.reranker, "a cross-encoder")


def _embedding(config: Config) -> ConfiguredModel:
    if config.embedding == registry.MINILM:
        return ConfiguredModel(
            "embedding", registry.MINILM, "all-MiniLM-L6-v2 in int8, installed with Pincite", registry.NOTHING_LEAVES,
            licence="Apache-2.0", max_tokens=256,
        )  # fmt: skip
    return folder_model("embedding", config.embedding, "an embedding model")


def folder_model(role: str, folder: str, kind: str) -> ConfiguredModel:
    """Describe a model folder."""
    try:
        found = open_folder(folder, kind)
        return ConfiguredModel(
            role, folder, f"{kind} ({found.why})", registry.NOTHING_LEAVES, str(found.weights), found.bytes,
            found.sha256, found.licence, found.max_tokens,
        )  # fmt: skip
    except (PinciteError, OSError, ValueError) as error:
        return ConfiguredModel(role, folder, kind, registry.NOTHING_LEAVES, trouble=str(error))

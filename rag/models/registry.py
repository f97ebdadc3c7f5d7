"""From a name such as `ollama:qwen3` to a language model, and from one such as `minilm` to an embedding."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.config import Config, host_of, is_loopback, proxy_of
from rag.errors import ConfigError, ModelError
from rag.models import ollama, openai
from rag.models.chat import ChatModel
from rag.models.ollama import OllamaModel
from rag.models.openai import OpenAIModel, is_hosted

if TYPE_CHECKING:
    from rag.models.embedding import Embedder

EXTRACTIVE = "extractive"
MINILM = "minilm"
# A model picker shouldn't keep anyone waiting for a server that isn't there.
LOOK = 2.0
NOTHING_LEAVES = "nothing leaves this machine"
WHAT_CHECKING_TAKES = "the sentences of the answer and the quotes that they are checked against"
WHAT_WRITING_TAKES = "the question, the conversation and the abstracts found"


def load(name: str, config: Config, stop: threading.Event | None = None) -> ChatModel | None:
    """Return the model of this name, None for `extractive`. Calls no server. Setting `stop` ends its calls.

    Raises `ConfigError` for an unknown provider, a missing model name or a missing key.
    """
    if name == EXTRACTIVE:
        return None
    provider, _, model = name.partition(":")
    if provider not in ("openai", "ollama") or not model:
        raise ConfigError(
            f"unknown model {name!r}: choose extractive, openai:MODEL (any server of that protocol, with "
            "OPENAI_BASE_URL) or ollama:MODEL"
        )
    if provider == "ollama":
        return OllamaModel(
            model, config.ollama_host, config.context, stop, config.temperature, config.reply_tokens,
            config.reasoning_effort, capped=config.max_cost is not None,
        )  # fmt: skip
    if is_hosted(config.openai_base_url) and not config.openai_api_key:
        raise ConfigError(
            f"no key for {name}: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own that needs none"
        )
    return OpenAIModel(
        model, config.openai_base_url, config.openai_api_key, config.context, stop,
        config.temperature, config.reply_tokens, config.reasoning_effort, capped=config.max_cost is not None,
    )  # fmt: skip


def load_embedder(name: str) -> Embedder:
    """Return the embedding of this name: `minilm`, or a model folder (PINCITE_EMBEDDING).

    Raises `ConfigError` for a name that is neither, and for a folder that can't be used.
    """
    # numpy and the model files: only where something is embedded
    if name == MINILM:
        from rag.models.minilm import MiniLM

        return MiniLM()
    if not Path(name).exists():
        raise ConfigError(
            f"unknown embedding {name!r} (PINCITE_EMBEDDING): choose {MINILM}, or the folder of an embedding model "
            "in ONNX; `pincite models` lists some that it can fetch"
        )
    from rag.models.embedding_folder import FolderEmbedder

    return FolderEmbedder(name)


def available(config: Config) -> list[tuple[str, str]]:
    """List the models that can be chosen now, each with what leaves this machine. Never raises; takes seconds."""
    found = [(EXTRACTIVE, NOTHING_LEAVES)]
    # A server that is down, refuses or has no valid address is simply not offered.
    with contextlib.suppress(ModelError, ConfigError):
        url = ollama.address(config.ollama_host)
        there = ollama.installed(config.ollama_host, LOOK)
        found += [(f"ollama:{model}", _leaving(model, url, on)) for model, on in there.items()]
    # Most of the hosted service's hundred models write no answers: only the configured one is offered there.
    with contextlib.suppress(ModelError, ConfigError):
        if not is_hosted(config.openai_base_url):
            url = openai.address(config.openai_base_url)
            names = openai.served(config.openai_base_url, config.openai_api_key, LOOK)
            found += [(f"openai:{model}", _leaving(model, url)) for model in names]
    with contextlib.suppress(ConfigError):
        chosen = load(config.model, config)
        if chosen is not None and chosen.name not in dict(found):
            found.append((chosen.name, leaving_of(chosen.name, config)))
    return found


def leaving_of(name: str, config: Config, what: str = WHAT_WRITING_TAKES) -> str:
    """Say what leaves this machine with a model of this name. Asks an Ollama server; raises a `ConfigError`."""
    provider, _, model = name.partition(":")
    if provider == "openai":
        return _leaving(model, openai.address(config.openai_base_url), what=what)
    on = None
    with contextlib.suppress(ModelError):  # down, or without this model: only its name is known
        on = ollama.handed_on(model, config.ollama_host, LOOK)
    return _leaving(model, ollama.address(config.ollama_host), on, what)


def leaving_to(host: str) -> str:
    """Say what leaves this machine for a model of the caller's own, which sends its prompts to this host."""
    return NOTHING_LEAVES if is_loopback(f"//{host}") else f"{WHAT_WRITING_TAKES} go to {host}"


def _leaving(model: str, url: str, on: str | None = None, what: str = WHAT_WRITING_TAKES) -> str:
    """Return what leaves this machine for this server, and for the host that it forwards the model's calls to."""
    if on is None and model.endswith((":cloud", "-cloud")):
        on = ollama.CLOUD
    hosts = [] if is_loopback(url) else [host_of(urlsplit(url))]
    hosts += [on] if on else []
    if not hosts:
        return NOTHING_LEAVES
    proxy = proxy_of(url)
    by = f", by way of the proxy {proxy}" if proxy else ""
    return f"{what} go to {' and on to '.join(hosts)}{by}"

"""From a name such as `ollama:qwen3` to a language model."""

from __future__ import annotations

import contextlib
import threading

from rag.config import Config
from rag.errors import ConfigError, ModelError
from rag.models.chat import ChatModel
from rag.models.ollama import OllamaModel, installed
from rag.models.openai import OpenAIModel, is_hosted, served

EXTRACTIVE = "extractive"
# A model picker should not keep anyone waiting for a server that is not there.
LOOK = 2.0


def load(name: str, config: Config, stop: threading.Event | None = None) -> ChatModel | None:
    """Return the model of this name, None for `extractive`. Calls no server. Setting `stop` breaks its calls off.

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
        return OllamaModel(model, config.ollama_host, config.context, stop)
    if is_hosted(config.openai_base_url) and not config.openai_api_key:
        raise ConfigError(
            f"no key for {name}: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own that needs none"
        )
    return OpenAIModel(model, config.openai_base_url, config.openai_api_key, config.context, stop)


def available(config: Config) -> list[tuple[str, str]]:
    """List the models that can be chosen now, each with what leaves this machine. Never raises; takes seconds."""
    found = [(EXTRACTIVE, "nothing leaves this machine")]
    # A server that is down, refuses or has no proper address is simply not offered.
    with contextlib.suppress(ModelError, ConfigError):
        found += [(f"ollama:{model}", _leaving(host)) for model, host in installed(config.ollama_host, LOOK)]
    # Of the hundred models of the hosted service most write no answers: there only the one configured is offered.
    if not is_hosted(config.openai_base_url):
        with contextlib.suppress(ModelError, ConfigError):
            names = served(config.openai_base_url, config.openai_api_key, LOOK)
            found += [(f"openai:{model}", _leaving(host)) for model, host in names]
    with contextlib.suppress(ConfigError):
        chosen = load(config.model, config)
        if chosen is not None and chosen.name not in dict(found):
            found.append((chosen.name, _leaving(chosen.host)))
    return found


def _leaving(host: str) -> str:
    name = host.rpartition(":")[0] or host
    if name in ("127.0.0.1", "localhost", "::1"):
        return "nothing leaves this machine"
    return f"the question, the conversation and the abstracts found go to {host}"

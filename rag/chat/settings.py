"""The model that writes, as chosen on the page: stored in one file of the chat's folder, without secrets.

A key stays in the environment, and goes only to the server that the environment was set up for. Someone who
types another address here must not get it sent there.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from rag.config import Config, from_environment
from rag.errors import ConfigError, InputError
from rag.models import ollama, openai
from rag.models.registry import EXTRACTIVE, load
from rag.serialization import from_json
from rag.views.counts import counted

# Seconds that a test of a connection waits; the first one loads a client, which takes some of them.
PATIENCE = 30.0
# Models that a test names when the one asked for isn't there.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be chosen on the page; an empty text leaves it to the environment."""

    model: str = ""
    openai_base_url: str = ""
    ollama_host: str = ""
    timeout: str = ""


class Settings:
    """The settings of a chat: the environment's, with what was chosen on the page in their place."""

    def __init__(self, file: Path, environment: Config) -> None:
        """Read the file, if there is one. Raises `ConfigError` for one that can't be used."""
        self._file = file
        self.environment = environment
        self.choice = _stored(file)
        self.config = self.of(self.choice)

    def of(self, choice: Choice) -> Config:
        """Return the configuration of a choice. Raises `ConfigError` for a model or an address that can't be one."""
        base = self.environment
        given = {name: value.strip() for name, value in asdict(choice).items() if value.strip()}
        for name in ("openai_base_url", "ollama_host"):
            if {"?", "#"} & set(given.get(name, "")):
                raise ConfigError(f"{given[name][:80]!r} isn't a server's address: leave out what follows ? or #")
        read = from_environment({}, **given)
        config = replace(base, **{name: getattr(read, name) for name in given})
        if _server(config) != _server(base):
            config = replace(config, openai_api_key=None)
        ollama.address(config.ollama_host)
        load(config.model, config)
        return config

    def save(self, choice: Choice) -> Config:
        """Store a choice and use it. Raises `ConfigError` for an unusable one, `InputError` if it can't be stored."""
        config = self.of(choice)
        aside = self._file.with_suffix(".new")
        try:
            aside.touch(mode=0o600)
            aside.write_text(json.dumps(asdict(choice), indent=2) + "\n", encoding="utf-8")
            aside.replace(self._file)
        except OSError as error:
            raise InputError(f"the settings can't be stored ({error.strerror}): free some space, then save") from error
        self.choice, self.config = choice, config
        return config

    def key(self, choice: Choice) -> str:
        """Return where the key comes from, and where it goes, in words; never the key."""
        if not self.environment.openai_api_key:
            return "OPENAI_API_KEY isn't set, so no key is sent."
        host = urlsplit(openai.address(self.environment.openai_base_url)).netloc
        sent = self.of(choice).openai_api_key is not None
        return f"The key is OPENAI_API_KEY of the environment; it goes to {host} alone" + (
            "." if sent else ", so it isn't sent to this address."
        )


def test(config: Config) -> str:
    """Ask the server of the chosen model which models it has; return what it says, as a sentence.

    Raises `ModelError` for a server that can't be reached or refuses.
    """
    provider, _, model = config.model.partition(":")
    if provider == EXTRACTIVE:
        return "No language model is chosen, so there is nothing to reach. Answers are quoted from the abstracts."
    if provider == "ollama":
        names = list(ollama.installed(config.ollama_host, PATIENCE))
    else:
        names = openai.served(config.openai_base_url, config.openai_api_key, PATIENCE)
    count = counted(len(names), "model")
    if model in names or f"{model}:latest" in names:
        return f"The server answers and has {count}; {model} is one of them."
    others = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    return f"The server answers, but has no model {model!r}. It has {count}{f': {others}' if names else ''}."


def _server(config: Config) -> tuple[str, str]:
    parts = urlsplit(openai.address(config.openai_base_url))
    return parts.scheme, parts.netloc


def _stored(file: Path) -> Choice:
    fix = "delete it, or correct it, and start again"
    text = "{}"
    try:
        with contextlib.suppress(FileNotFoundError):
            text = file.read_text(encoding="utf-8")
        given = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: the chat's settings can't be read ({error}): {fix}") from error
    known = set(Choice.__slots__)
    if not isinstance(given, dict) or set(given) - known or not all(isinstance(v, str) for v in given.values()):
        raise ConfigError(f"{file}: holds something else than texts named {', '.join(sorted(known))}: {fix}")
    choice: Choice = from_json(Choice, given)
    return choice

"""Settings: frozen plain values, read once at the edge and passed on. Nothing below reads the environment."""

from __future__ import annotations

import contextlib
import math
import os
import re
import socket
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache, partial
from importlib import metadata
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from rag.errors import ConfigError
from rag.views.suggestion import SURELY, suggestion

# The environment variable of each setting; providers' variables keep the names that their own tools use. `index` has
# none: it belongs to one library, and every other opened library would be put on the server too.
VARIABLES = {
    "library": "PINCITE_LIBRARY",
    "index_token": "PINCITE_INDEX_TOKEN",
    "index_ca": "PINCITE_INDEX_CA",
    "index_timeout": "PINCITE_INDEX_TIMEOUT",
    "model": "PINCITE_MODEL",
    "embedding": "PINCITE_EMBEDDING",
    "reranker": "PINCITE_RERANKER",
    "checker": "PINCITE_CHECKER",
    "prompts": "PINCITE_PROMPTS",
    "papers": "PINCITE_PAPERS",
    "temperature": "PINCITE_TEMPERATURE",
    "reply_tokens": "PINCITE_REPLY_TOKENS",
    "reasoning_effort": "PINCITE_REASONING_EFFORT",
    "repair": "PINCITE_REPAIR",
    "timeout": "PINCITE_TIMEOUT",
    "context": "PINCITE_CONTEXT",
    "cache": "PINCITE_CACHE",
    "prompt_price": "PINCITE_PROMPT_PRICE",
    "completion_price": "PINCITE_COMPLETION_PRICE",
    "max_cost": "PINCITE_MAX_COST",
    "openai_base_url": "OPENAI_BASE_URL",
    "openai_api_key": "OPENAI_API_KEY",
    "ollama_host": "OLLAMA_HOST",
}

# Tokens. A reply may take 1,024 of them, the rules and the question about 900: below this, no evidence fits.
SMALLEST_CONTEXT = 2_048
LARGEST_CONTEXT = 1_000_000_000
# A reply is cut at 16,384 characters (`rag.models.server_calls`), and a token of English has four.
SMALLEST_REPLY, LARGEST_REPLY = 64, 4_096
MOST_PAPERS = 100
HOTTEST = 2.0  # what the servers take
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
# Seconds: a month. Clients and operating systems overflow at more.
LONGEST_TIME = 2_592_000
_SHOWN = 40  # characters of a value that is refused
# Settings that may hold an address, which is checked where it is used, and those that are never shown.
_SERVERS = ("library", "index", "openai_base_url", "ollama_host", "index_token", "openai_api_key")
_USER_INFO = re.compile(r"[a-z]:/{1,2}[^/?#\s]*@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting with its default. A key in the environment alone never chooses a hosted model: `model` does."""

    library: str = "library"
    index: str | None = None  # a collection on a Chroma server that also holds the index, by URL
    index_token: str | None = None
    index_ca: str | None = None  # file of the certificate authority that signed the server's certificate
    index_timeout: float = 10.0  # seconds that one call of that server may take in all
    model: str = "extractive"
    embedding: str = "minilm"
    reranker: str | None = None  # folder of a cross-encoder that reranks the leading papers
    checker: str = "builtin"  # or entailment:FOLDER, openai:MODEL, ollama:MODEL
    prompts: str | None = None  # folder of prompts that replace the shipped ones of the same name
    papers: int | None = None  # papers that an answer is written from; None: 15 by a model, else 10
    temperature: float = 0.0  # of a language model
    reply_tokens: int = 1024  # tokens that one reply of a language model may take
    reasoning_effort: str | None = None  # of a model that thinks; None: low where it's known to think
    repair: bool = True  # give sentences that the check doubts back to the model, once
    timeout: float = 120.0  # seconds that one answer may take in all
    context: int | None = None  # tokens that a model's prompt and reply may take together; None asks its server
    cache: bool = True  # keep a model's replies, so that an identical question is free
    prompt_price: float | None = None  # price per million prompt tokens, in any currency
    completion_price: float | None = None
    max_cost: float | None = None  # that one answer may come to at these prices
    openai_base_url: str | None = None
    openai_api_key: str | None = None
    ollama_host: str | None = None

    def __repr__(self) -> str:
        """Show every setting except the secrets."""
        shown = {f.name: getattr(self, f.name) for f in fields(self)}
        secret = [name for name, value in shown.items() if isinstance(value, str) and _holds_at_sign(value)]
        shown |= {name: "(set)" for name in ("openai_api_key", "index_token", *secret) if shown[name]}
        return f"Config({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def from_environment(environment: Mapping[str, str] = os.environ, **overrides: object) -> Config:
    """Read the settings: an override that is not None wins over the environment, which wins over the default.

    Raises `ConfigError` for an unknown override, an unknown `PINCITE_…` variable or a value of the wrong kind.
    """
    names = {f.name for f in fields(Config)}
    unknown = sorted(set(overrides) - names)
    if unknown:
        raise ConfigError(f"unknown setting {unknown[0]!r}: {suggestion(unknown[0], sorted(names), SURELY)}")
    strange = sorted(v for v in environment if v.startswith("PINCITE_") and v not in VARIABLES.values())
    if strange:
        known = [v for v in VARIABLES.values() if v.startswith("PINCITE_")]
        raise ConfigError(
            f"unknown environment variable {strange[0]}, to rename or unset: {suggestion(strange[0], known, SURELY)}"
        )
    values: dict[str, object] = {n: environment[v] for n, v in VARIABLES.items() if environment.get(v)}
    values |= {name: value for name, value in overrides.items() if value is not None}
    _refuse_user_info(values)
    values |= {name: read(VARIABLES[name], values[name]) for name, read in _READ.items() if name in values}
    return Config(**values)  # type: ignore[arg-type]  # names and types are checked above


def _refuse_user_info(values: Mapping[str, object]) -> None:
    """Raise `ConfigError` for an address with a password where none belongs: its own check would show the value."""
    for name, value in values.items():
        if name not in _SERVERS and isinstance(value, str) and _USER_INFO.search(value):
            raise ConfigError(
                f"{VARIABLES.get(name, name)} holds an address with a user's name or password, which messages would "
                "show: this setting names no server, leave the address out"
            )


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for what belongs to the user rather than to a library: XDG's data folder."""
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "pincite"


def _number(variable: str, value: object, most: float = math.inf) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if not 0 < number < math.inf:
        raise ConfigError(f"{variable}={_shown(value)} isn't a number above 0: give one, such as 120")
    if number > most:
        raise ConfigError(f"{variable}={_shown(value)} is more than {most:,} seconds: give less, such as 120")
    return number


def _whole(variable: str, value: object, least: int, most: int) -> int:
    try:
        number = int(str(value)) if str(value).isdecimal() else -1
    except ValueError:  # more digits than Python reads
        number = -1
    if not least <= number <= most:
        raise ConfigError(f"{variable}={_shown(value)} isn't a whole number from {least:,} to {most:,}: give one")
    return number


def _temperature(variable: str, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if not 0 <= number <= HOTTEST:
        raise ConfigError(f"{variable}={_shown(value)} isn't a number from 0 to 2: give one, such as 0")
    return number


def _tokens(variable: str, value: object) -> int:
    try:
        number = int(str(value)) if str(value).isdecimal() else 0
    except ValueError:  # more digits than Python reads
        number = 0
    if not SMALLEST_CONTEXT <= number <= LARGEST_CONTEXT:
        raise ConfigError(
            f"{variable}={_shown(value)} isn't a whole number of at least {SMALLEST_CONTEXT:,} tokens: "
            "give the model's context window, such as 8192"
        )
    return number


def _effort(variable: str, value: object) -> str:
    if value not in EFFORTS:
        raise ConfigError(f"{variable}={_shown(value)} isn't an effort: give one of {', '.join(EFFORTS)}")
    return str(value)


def _switch(variable: str, value: object) -> bool:
    known = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}
    if str(value).lower() not in known:
        raise ConfigError(f"{variable}={_shown(value)} is neither on nor off: give one of {', '.join(known)}")
    return known[str(value).lower()]


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # more digits than Python writes
        return "a number of thousands of digits"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_READ: dict[str, Callable[[str, object], object]] = {
    "timeout": partial(_number, most=LONGEST_TIME),
    "index_timeout": partial(_number, most=LONGEST_TIME),
    "prompt_price": _number,
    "completion_price": _number,
    "max_cost": _number,
    "context": _tokens,
    "papers": partial(_whole, least=1, most=MOST_PAPERS),
    "reply_tokens": partial(_whole, least=SMALLEST_REPLY, most=LARGEST_REPLY),
    "temperature": _temperature,
    "reasoning_effort": _effort,
    "cache": _switch,
    "repair": _switch,
}


@cache
def version() -> str:
    """Return the installed version, `source` when run from a checkout."""
    try:
        return metadata.version("pincite")
    except metadata.PackageNotFoundError:
        return "source"


# --- addresses of servers, parsed and checked without ever showing a password ---


def split_address(setting: str, given: str, example: str) -> SplitResult:
    """Return the parts of an http or https address.

    Raises `ConfigError` for anything else, and for an address with a user name or password in it, which would end
    up in messages and logs.
    """
    fix = f"give one such as {example}"
    try:
        parts = urlsplit(given)
        whole = parts.scheme in ("http", "https") and parts.hostname and not any(map(str.isspace, parts.netloc))
        (parts.hostname or "").encode("idna")
        parts.port  # noqa: B018  reading it is what checks it
    except ValueError:
        whole = None
    if _holds_at_sign(given):
        raise ConfigError(
            f"{setting} holds a user's name or password, which messages would show: {fix}, and put a key or "
            "token into its own variable"
        )
    if not whole:
        raise ConfigError(f"{setting}={given[: 2 * _SHOWN]!r} isn't an address: {fix}")
    return parts


def _holds_at_sign(text: str) -> bool:
    """Return whether a text holds an @, also a wide one, which clients read as one."""
    return "@" in unicodedata.normalize("NFKC", text)


def host_of(parts: SplitResult) -> str:
    """Return the host with its port, as messages name it."""
    name = parts.hostname or ""
    name = f"[{name}]" if ":" in name else name
    return name if parts.port is None else f"{name}:{parts.port}"


def is_loopback(url: str) -> bool:
    """Return whether a server is on this machine, however its address is written."""
    name = urlsplit(url).hostname or ""
    if name.rstrip(".") == "localhost":
        return True
    found = _numeric(name)
    mapped = getattr(found, "ipv4_mapped", None)
    return found is not None and ((mapped or found).is_loopback or found.is_unspecified)


def _numeric(name: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a number means when connecting to it (`127.1`, `2130706433`); None: a name."""
    with contextlib.suppress(ValueError):
        return ip_address(name)
    with contextlib.suppress(OSError):
        return IPv4Address(socket.inet_aton(name))
    return None


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for calls of this server, None where it is called without one.

    Every client gets it from here: each reads NO_PROXY in a way of its own, and the page states what is used.
    Raises `ConfigError` for a proxy that isn't an address, without showing it.
    """
    parts, proxies = urlsplit(url), getproxies()
    given = proxies.get(parts.scheme) or proxies.get("all")
    host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    excluded = any(_excludes(entry, host, port) for entry in proxies.get("no", "").split(","))
    if not given or excluded or is_loopback(url) or proxy_bypass(host_of(parts)):
        return None
    whole = given if "://" in given else f"http://{given}"
    try:
        proxy = urlsplit(whole)
        sound = proxy.scheme in ("http", "https", "socks5", "socks5h") and proxy.hostname and (proxy.port or True)
    except ValueError:
        sound = False
    if not sound:
        raise ConfigError(
            f"the proxy for {parts.scheme} (HTTP_PROXY, HTTPS_PROXY or ALL_PROXY) isn't an address: "
            "give one such as http://proxy:3128"
        )
    return whole


def _excludes(entry: str, host: str, port: int | None) -> bool:
    """Return whether an entry of NO_PROXY names this server: a host, with or without a dot or port, or a network."""
    name = entry.strip().lower().rpartition("://")[2]
    inside, bracket, after = name.rpartition("]")
    if bracket:
        name, only = inside.strip("["), after.strip(":")
    else:
        name, _, only = name.partition(":") if name.count(":") == 1 else (name, "", "")
    if name == "*" or (only and only != str(port)):
        return name == "*"
    with contextlib.suppress(ValueError):
        return ip_address(host) in ip_network(name, strict=False)
    domain = name.removeprefix("*").strip(".")
    return bool(domain) and f".{host.rstrip('.')}".endswith(f".{domain}")


def proxy_of(url: str) -> str | None:
    """Return the proxy of `proxy_for` as it may be shown, without its password."""
    proxy = proxy_for(url)
    return None if proxy is None else host_of(urlsplit(proxy))

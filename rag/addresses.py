"""Server addresses from settings: parsed and checked without ever showing a password."""

from __future__ import annotations

import contextlib
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from rag.errors import ConfigError

_SHOWN = 80  # characters of a refused value that a message shows


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
    if "@" in given and not (whole and "@" not in parts.netloc):
        raise ConfigError(
            f"{setting} holds a user's name or password, which messages would show: {fix}, and put a key or "
            "token into its own variable"
        )
    if not whole:
        raise ConfigError(f"{setting}={given[:_SHOWN]!r} isn't an address: {fix}")
    return parts


def host_of(parts: SplitResult) -> str:
    """Return the host with its port, as messages name it."""
    name = parts.hostname or ""
    name = f"[{name}]" if ":" in name else name
    return name if parts.port is None else f"{name}:{parts.port}"


def is_loopback(url: str) -> bool:
    """Return whether a server is on this machine."""
    name = urlsplit(url).hostname or ""
    if name == "localhost":
        return True
    with contextlib.suppress(ValueError):  # a name, not a number
        return ip_address(name).is_loopback
    return False


def proxy_of(url: str) -> str | None:
    """Return the proxy that the environment names for calls of this server, without its password; None: no proxy."""
    parts = urlsplit(url)
    if is_loopback(url) or proxy_bypass(host_of(parts)):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy.rpartition("://")[2].rpartition("@")[2].rstrip("/") if proxy else None

"""A request to a web service: its reply is limited in time and size, and must come from the service's own host.

It is kept apart from `rag.sources`: reading files imports no network client.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from rag.config import proxy_for, proxy_of
from rag.errors import ConfigError, FetchError
from rag.models.call_limits import CallLimits

# Seconds for a whole reply, and for any silence within it.
SECONDS, SILENCE = 120.0, 60.0
# Bytes of a reply, unpacked: a hundred works of OpenAlex take up to ten million.
MOST_BYTES = 64 * 2**20


class UnreachedError(FetchError):
    """There was no connection."""


@contextmanager
def client(url: str, headers: Mapping[str, str]) -> Iterator[httpx.Client]:
    """Yield a client for a service.

    Raises `ConfigError` for a proxy in the environment that can't be used.
    """
    one_each = httpx.Limits(max_keepalive_connections=0)  # makes sure that it is this request's connection that is cut
    try:
        transport = httpx.HTTPTransport(proxy=proxy_for(url), limits=one_each)
    except ImportError as error:  # a proxy over SOCKS, for which a package of its own is needed
        raise ConfigError(f"the proxy {proxy_of(url)} can't be used ({error})") from error
    with httpx.Client(headers=headers, transport=transport, follow_redirects=True) as made:
        yield made


def get(of: httpx.Client, name: str, url: str, parameters: Mapping[str, str] | None = None) -> httpx.Response:
    """Return a reply of a service with its whole body, whatever its status.

    Raises `UnreachedError` where there is no connection, `FetchError` where the reply never ends, is too large or
    can't be read, or sends us to another host.
    """
    limits = CallLimits(time.monotonic() + SECONDS, most=MOST_BYTES, accepts="gzip")

    def at_home(response: httpx.Response) -> None:
        if response.has_redirect_location:
            host = response.url.join(response.headers["location"]).host
            if host != response.url.host:
                limits.refuse(f"us to another host, {host[:80]!r}")

    of.event_hooks = {"request": limits.hooks["request"], "response": [*limits.hooks["response"], at_home]}
    try:
        with limits:
            return of.get(url, params=parameters, timeout=min(SILENCE, limits.seconds_left))
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise UnreachedError(f"{name}: can't be reached ({type(error).__name__}): check the network") from error
    except Exception as error:  # what the service sends decides which error the client raises
        if limits.refused:
            raise FetchError(f"{name}: sent {limits.refused}: try again later") from error
        if limits.expired or isinstance(error, httpx.TimeoutException):
            raise FetchError(f"{name}: gave no whole reply in time: try again later") from error
        raise FetchError(f"{name}: broke off its reply ({type(error).__name__}): try again later") from error

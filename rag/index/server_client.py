"""Calls to a Chroma server over HTTP, each with a deadline, few retries and our own errors.

Chroma's own client (1.5.9) waits forever for a silent server, loses the status of a refusal, and embeds any text it is
given with whatever model the stored collection names. So the few calls that Pincite needs of the server's interface
(version 2: `/openapi.json` of any server) are made here, the same for `chroma run` and the distributed deployment.
Every call is idempotent.
"""

from __future__ import annotations

import json
import logging
import random
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote

import httpx

from rag.config import Config, host_of, is_loopback, split_address
from rag.errors import (
    ConfigError,
    LibraryError,
    ServerError,
    ServerRefusedError,
    ServerReplyError,
    ServerTimeoutError,
    ServerUnreachableError,
)
from rag.models.call_limits import CallLimits
from rag.views.printable import printable

log = logging.getLogger("pincite")

# Seconds before the second, third and fourth try, each times a random 0.5 to 1.5 so that callers don't all return at
# once. Together they are about what a server needs to restart.
PAUSES = (0.25, 0.75, 2.0)
# Statuses worth a retry: too many requests, and a server or a proxy in trouble.
AGAIN = frozenset({429, 500, 502, 503, 504})
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]")
_URL = re.compile(r"https?:/|[a-z][a-z0-9+.-]+://", re.IGNORECASE)  # a Path folds two slashes into one
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
_SHOWN = 200  # characters of a server's message that are shown
# Bytes of one response, unpacked: 300 records, each with a vector as text and 200,000 characters.
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a collection: `base` is the server's URL, with the path before its interface if it has one."""

    base: str
    collection: str
    tenant: str = "default_tenant"
    database: str = "default_database"

    def __str__(self) -> str:
        return f"{self.base}/{self.collection}"

    @property
    def loopback(self) -> bool:
        """Whether the server is on this machine."""
        return is_loopback(self.base)


def is_address(place: object) -> bool:
    """Return whether this names a server rather than a folder."""
    return _URL.match(str(place)) is not None


def parse_address(url: str) -> Address:
    """Parse `http://host:8000/COLLECTION`, with `?tenant=…&database=…` if the server has several.

    Raises `ConfigError` for a URL without a collection, or with a secret in it, which would end up in logs.
    """
    expected = "write it as http://host:8000/COLLECTION"
    parts = split_address("the address of the index", url, "http://host:8000/COLLECTION, or name a folder")
    before, _, name = parts.path.rstrip("/").rpartition("/")
    shown = f"{parts.scheme}://{host_of(parts)}{parts.path}"  # the rest may hold a token
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{shown!r} names no collection on a Chroma server: {expected}; a name has 3 to 512 of a-z A-Z 0-9 . _ -"
        )
    asked = parse_qs(parts.query)
    unknown = sorted(set(asked) - {"tenant", "database"})
    if unknown:
        raise ConfigError(
            f"{shown!r}: something unknown follows the question mark: only tenant and database are allowed there"
        )
    chosen = {key: values[-1] for key, values in asked.items()}
    return Address(f"{parts.scheme.lower()}://{parts.netloc}{before}", name, **chosen)


class MissingError(Exception):
    """The server reports that something doesn't exist. Never leaves this package."""


class Server:
    """One database of a Chroma server. Several threads may call.

    Every call raises a `ServerError`, or `MissingError` for what doesn't exist.
    """

    def __init__(self, address: Address, config: Config) -> None:
        self.address = address
        self._seconds = config.index_timeout
        self._token = config.index_token
        secure = address.base.startswith("https:")
        if self._token and not secure and not address.loopback:
            log.warning("%s: the token travels unencrypted: use https://", address)
        place = f"tenants/{quote(address.tenant, safe='')}/databases/{quote(address.database, safe='')}"
        self._base = f"{address.base}/api/v2/"
        self._place = f"{self._base}{place}/"
        self._headers = _headers(self._token)
        self._verify = _trusted(config.index_ca) if secure else False
        # Idle clients, each with one open connection, so that the limits of one call can't cut off another call.
        self._idle: list[tuple[httpx.Client, Any]] = []

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        while self._idle:
            client, _ = self._idle.pop()
            client.close()

    def _connections(self) -> httpx.Client:
        # `trust_env`: a proxy or a .netrc from the environment would get abstracts, or send another token.
        return httpx.Client(headers=self._headers, verify=self._verify, trust_env=False)

    def about(self) -> dict[str, Any]:
        """Return what the server supports: the largest batch, and whether vectors may be in base 64."""
        try:
            found = self._call("GET", f"{self._base}pre-flight-checks", None)
        except MissingError:
            return {}
        return found if isinstance(found, dict) else {}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Make one call within the tenant's database and return the JSON of the response."""
        return self._call(method, self._place + path, body)

    def _call(self, method: str, url: str, body: Any) -> Any:
        deadline = time.monotonic() + self._seconds
        content = None if body is None else json.dumps(body).encode()
        for pause in (*(p * random.uniform(0.5, 1.5) for p in PAUSES), None):
            try:
                return self._once(method, url, content, deadline)
            except _PassingError as trouble:
                if pause is None or time.monotonic() + pause >= deadline:
                    # Not chained: the client's own error holds the request with its token.
                    raise trouble.error from None
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _once(self, method: str, url: str, content: bytes | None, deadline: float) -> Any:
        try:
            client, connection = self._idle.pop()
        except IndexError:
            client, connection = self._connections(), None
        limits = CallLimits(deadline, most=MOST_BYTES, connection=connection)
        client.event_hooks = limits.hooks
        try:
            with limits, self._explained(limits):
                response = client.request(method, url, content=content, timeout=limits.seconds_left)
        except BaseException:
            client.close()
            raise
        self._idle.append((client, limits.connection))
        return self._read(response.status_code, response.content)

    def _read(self, status: int, content: bytes) -> Any:
        """Return the JSON of a response, or raise the error for its status."""
        if status in (401, 403):
            fix = "it doesn't accept PINCITE_INDEX_TOKEN: set another" if self._token else "set PINCITE_INDEX_TOKEN"
            raise ServerRefusedError(f"{self.address}: refused with status {status}: {fix}")
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            found = None
        detail = found.get("message") or found.get("error") if isinstance(found, dict) else None
        if status == 404 and detail:
            raise MissingError(self._shown(detail))
        if status in AGAIN:
            raise _PassingError(
                ServerReplyError(
                    f"{self.address}: the server fails (status {status}: {self._shown(detail)}): see its log"
                )
            )
        if status >= 400 and detail:
            raise ServerReplyError(
                f"{self.address}: the server doesn't support this call (status {status}: {self._shown(detail)}): "
                "see its version"
            )
        if status >= 300 or (found is None and content.strip() != b"null"):
            start = content[:40].decode(errors="replace")
            raise ServerReplyError(
                f"{self.address}: the server there isn't a Chroma server ({status}, {start!r}): check host and port"
            )
        return found

    @contextmanager
    def _explained(self, limits: CallLimits) -> Iterator[None]:
        """Turn the client's errors into ours."""
        try:
            yield
        except httpx.ConnectError as error:
            raise self._unconnected(error) from None
        except Exception as error:  # noqa: BLE001 - the server's data decides which error the client raises
            raise self._broken_off(error, limits) from None

    def _broken_off(self, error: Exception, limits: CallLimits) -> Exception:
        if limits.refused:
            return ServerReplyError(f"{self.address}: the server sent {limits.refused}: check host and port")
        if limits.expired or isinstance(error, httpx.TimeoutException):
            return ServerTimeoutError(
                f"{self.address}: no answer within {self._seconds:g} s: check whether the server is busy, or raise "
                "PINCITE_INDEX_TIMEOUT"
            )
        if isinstance(error, httpx.TransportError):
            return _PassingError(
                ServerUnreachableError(
                    f"{self.address}: the connection broke off ({error}): check that the server is running"
                )
            )
        return ServerReplyError(f"{self.address}: the server's answer can't be read ({error}): check host and port")

    def _unconnected(self, error: httpx.ConnectError) -> Exception:
        untrusted = _ssl_error(error)
        if untrusted is not None:
            return ServerUnreachableError(
                f"{self.address}: no connection that can be trusted ({untrusted}): name the file of its certificate "
                "authority in PINCITE_INDEX_CA, or check host and port"
            )
        why = _ERRNO.sub("", str(error))
        return _PassingError(
            ServerUnreachableError(
                f"{self.address}: no connection ({why}): start it with `chroma run`, or check host and port"
            )
        )

    def _shown(self, detail: object) -> str:
        """Return a server's message fit to show: short, and without the token."""
        text = str(detail).replace(self._token, "(token)") if self._token else str(detail)
        return printable(" ".join(text.split())[:_SHOWN])


class _PassingError(Exception):
    """A failure worth a retry."""

    def __init__(self, error: ServerError) -> None:
        self.error = error


def _ssl_error(error: BaseException) -> str | None:
    """Return what went wrong in setting up a secure connection, None if something else did."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        if isinstance(cause, ssl.SSLError):
            return str(cause.reason)
        cause = cause.__cause__ or cause.__context__
    return None


def _headers(token: str | None) -> dict[str, str]:
    """Return the headers of every call: proxies read the token from the first, Chroma's own cloud from the second.

    Raises `ConfigError`, without showing the token, if no header can hold it.
    """
    if token and not (token.isascii() and token.isprintable()):
        raise ConfigError("PINCITE_INDEX_TOKEN holds a line break or a character outside ASCII: copy the token again")
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return headers | ({"Authorization": f"Bearer {token}", "X-Chroma-Token": token} if token else {})


def _trusted(authority: str | None) -> ssl.SSLContext:
    """Return what checks certificates: the system's authorities, or only the one in this file."""
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"PINCITE_INDEX_CA={authority!r} can't be read ({error}): name a file of certificates in PEM form"
        ) from None


def missing_collection(address: Address, detail: object) -> LibraryError:
    """Return the error for a missing collection."""
    return LibraryError(
        f"{address}: there is no such collection ({detail}): check the name, or put a library there with "
        f"`pincite add FILE… --library DIR --index {address}`"
    )

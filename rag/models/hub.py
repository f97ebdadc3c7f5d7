"""A few published models that `pincite models get` fetches from a model hub; nothing else downloads anything.

`published.json` lists them, each at one commit. The sha256 of weights and tokenizer are listed too; for the small files
beside them, which the commit pins, the first fetch writes it into a lock file, and a later fetch must find the same.
The hub's own client makes the requests, without a token, without telemetry and without its second protocol, Xet.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.config import is_loopback
from rag.errors import ConfigError, FetchError
from rag.models.call_limits import CallLimits
from rag.models.model_folder import OWN
from rag.serialization import parse_json
from rag.views.suggestion import suggestion

HUB = "https://huggingface.co"
LOCK = "pincite-lock.json"
_LIST = Path(__file__).with_name("published.json")
# A model needs all of these; other files are fetched where the repository has them.
_NEEDED = ("config.json", "tokenizer.json", ".onnx")

# Seconds for a list of files, or for a file on top of what its size takes at this many bytes a second.
SECONDS, SLOWEST = 60.0, 50_000
# Bytes of a list of files; a file is no larger than its whole model, or this many.
SMALL = 16 * 2**20

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Published:
    """A model on a hub, at one commit.

    `files` holds the sha256 of each, None where it isn't known beforehand. `use` is the setting that takes the model's
    folder, up to where the folder goes.
    """

    name: str
    what: str
    use: str
    repository: str
    revision: str
    licence: str
    bytes: int
    files: Mapping[str, str | None]
    own: Mapping[str, Any] = field(default_factory=dict)


def published() -> dict[str, Published]:
    """Return the models that can be fetched, by name."""
    listed = json.loads(_LIST.read_text(encoding="utf-8"))
    return {name: Published(name=name, **given) for name, given in listed.items()}


def find(name: str) -> Published:
    """Return the model of this name. Raises `ConfigError`."""
    listed = published()
    if name not in listed:
        raise ConfigError(f"unknown model {name!r}: {suggestion(name, listed)}")
    return listed[name]


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for fetched models."""
    caches = environment.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else Path.home() / ".cache") / "pincite" / "models"


def is_fetched(model: Published, cache: Path) -> bool:
    """Return whether every file that the model needs is there."""
    return all((cache / model.name / name).is_file() for name in model.files if _is_needed(name))


def fetch(model: Published, cache: Path, hub: str = HUB, say: Say = lambda _: None) -> Path:
    """Fetch what isn't there yet, and return the model's folder. An interrupted fetch resumes where it stopped.

    Raises `FetchError` where the hub can't be reached, or where a file isn't the pinned one.
    """
    folder = cache / model.name
    folder.mkdir(parents=True, exist_ok=True)
    lock = _Lock(folder / LOCK, model)
    with _speaking_to(hub, model):
        names = _listing(hub, model)
        for name in model.files:
            if name in names:
                _fetch_file(model, name, folder, hub, lock, say)
            elif _is_needed(name):
                raise FetchError(f"{hub}: {model.repository} has no {name} at {model.revision[:12]}: try another hub")
    if model.own:
        (folder / OWN).write_text(json.dumps(model.own, indent=2) + "\n", encoding="utf-8")
    return folder


def _is_needed(name: str) -> bool:
    return name in _NEEDED or name.endswith(_NEEDED[-1])


class _Lock:
    """The sha256 of each file of a model: as listed, else as first fetched, kept in a file next to them."""

    def __init__(self, path: Path, model: Published) -> None:
        self._path = path
        self._model = model
        try:
            kept = parse_json(path.read_text(encoding="utf-8")) if path.is_file() else {}
            # Another commit has other files, so what was recorded for the last one doesn't apply.
            self._kept: dict[str, str] = dict(kept["files"]) if kept.get("revision") == model.revision else {}
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise ConfigError(f"{path} can't be read: delete the folder {path.parent} and fetch it again") from error

    def expected(self, name: str) -> str | None:
        return self._model.files[name] or self._kept.get(name)

    def keep(self, name: str, sha256: str) -> None:
        self._kept[name] = sha256
        given = {"repository": self._model.repository, "revision": self._model.revision, "files": self._kept}
        self._path.write_text(json.dumps(given, indent=2) + "\n", encoding="utf-8")


def _listing(hub: str, model: Published) -> frozenset[str]:
    """Return the names of the repository's files at the pinned commit."""
    from huggingface_hub import HfApi

    with _limited(hub, SECONDS, SMALL):
        info = HfApi(endpoint=hub, token=False).model_info(model.repository, revision=model.revision)
    if info.sha != model.revision:
        raise FetchError(
            f"{hub}: gives commit {str(info.sha)[:12]} of {model.repository} where {model.revision[:12]} is pinned: "
            "don't use this hub"
        )
    return frozenset(each.rfilename for each in info.siblings or ())


def _fetch_file(model: Published, name: str, folder: Path, hub: str, lock: _Lock, say: Say) -> None:
    file, expected = folder / name, lock.expected(name)
    if file.is_file() and expected == _sha256(file):
        return
    say(f"fetching {name}")
    part = folder / ".parts" / f"{model.revision[:12]}-{name.replace('/', '-')}"
    part.parent.mkdir(exist_ok=True)
    _download(model, name, hub, part)
    found = _sha256(part)
    if expected not in (None, found):
        part.unlink()
        raise FetchError(
            f"{hub}: {name} of {model.repository} has sha256 {found[:12]}…, and {str(expected)[:12]}… is pinned: "
            "nothing of it was kept, fetch it again, and from another hub if that fails too"
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    part.replace(file)
    lock.keep(name, found)


def _download(model: Published, name: str, hub: str, part: Path) -> None:
    """Fetch the rest of a file into `part`, which keeps what arrived if the connection breaks."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented, not re-exported

    url = hf_hub_url(model.repository, name, revision=model.revision, endpoint=hub)
    most = max(model.bytes, SMALL)
    with _limited(hub, SECONDS + most / SLOWEST, most):
        about = get_hf_file_metadata(url, token=False)
        have = part.stat().st_size if part.is_file() else 0
        if about.size is None or have > about.size:
            part.unlink(missing_ok=True)
            have = 0
        with part.open("ab") as file:
            headers = build_hf_headers(token=False)
            http_get(
                about.location, file, resume_size=have, headers=headers, expected_size=about.size,
                displayed_filename=name,
            )  # fmt: skip


@contextmanager
def _limited(hub: str, seconds: float, most: int) -> Iterator[None]:
    """Limit the requests of the hub's client in time, and to this many bytes."""
    import httpx2  # what the hub's client is built on
    from huggingface_hub import set_client_factory
    from huggingface_hub.utils._http import default_client_factory

    limits = CallLimits(time.monotonic() + seconds, most=most)

    def watched() -> Any:
        client = default_client_factory()
        if is_loopback(hub):  # a proxy would get what is meant for this machine only
            client.close()
            transport = httpx2.HTTPTransport()
            client = httpx2.Client(
                event_hooks=client.event_hooks, follow_redirects=True, timeout=None, transport=transport
            )
        for kind, hooks in limits.hooks.items():
            client.event_hooks = client.event_hooks | {kind: [*client.event_hooks[kind], *hooks]}
        client.event_hooks = client.event_hooks | {"response": [_hurried, *client.event_hooks["response"]]}
        return client

    set_client_factory(watched)
    try:
        with limits:
            yield
    except Exception as error:
        why = f"sent {limits.refused}" if limits.refused else "took too long" if limits.expired else None
        if why is None:
            raise
        raise FetchError(f"{hub}: {why}: run the same command again, or choose another hub in HF_ENDPOINT") from error
    finally:
        set_client_factory(default_client_factory)


def _hurried(response: Any) -> None:
    """Drop how long the hub asks to wait: its client would sleep that long."""
    for name in ("retry-after", "ratelimit"):
        response.headers.pop(name, None)


@contextmanager
def _speaking_to(hub: str, model: Published) -> Iterator[None]:
    """Have the hub's client fetch files alone, and turn its errors into one line."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when the client is loaded, as the next one
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]  # documented, not re-exported

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        yield
    except FetchError:
        raise
    except Exception as error:  # the client passes on those of whichever HTTP library it uses
        given = (str(error).splitlines() or [""])[0]
        raise FetchError(
            f"{hub}: {model.repository} can't be fetched ({type(error).__name__}: {given[:200]}): check the network "
            "and HF_ENDPOINT; the same command resumes where this one stopped"
        ) from error


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

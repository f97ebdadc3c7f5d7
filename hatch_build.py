"""How the wheel is made: one package, `pincite`, of what lies in `rag/`, `eval/`, `prompts/` and `app.py` here.

Names as common as those would clash with a team's own folders, so an installed Pincite has none of them at its top. The
files are copied under `pincite/` and the names of modules in them written anew; the build fails where one is left over.
An editable install takes the checkout as it is, with the folder `pincite/` that gives its modules their second name.
"""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Where each top-level name of the checkout goes, as a path and as a module.
PLACES = {"rag": "pincite", "eval": "pincite/eval", "prompts": "pincite/prompts", "app.py": "pincite/app.py"}
MODULES = {"rag": "pincite", "eval": "pincite.eval", "app": "pincite.app"}

_IMPORT = re.compile(rf"^( *from )({'|'.join(MODULES)})(?=[. ])", re.MULTILINE)
# In comments, docstrings and messages. `eval` and `app` are words as well, which only their commands tell apart.
_SAID = re.compile(r"(?<![\w./'\"-])rag(?=\.[A-Za-z_])|(?<=python -m )(?:rag|eval)\b")
_MODULE = re.compile(r"(?:rag|eval|app)(?:\.\w+)+")


class LeftOverError(Exception):
    """A module of the wheel still names one of the checkout."""


class OnePackage(BuildHookInterface):  # type: ignore[type-arg]  # generic over a configuration that no hook names
    """Makes the tree that the wheel is packed from, and deletes it afterwards."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the tree, and have it packed."""
        if version == "editable":
            return
        root, self._tree = Path(self.root), tempfile.TemporaryDirectory(prefix="pincite-wheel-")
        for source in (path for top in PLACES for path in _files(root / top)):
            name = source.relative_to(root).as_posix()
            if not self.build_config.path_is_excluded(name):  # by .gitignore
                copy(source, Path(self._tree.name) / place(name))
        build_data["force_include"][f"{self._tree.name}/pincite"] = "pincite"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Delete the tree."""
        if version != "editable":
            self._tree.cleanup()


def _files(top: Path) -> list[Path]:
    return [top] if top.is_file() else [path for path in top.rglob("*") if path.is_file()]


def place(name: str) -> str:
    """Return where a file of the checkout goes in the wheel."""
    top, slash, rest = name.partition("/")
    return PLACES[top] + slash + rest


def copy(source: Path, target: Path) -> None:
    """Copy a file, a module with the names in it written anew."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix != ".py":
        shutil.copyfile(source, target)
        return
    text = renamed(source.read_text(encoding="utf-8"))
    if left := left_over(text):
        raise LeftOverError(f"{source}: names {', '.join(left)}, not in the wheel: write `from MODULE import NAME`")
    target.write_text(text, encoding="utf-8")


def renamed(text: str) -> str:
    """Write every name of a module of the checkout as it is in the wheel."""
    text = _IMPORT.sub(lambda found: found[1] + MODULES[found[2]], text)
    return _SAID.sub(lambda found: MODULES[found[0]], text)


def left_over(text: str) -> list[str]:
    """Return the modules of the checkout that code imports or holds as a text."""
    named = (name for node in ast.walk(ast.parse(text)) for name in _modules(node))
    return sorted({name for name in named if name.partition(".")[0] in MODULES})


def _modules(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
        case ast.Constant(value=str(text)) if _MODULE.fullmatch(text):
            return [text]
    return []

"""How many files a question, an add and a sentence pass through: walks over the calls in the syntax tree.

    python -m bench.walks [CHECKOUT]

A walk starts at one function and enters the functions that it calls, in the order of the source and each once, three
levels deep or to the end. A stay is a stretch of it within one file. Calls are resolved by imports, and those through
objects by names of methods that only one class has: the figures compare layouts with each other, and nothing else.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

DEPTH = 3
# The names that the function at the start of each walk has had, and parts of those of its module.
STARTS = {
    "a question": (("AnswerRun.steps", "_Run.steps"), ("pipeline",)),
    "an add": (("Add.run",), ("library.ingest", "adding")),
    "a sentence": (("compare",), ("verify.builtin",)),
}
# Methods that have the name of one of Python's own, such as `dict.get`.
COMMON = frozenset(name for kind in (dict, list, set, str, bytes, tuple, Path) for name in dir(kind))


@dataclass
class Module:
    """What a file defines by qualified name, and what it imports by local name, as module and name."""

    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)


def read(root: Path) -> dict[str, Module]:
    """Read the modules of `rag` by their dotted names."""
    modules = {}
    for file in sorted((root / "rag").rglob("*.py")):
        name = ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        module = modules[name] = Module()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                module.imported |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
            elif isinstance(node, ast.ClassDef):
                methods = (part for part in node.body if isinstance(part, ast.FunctionDef))
                module.functions |= {f"{node.name}.{method.name}": method for method in methods}
            elif isinstance(node, ast.FunctionDef):
                module.functions.setdefault(node.name, node)
    return modules


class Walker:
    """Follows calls from function to function."""

    def __init__(self, modules: dict[str, Module]) -> None:
        self.modules = modules
        self.methods = defaultdict[str, list[tuple[str, str]]](list)
        for name, module in modules.items():
            for function in module.functions:
                if "." in function:
                    self.methods[function.partition(".")[2]].append((name, function))

    def walk(self, at: tuple[str, str], depth: int | None, seen: set[tuple[str, str]]) -> Iterator[str]:
        """Yield the module of each function that is entered."""
        seen.add(at)
        yield at[0]
        if depth == 0:
            return
        node = self.modules[at[0]].functions[at[1]]
        for call in (part for part in in_order(node) if isinstance(part, ast.Call)):
            found = self.resolve(call.func, at)
            if found is not None and found not in seen:
                yield from self.walk(found, None if depth is None else depth - 1, seen)

    def resolve(self, called: ast.expr, at: tuple[str, str]) -> tuple[str, str] | None:
        """Return the module and the function that a call means, None where it can't be known."""
        if isinstance(called, ast.Name):
            return self.named(at[0], called.id)
        if not isinstance(called, ast.Attribute):
            return None
        if isinstance(called.value, ast.Name):
            base = called.value.id
            if base == "self":
                own = f"{at[1].partition('.')[0]}.{called.attr}"
                return (at[0], own) if own in self.modules[at[0]].functions else self.unique(called.attr)
            module = ".".join(self.modules[at[0]].imported.get(base, ()))
            if module in self.modules:
                return self.named(module, called.attr)
        return self.unique(called.attr)

    def named(self, module: str, name: str, hops: int = 5) -> tuple[str, str] | None:
        """Return the function or the constructor that a name means in a module."""
        for function in (name, f"{name}.__init__"):
            if function in self.modules[module].functions:
                return module, function
        home, inner = self.modules[module].imported.get(name, ("", ""))
        return self.named(home, inner, hops - 1) if home in self.modules and hops else None

    def unique(self, method: str) -> tuple[str, str] | None:
        """Return the only method of this name."""
        found = self.methods[method]
        return found[0] if len(found) == 1 and method not in COMMON else None


def in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a function in the order in which they are evaluated, roughly: inner calls first."""
    for part in ast.iter_child_nodes(node):
        yield from in_order(part)
        yield part


def start(modules: dict[str, Module], walk: str) -> tuple[str, str]:
    """Return the module and the function that a walk starts at."""
    functions, places = STARTS[walk]
    for name, module in modules.items():
        for function in functions:
            if function in module.functions and any(place in name for place in places):
                return name, function
    raise SystemExit(f"no function for the walk of {walk}")


def main() -> None:
    modules = read(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    for walk in STARTS:
        for depth in (DEPTH, None):
            trace = list(Walker(modules).walk(start(modules, walk), depth, set()))
            stays = sum(1 for _ in groupby(trace))
            how = f"{depth} levels deep" if depth else "in full"
            print(f"{walk}, {how}: {stays} stays, {len(set(trace))} files, {len(trace)} functions")


if __name__ == "__main__":
    main()

"""Every module is in the import contract, so that a new one has to be given its place; a class name means one thing."""

import ast
import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def listed(package: str) -> set[str]:
    names = {name for contract in CONTRACTS for layer in contract["layers"] for name in re.split(r"[ |()]+", layer)}
    return {name for name in names if name.startswith(f"{package}.")}


@pytest.mark.parametrize("package", ["rag", "eval"])
def test_every_module_and_package_is_named_in_a_layer(package):
    folder = ROOT / package
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in folder.glob("*/*.py")}
    assert {f"{package}.{name}" for name in modules | packages} == listed(package)


def test_a_class_name_means_one_thing():
    homes = defaultdict(list)
    for path in [*ROOT.glob("rag/**/*.py"), *ROOT.glob("eval/**/*.py")]:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(path.relative_to(ROOT).as_posix())
    del homes["PinciteRetriever"]  # one and the same, for each of three frameworks
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}

"""Every module is in the import contract, so that a new one has to be given its place."""

import re
import tomllib
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

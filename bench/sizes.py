"""How much each extra brings: `python -m bench.sizes`. Counts what is installed here, so it needs no network.

For an extra: the packages, and megabytes on disk, that a plain install doesn't have. An extra of which a package is
missing here is named with it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Extras that are other extras together.
TOGETHER = ("all", "test", "dev")


def folded(name: str) -> str:
    """Return a package's name in the spelling that all share: https://peps.python.org/pep-0503/."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(extras: Iterable[str] = ()) -> tuple[set[str], set[str]]:
    """Return the packages that Pincite needs with these extras: what is installed here, and what is missing."""
    stated = [*PROJECT["dependencies"], *(one for extra in extras for one in PROJECT["optional-dependencies"][extra])]
    waiting = [one for requirement in map(Requirement, stated) for one in asked(requirement)]
    seen = set(waiting)
    there: set[str] = set()
    missing: set[str] = set()
    while waiting:
        name, extra = waiting.pop()
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            missing.add(name)
            continue
        there.add(name)
        for requirement in map(Requirement, requires):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                more = asked(requirement) - seen
                seen |= more
                waiting += more
    return there, missing


def asked(requirement: Requirement) -> set[tuple[str, str]]:
    """Return a required package as a plain one and with each extra that is asked for."""
    return {(folded(requirement.name), extra) for extra in ("", *requirement.extras)}


def megabytes(packages: Iterable[str]) -> float:
    """Return the size on disk of packages' own files."""
    files = (Path(str(file.locate())) for name in packages for file in metadata.files(name) or [])
    return sum(path.stat().st_size for path in files if path.is_file()) / 1e6


def table() -> list[tuple[str, int, float, str]]:
    """Return a row for a plain install and for each extra: name, packages, megabytes, what is missing here."""
    plain, lacking = needed()
    rows = [("(plain install)", len(plain), megabytes(plain), ", ".join(sorted(lacking)))]
    for extra in (name for name in PROJECT["optional-dependencies"] if name not in TOGETHER):
        there, lacking = needed([extra])
        rows.append((extra, len(there - plain), megabytes(there - plain), ", ".join(sorted(lacking))))
    return rows


def main() -> None:
    """Print the table of docs/dependencies.md."""
    print(f"{'extra':<16} {'packages':>8} {'MB':>6}")
    for name, packages, size, lacking in table():
        print(f"{name:<16} {packages:>8} {size:>6.0f}  {f'not installed here: {lacking}' if lacking else ''}".rstrip())


if __name__ == "__main__":
    main()

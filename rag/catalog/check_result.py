"""One check of a library, as the doctor reports it."""

from __future__ import annotations

from dataclasses import dataclass

# Papers of each segment whose vectors are looked up in the index.
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: its name, whether it passed, and the details."""

    check: str
    ok: bool
    detail: str

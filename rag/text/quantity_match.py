"""Whether two quantities agree as a reader would say: one unit, one value, rounding and bounds allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.text.quantities import ORDINAL, SHARE, Quantity


def same(claim: Quantity, other: Quantity) -> bool:
    """Whether `other`, from the evidence, confirms the `claim`: one value in one unit, rounding and bounds allowed."""
    if not same_unit(claim, other):
        return False
    mine, theirs = _on_one_scale(claim, other)
    difference = abs(mine - theirs)
    if difference <= 1e-6 * abs(theirs):  # of the value: nanograms are as far apart as tonnes
        return True
    if claim.unit == ORDINAL or mine * theirs < 0:
        return False
    # 64.3 may be given as 64, not as 60: at least two digits must stay.
    step = _written_step(claim)
    if step > other.step and abs(claim.value) >= 10 * step and difference <= step / 2:
        return True
    rough = claim.spelled and claim.unit == SHARE and not other.spelled
    if claim.bound == other.bound and not rough:
        return False  # "about 81" is not "about 80"
    return _near(claim, mine, theirs, rough)


def agree(one: Quantity, other: Quantity) -> bool:
    """Whether either of two quantities confirms the other."""
    return same(one, other) or same(other, one)


def apart(found: Iterable[Quantity]) -> list[Quantity]:
    """Leave out quantities within an earlier one, such as the share that "3 of 6" states as well."""
    kept: list[Quantity] = []
    for quantity in sorted(found, key=lambda q: q.start):
        if not kept or quantity.start >= kept[-1].end:
            kept.append(quantity)
    return kept


def _near(claim: Quantity, mine: float, theirs: float, rough: bool) -> bool:
    """Whether a value is as near as its bound allows; `rough`: "a third" may mean 31% or 36%."""
    share = abs(mine - theirs) / abs(theirs) / (2 if rough else 1) if theirs else 1.0
    if claim.bound == "above":
        return theirs > mine and share <= 0.15
    if claim.bound == "below":
        return theirs < mine and share <= 0.15
    return (rough or claim.bound == "about") and share <= 0.05


def _written_step(quantity: Quantity) -> float:
    """Return what the last digit given is worth: a hundred or more where two zeros or more end it ("43,000")."""
    zeros = re.search(r"(?<![.\d,])[1-9][\d,]*?(0[0,]*0)$", quantity.written.split()[0])
    return quantity.step * 10.0 ** zeros.group(1).count("0") if zeros and not quantity.is_year else quantity.step


def same_unit(first: Quantity, second: Quantity) -> bool:
    """Whether two quantities can be compared; a missing unit fits every unit but ordinals and folds."""
    units = {first.unit, second.unit}
    if len(units) == 1 or units == {"%", SHARE}:
        return True
    if "" in units:
        return not units & {ORDINAL, "fold", SHARE}
    one, two = sorted(units, key=len)
    return two.startswith(f"{one}/")  # "$120" and "$120 per month"


def _on_one_scale(first: Quantity, second: Quantity) -> tuple[float, float]:
    if {first.unit, second.unit} == {"%", SHARE}:
        return tuple(q.value * 100 if q.unit == SHARE else q.value for q in (first, second))  # type: ignore[return-value]  # two
    if "" in {first.unit, second.unit}:
        return first.value / first.factor, second.value / second.factor  # "she is 24", "24 years old"
    return first.value, second.value

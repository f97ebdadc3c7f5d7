"""Single words that a near copy of a sentence leaves out or replaces, so that it says more or something else.

Whether a sentence has any hedge isn't the question: a long one may have two and lose one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.text.entity_names import holds_name, writes_name
from rag.text.lexicon import (  # fmt: skip
    ASSOCIATIONS,
    AXES,
    CAUSES,
    CHANGES,
    COUNTED,
    HEDGES,
    MODALS,
    OPEN,
    PARTIAL,
    TENTATIVE,
    UNIVERSAL,
)
from rag.text.quantities import ORDINAL, Quantity
from rag.text.quantity_match import same
from rag.text.reading import Reading, Word
from rag.text.units import CARDINALS
from rag.text.words import STOPWORDS, fold

# The share of the claim's words found in the evidence in the same order, from which it is a near copy.
NEAR_COPY = 0.8
# Words that one edit may span on either side: a longer piece left out is a trimmed clause, including its hedge.
SPAN = 4
_DENIALS = frozenset({"not", "no", "never"})
_ITEM = re.compile(r"[\s(]?\d\)")  # the number of an item in a list: "(1)", "2)"
_IRREGULAR = frozenset().union(*COUNTED)


@dataclass(frozen=True, slots=True)
class Edit:
    """Words of the claim, the evidence's words in their place, and the claim's words next to them."""

    ours: tuple[Word, ...]
    theirs: tuple[Word, ...]
    before: tuple[Word, ...]
    following: tuple[Word, ...]


def overstatements(claim: Reading, evidence: Reading) -> Iterator[tuple[str, str]]:
    """Yield the kind of each edit that makes the claim say more than the evidence, and why in words."""
    for edit in edits(claim, evidence):
        mine, said = {w.stem for w in edit.ours}, {w.stem for w in edit.theirs}
        theirs = " ".join(w.low for w in edit.theirs)
        if said & ((MODALS | TENTATIVE) if mine else (MODALS | OPEN)) and not mine & HEDGES:
            yield "hedge", f"the evidence says so only with “{theirs}”"
        elif said & ASSOCIATIONS and _causal((*edit.ours, *edit.following)) and not mine & (ASSOCIATIONS | HEDGES):
            yield "cause", f"the evidence reports only an association (“{theirs}”)"
        elif said & PARTIAL and mine & UNIVERSAL:
            yield "quantifier", f"the evidence says so only with “{theirs}”"


def miscounted(claim: Reading, evidence: Reading) -> str:
    """Describe a figure in place of another, or one that counts something else; empty if there is none.

    "9" for "8" is caught here even where the evidence has a 9 elsewhere; so is "five" for "four": small numbers in
    words may count anything. "12 patients" for "12 studies" is another count.
    """
    for edit in edits(claim, evidence):
        if why := _figure_exchanged(edit, claim, evidence):
            return why
        # "0.5B layers" for "0.5B parameters in 24 layers": another figure went with what was left out.
        cut = edit.following if any(w.low.isdigit() for w in edit.theirs) else ()
        behind = edit.ours or cut
        if edit.before and behind and edit.theirs and _counts(edit.before[0], claim):
            ours, theirs = behind[0], edit.theirs[0]
            measured = edit.before[0].low == "of"
            things = _is_thing(ours, measured) and _is_thing(theirs, measured)
            if things and not any({ours.stem, theirs.stem} <= g for g in COUNTED):
                return f"it counts {ours.low}, the evidence {theirs.low}"
    return ""


def _figure_exchanged(edit: Edit, claim: Reading, evidence: Reading) -> str:
    """Compare the figures in one place; the number of a list item ("(1)") isn't one."""
    ours, theirs = _figures(edit.ours, claim), _figures(edit.theirs, evidence)
    held = any(same(mine, other) for mine in ours for other in evidence.quantities)
    # At the end of the claim, part of the evidence may have been left out together with its figure.
    moved = held and not edit.following
    if ours and theirs and not moved and not any(same(mine, other) for mine in ours for other in theirs):
        return f"it says {ours[0].written}, the evidence {theirs[0].written}"
    spelled = [[w for w in side if w.low in CARDINALS] for side in (edit.ours, edit.theirs)]
    if all(spelled) and not {CARDINALS[w.low] for w in spelled[0]} & {CARDINALS[w.low] for w in spelled[1]}:
        return f"it says {spelled[0][0].low}, the evidence {spelled[1][0].low}"
    return ""


def _figures(words: Sequence[Word], reading: Reading) -> list[Quantity]:
    return [
        q for q in reading.quantities
        if any(q.start <= w.start < q.end for w in words) and not _ITEM.match(reading.text, max(0, q.start - 1))
    ]  # fmt: skip


def denied_anew(claim: Reading, evidence: Reading) -> str:
    """Describe a "not" that was dropped or added alone, also in "not only" and "no fewer than"; empty if none was."""
    for edit in edits(claim, evidence):
        for more, less, side in ((edit.ours, edit.theirs, "it"), (edit.theirs, edit.ours, "the evidence")):
            if not less and len(more) == 1 and more[0].low in _DENIALS:
                return f"{side} says “{more[0].low}”, the other doesn't"
    return ""


def renamed(claim: Reading, evidence: Reading) -> str:
    """Describe a name in place of another; empty if there is none, or one may be short for the other.

    The name being in another sentence of the evidence doesn't excuse it: what failed there may be another model.
    """
    for edit in edits(claim, evidence):
        ours, theirs = _names_at(edit.ours, claim), _names_at(edit.theirs, evidence)
        # A name that the sentence has elsewhere may be here because another was left out.
        moved = any(writes_name(evidence.text, name) for name in ours)
        if ours and theirs and not moved and not _may_be_one(edit, claim, evidence):
            return f"it has {ours[0]} where the evidence has {theirs[0]}"
    return ""


def _may_be_one(edit: Edit, claim: Reading, evidence: Reading) -> bool:
    """Whether the names in the two places may be one: by their letters, or because the evidence says so."""
    mine, other = _written(edit.ours, claim), _written(edit.theirs, evidence)
    names = [(a, b) for a in _names_at(edit.ours, claim) for b in _names_at(edit.theirs, evidence)]
    return any(holds_name(other, a) or holds_name(mine, b) or _defined(a, b, evidence) for a, b in names)


def _written(words: Sequence[Word], reading: Reading) -> str:
    """Return the text from the first of these words to the last."""
    return reading.text[words[0].start : words[-1].start + len(words[-1].low)] if words else ""


def _names_at(words: Sequence[Word], reading: Reading) -> list[str]:
    """Return the names that these words are or are part of, such as the "4" of "GPT-4"."""
    written = _written(words, reading)
    begin = words[0].start if words else 0
    common = {name for name in reading.names if fold(name) in STOPWORDS and not name[1:].isupper()}
    return [
        name
        for name in reading.names
        if name not in common and (name in written or (written and _holds(reading.text, name, begin, len(written))))
    ]


def _holds(text: str, name: str, begin: int, length: int) -> bool:
    """Whether the name encloses this part of a text."""
    first = text.rfind(name, max(0, begin + length - len(name)), begin + len(name))
    return 0 <= first <= begin


def _defined(name: str, other: str, evidence: Reading) -> bool:
    """Whether the evidence introduces one as the other: "the Orchard Survey (OS2)"."""
    written = rf"{re.escape(name)}\s*\({re.escape(other)}|{re.escape(other)}\s*\({re.escape(name)}"
    return bool(re.search(written, evidence.text))


def near_copy(claim: Reading, evidence: Reading) -> bool:
    """Whether nearly all words of the claim are in the evidence, in the same order."""
    return _aligned(claim, evidence) is not None


def edits(claim: Reading, evidence: Reading) -> Iterator[Edit]:
    """Yield what was changed in a near copy; nothing for any other claim."""
    ours, theirs = claim.words, evidence.words
    matcher = _aligned(claim, evidence)
    for tag, begin, end, start, stop in matcher.get_opcodes() if matcher else ():
        if tag != "equal" and end - begin <= SPAN and stop - start <= SPAN and not _denied(evidence, stop):
            yield Edit(ours[begin:end], theirs[start:stop], ours[max(0, begin - 1) : begin], ours[end : end + 1])


def _aligned(claim: Reading, evidence: Reading) -> SequenceMatcher[str] | None:
    """Align the words of a near copy with the evidence's; None for any other claim."""
    ours, theirs = [w.stem for w in claim.words], [w.stem for w in evidence.words]
    enough = NEAR_COPY * len(ours)
    if sum(stem in evidence.stems for stem in ours) < enough:
        return None  # whatever their order: most pairs end here
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return matcher if sum(block.size for block in matcher.get_matching_blocks()) >= enough else None


def _counts(word: Word, reading: Reading) -> bool:
    """Whether a word is the last of a figure that counts something, or the "of" of "25 tonnes of"."""
    if word.low == "of" and word.place:
        word = reading.words[word.place - 1]
        return any(q.start < word.start < q.end and q.unit for q in reading.quantities)
    return any(q.start <= word.start < q.end and not q.is_year and q.unit != ORDINAL for q in reading.quantities)


def _is_thing(word: Word, measured: bool) -> bool:
    """Whether it can be what a figure counts or measures: a counted noun ends like a plural."""
    plural = word.low.endswith("s") or word.stem in _IRREGULAR
    return word.content and word.stem not in AXES and (plural or (measured and word.low.isalpha()))


def _denied(evidence: Reading, place: int) -> bool:
    """Whether it is "could not", which reports a failure; "may not" is a hedge."""
    return [word.low for word in evidence.words[max(0, place - 1) : place + 1]] == ["could", "not"]


def _causal(words: tuple[Word, ...]) -> bool:
    return any(w.stem in CAUSES or w.low in CHANGES for w in words)

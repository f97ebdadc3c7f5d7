"""Citation marks in prose: [1], [2, 3]. Finds them, the sentence they belong to, and the text without them."""

from __future__ import annotations

import re
from itertools import pairwise

from eval.answers.responses import Claim
from rag.text.sentences import split_sentences

# [3], [1, 2], [1][2], [2-4] and the wide brackets that some models write: 【3】. Passages are numbered from 1, so that
# a bracket with a 0 is an interval, not a mark.
_MARK = re.compile(r"[\[【]\s*([1-9]\d{0,3}(?:\s*[,;–-]\s*[1-9]\d{0,3})*)\s*[\]】]")
_LEADING_MARKS = re.compile(rf"(?:\s*{_MARK.pattern}[.,;]?)+")
_REFUSAL = re.compile(
    r"\b(?:(?:can(?:no|')t|could ?n[o']t|am unable to|(?:is|was) not able to) (?:be answered|answer|find)"
    r"|(?:do(?:es)?|did)(?: not|n't) (?:contain|include|provide|mention|hold|answer|report)"
    r"|no (?:relevant )?(?:information|evidence|papers?|abstracts?|sources?) (?:\w+ ){0,3}"
    r"(?:answers?|found|available|provided)"
    r"|not enough (?:information|evidence)|insufficient (?:information|evidence)|i (?:do not|don't) know)\b",
    re.IGNORECASE,
)  # fmt: skip


def split_claims(text: str) -> tuple[Claim, ...]:
    """Split an answer into sentences with their marks.

    Marks after the full stop ("It rises. [1] It falls.") belong to the sentence that they follow. A sentence never
    borrows the marks of a neighbour.
    """
    spans = split_sentences(text)
    starts = [span.start for span in spans]
    for place in range(1, len(spans)):
        leading = _LEADING_MARKS.match(text, starts[place])
        starts[place] = leading.end() if leading else starts[place]
    pieces = [text[begin:end] for begin, end in pairwise([*starts, len(text)])] if spans else []
    claims = [Claim(strip_marks(piece), tuple(dict.fromkeys(marks_in(piece)))) for piece in pieces]
    return tuple(claim for claim in claims if claim.text or claim.marks)


def marks_in(text: str) -> list[int]:
    """Return the numbers of all marks in order, ranges such as [2-4] written out."""
    found: list[int] = []
    for match in _MARK.finditer(text):
        for part in re.split(r"\s*[,;]\s*", match.group(1)):
            ends = [int(number) for number in re.split(r"\s*[–-]\s*", part)]
            # "[3-1]" or "[1-900]" isn't a range of sources: both ends count as marks.
            found += range(ends[0], ends[-1] + 1) if 0 <= ends[-1] - ends[0] < 50 else ends
    return found


def strip_marks(text: str) -> str:
    """Return the text without its marks and without the white space that they leave."""
    return re.sub(r"\s+([.,;:!?])", r"\1", " ".join(_MARK.sub(" ", text).split()))


def refuses(text: str) -> bool:
    """Whether a short text without marks says that it can't answer: for systems that don't report it.

    It has two sentences at most: a longer text that also says what is missing has answered something.
    """
    claims = split_claims(text)
    return 0 < len(claims) <= 2 and not any(c.marks for c in claims) and bool(_REFUSAL.search(text))

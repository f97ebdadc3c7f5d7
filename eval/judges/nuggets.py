"""Which facts of a good answer an answer states, and which of its sentences state them.

Nuggets are those of TREC RAG (Pradeep et al. 2024, "Initial Nugget Evaluation Results for the TREC 2024 RAG Track"):
vital or okay, each assigned full support, partial support or none. An answer is read to a length that leaves room for
its nuggets, as TREC reads 400 words: else quoting every abstract would state them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from eval.answers.responses import Claim, Passage, Response
from eval.questions import Case, GoldSentence, Nugget, holds
from rag.text.sentences import split_sentences
from rag.text.words import terms
from rag.types import Support, Verdict

# Twice the words of a sentence in an abstract for each nugget, and three sentences at least.
WORDS_A_NUGGET, FEWEST_WORDS = 40, 60
# A sentence that shares less of a nugget's words is not asked about: most pairs have nothing in common.
WORTH_ASKING = 0.3
FULL, PARTIAL, NONE = "full", "partial", "none"
DEGREES = {Verdict.SUPPORTED: FULL, Verdict.PARTIAL: PARTIAL}

Check = Callable[[str, tuple[str, ...]], Support]


@dataclass(frozen=True, slots=True)
class NuggetsFound:
    """For each nugget of the question `full`, `partial` or `none`; for each sentence whether it states one.

    `read` is how many sentences were read before the answer grew too long; the others state nothing.
    """

    degrees: tuple[str, ...]
    answering: tuple[bool, ...]
    read: int


def find_nuggets(case: Case, response: Response, check: Check) -> NuggetsFound | None:
    """Return what an answer states of its question's nuggets; None where the question has none or nothing was said."""
    if not case.facts or not response.answered:
        return None
    read = response.claims[: _read(response.claims, len(case.facts))]
    table = [[_degree(nugget, claim, response.passages, check) for claim in read] for nugget in case.facts]
    whole = " ".join(claim.text for claim in read)
    degrees = [_whole_degree(n, whole, row, check) for n, row in zip(case.facts, table, strict=True)]
    answering = [any(row[place] != NONE for row in table) for place in range(len(read))]
    return NuggetsFound(tuple(degrees), (*answering, *[False] * (len(response.claims) - len(read))), len(read))


def _read(claims: Sequence[Claim], nuggets: int) -> int:
    """Return how many sentences fit into the length; the first always does."""
    budget = max(FEWEST_WORDS, WORDS_A_NUGGET * nuggets)
    lengths = accumulate(len(claim.text.split()) for claim in claims)
    return max(1, sum(length <= budget for length in lengths))


def _whole_degree(nugget: Nugget, whole: str, row: Sequence[str], check: Check) -> str:
    if FULL in row:
        return FULL
    if not nugget.alternatives and _shared(nugget.fact, whole) >= WORTH_ASKING:
        found = DEGREES.get(check(nugget.fact, (whole,)).verdict, NONE)
        return PARTIAL if found == NONE and PARTIAL in row else found
    return PARTIAL if PARTIAL in row else NONE


def _degree(nugget: Nugget, claim: Claim, passages: Sequence[Passage], check: Check) -> str:
    """Return how far one sentence states a nugget: in its evidence's words, by a string of it, or by the checker."""
    if any(holds(claim.text, wanted) for wanted in nugget.alternatives):
        return FULL
    sentences = [sentence for e in nugget.evidence if (sentence := sentence_of(e, passages))]
    if any(_says(claim.text, sentence) for sentence in sentences):
        return PARTIAL if nugget.alternatives else FULL
    if _shared(nugget.fact, claim.text) < WORTH_ASKING:
        return NONE
    return DEGREES.get(check(nugget.fact, (claim.text,)).verdict, NONE)


def sentence_of(evidence: GoldSentence, passages: Sequence[Passage]) -> str:
    """Return a sentence of the evidence, looked up by its number in the passages where that is all that is known."""
    if evidence.sentence:
        return evidence.sentence
    text = next((passage.text for passage in passages if passage.id == evidence.paper), "")
    spans = split_sentences(text)
    if evidence.number is None or evidence.number >= len(spans):
        return ""
    return text[spans[evidence.number].start : spans[evidence.number].end]


def _says(text: str, sentence: str) -> bool:
    return " ".join(sentence.split()) in " ".join(text.split())


def _shared(fact: str, text: str) -> float:
    wanted = set(terms(fact))
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 0.0

"""Contrasts made by program: a sentence edited so that it stays true, and so that it turns false.

Both kinds of edit look alike, so an edit by itself gives nothing away: words are exchanged, dropped and turned round in
true claims as in false ones, often several at once. What an edit does to the truth is all that there is to learn. The
sentences are those of abstracts, whose contrasts are near copies, and right claims that were written, whose contrasts
are free paraphrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from training.false_edits import FALSE, SUPPORTED, UNSETTLED
from training.passages import Edit, Passage, Usage, exchanged
from training.true_edits import TRUE, UNSEEN_SYNONYMS, WHOLE_SENTENCE, joined
from training.written import Abstract, Claim


@dataclass(frozen=True, slots=True)
class Contrast:
    """A claim, the passages that it is held against, and what they say of it."""

    claim: str
    passages: tuple[str, ...]
    verdict: int
    kind: str


def contrasts(abstracts: Sequence[Abstract], per_abstract: int, seed: int, usage: Usage) -> Iterator[Contrast]:
    """Yield true and false claims over these abstracts, as many true as false ones for each sentence chosen."""
    random = Random(seed)
    for abstract in abstracts:
        places = [place for place, sentence in enumerate(abstract.sentences) if WHOLE_SENTENCE.match(sentence)]
        if len(abstract.sentences) < 3:
            continue
        for place in random.sample(places, min(per_abstract, len(places))):
            passage = Passage(abstract, (place,), usage, random)
            evidence = passage.evidence()
            yield _true(passage, evidence)
            yield _false(passage, evidence)


def contrasts_of_claims(
    claims: Sequence[Claim], abstracts: Mapping[str, Abstract], seed: int, usage: Usage
) -> Iterator[tuple[Contrast, Contrast]]:
    """Yield for each right claim that can be turned false a pair: it, perhaps reworded, and a false one made of it."""
    random = Random(seed)
    for claim in claims:
        passage = Passage(abstracts[claim.abstract], claim.sentences, usage, random)
        if not claim.supported or not passage.others:
            continue
        evidence = passage.evidence()
        base, _ = reworded(passage, claim.text, random.choice((0, 0, 1)))
        if false := _falsified(passage, base, evidence):
            text, kind = reworded(passage, claim.text, random.choice((0, 1, 1, 2)))
            yield Contrast(text, evidence, SUPPORTED, kind), false


def unseen_synonyms(abstracts: Sequence[Abstract], seed: int, usage: Usage) -> Iterator[Contrast]:
    """Yield right claims, each a sentence with one word exchanged for a synonym of a group that is never trained on."""
    random = Random(seed)
    for abstract in abstracts:
        for place, sentence in enumerate(abstract.sentences):
            if WHOLE_SENTENCE.match(sentence):
                passage = Passage(abstract, (place,), usage, random)
                if changed := exchanged(passage, sentence, UNSEEN_SYNONYMS):
                    yield Contrast(changed, (sentence,), SUPPORTED, "unseen synonym")


def reworded(passage: Passage, text: str, times: int) -> tuple[str, str]:
    """Return a sentence edited this many times, still true, with the names of the edits."""
    done: list[str] = []
    for edit in _drawn(passage.random, TRUE):
        if len(done) == times:
            break
        changed = edit(passage, text)
        if changed and changed != text and 25 < len(changed) < 420:
            text = changed
            done.append(edit.__name__)
    return text, " ".join(done)


def _true(passage: Passage, evidence: tuple[str, ...]) -> Contrast:
    if len(evidence) > 1 and passage.random.random() < 0.1 and (both := joined(passage, passage.sentence)):
        return Contrast(both, passage.abstract.sentences, SUPPORTED, "joined")
    text, kind = reworded(passage, passage.sentence, passage.random.choice((1, 1, 2, 3)))
    if "_other_name" in kind:
        evidence = passage.abstract.sentences
    return Contrast(text, evidence, SUPPORTED, kind)


def _false(passage: Passage, evidence: tuple[str, ...]) -> Contrast:
    chance = passage.random.random()
    if chance < 0.08:  # true, but stated elsewhere in the abstract
        claim = reworded(passage, passage.random.choice(passage.others), passage.random.choice((0, 1)))[0]
        return Contrast(claim, (passage.sentence,), UNSETTLED, "elsewhere")
    base = reworded(passage, passage.sentence, passage.random.choice((1, 2)))[0] if chance < 0.55 else passage.sentence
    if false := _falsified(passage, base, evidence):
        return false
    return Contrast(passage.random.choice(passage.others), (passage.sentence,), UNSETTLED, "elsewhere")


def _falsified(passage: Passage, text: str, evidence: tuple[str, ...]) -> Contrast | None:
    """Return a false claim made of a true one, if one of the edits fits."""
    for edit in _drawn(passage.random, {edit: weight for edit, (_, weight) in FALSE.items()}):
        changed = edit(passage, text)
        if changed and _letters(changed) != _letters(text) and 30 < len(changed) < 420:
            return Contrast(changed, evidence, FALSE[edit][0], edit.__name__)
    return None


def _drawn(random: Random, weights: Mapping[Edit, float]) -> list[Edit]:
    """Return the edits in a random order in which heavier ones tend to come first (Efraimidis and Spirakis 2006)."""
    return sorted(weights, key=lambda edit: -(random.random() ** (1 / weights[edit])))


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text.lower())

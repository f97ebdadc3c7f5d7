"""What a question takes for granted, checked against the sentences that answer it: a false premise is reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.text.reading import read
from rag.text.words import term_set
from rag.types import Citation, Issue, Role, Sentence, Verdict
from rag.verify import Checker

_VERB = r"(?:is|are|was|were|does|do|did|has|have|had|must)(?P<not>n['’]t)?"
# "Why do X …?", "How did X …?", "Since X …, how …?" take X for granted. "How can X …?" asks whether it can be.
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:why|how|how come) {_VERB} (?:it (?:that|the case that) )?(?P<premise>.+?)\?*$",
        r"(?:given that|considering that|now that|since|because) (?P<premise>[^,?]+), .+\?$",
    )
)
# A sentence that shares fewer of the premise's words may be about something else.
_SHARE = 0.5
_FEWEST = 2  # content words in a premise specific enough to be wrong
# A premise with a negation seems to contradict much that only shares its words, so it has to share more of them. A
# sentence with a negation of its own isn't held against it either: the two may agree.
_SHARE_OF_DENIAL = 0.7
# Roles that report what others found or what was only asked.
_NO_FINDINGS = frozenset({Role.BACKGROUND, Role.AIM})


def premise_of(question: str) -> str | None:
    """Return what a question takes for granted, as a statement in its own words; None where that is nothing."""
    plain = re.sub(r"^(?:and|but|so),? ", "", " ".join(question.split()), flags=re.IGNORECASE)
    found = next((match for form in _FORMS if (match := form.match(plain))), None)
    if found is None:
        return None
    return found["premise"] + (" not" if found.groupdict().get("not") else "")


def false_premise(question: str, sentences: Sequence[Sentence], checker: Checker) -> Issue | None:
    """Report the premise of a question where a cited sentence contradicts it and none supports it, else None.

    In doubt it reports nothing: a premise that the checker can't show to be false passes.
    """
    premise = premise_of(question)
    wanted = term_set(premise or "")
    if premise is None or len(wanted) < _FEWEST:
        return None
    share = _SHARE_OF_DENIAL if _denies(premise) else _SHARE
    near = [c for c in _findings(sentences) if len(wanted & term_set(c.quote)) >= share * len(wanted)]
    judged = [(c, checker.check(premise, [c.quote]).verdict) for c in near]
    if any(verdict is Verdict.SUPPORTED for _, verdict in judged):
        return None
    against = next(
        (c for c, verdict in judged if verdict is Verdict.CONTRADICTED and _can_contradict(premise, c.quote)), None
    )
    if against is None:
        return None
    message = f"The question takes for granted that “{premise}”; [{against.number}] says otherwise: “{against.quote}”"
    return Issue("false_premise", message)


def _findings(sentences: Iterable[Sentence]) -> list[Citation]:
    cited = dict.fromkeys(c for sentence in sentences for c in sentence.citations)
    return [citation for citation in cited if citation.role not in _NO_FINDINGS]


def _can_contradict(premise: str, quote: str) -> bool:
    """Whether a contradiction between the two can be trusted, by how each of them denies."""
    return not _denies(quote) or not (_denies(premise) or {"neither", "nor"} & {word.low for word in read(quote).words})


def _denies(text: str) -> bool:
    return bool(read(text).negations)

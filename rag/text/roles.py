"""The role of each sentence of an abstract: from labelled sections if the record has them, else wording and position.

The five moves are those of structured abstracts (Nakayama et al., JAMA 2005; Swales, Genre Analysis, 1990).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.types import Paper, Role, Section, Span

# The first that matches wins: "Methods and findings" is read as findings, "Study aims" as an aim.
_LABELS = {
    Role.CONCLUSION: "conclusion|interpretation|implication|significance|discussion|relevance|summary|perspective",
    Role.RESULT: "result|finding|outcome$|outcomes$|observation",
    Role.AIM: "aim|objective|purpose|goal|question|hypothes",
    Role.METHOD: "method|design|setting|participant|patient|subject|material|intervention|measure|approach|sample|"
    "procedure|analysis|data source|data extraction|study selection|experiment|population",
    Role.BACKGROUND: "background|introduction|context|motivation|rationale|importance|problem",
}
_WE = r"\b(?:we|(?:the )?authors|this (?:paper|study|work|article|review|research|thesis|report))\b"
_OUR_RESULTS = (
    r"\b(?:our|these|the|this) (?:\w+ )?(?:results?|findings?|work|study|observations?|data|evidence|analys[ei]s) "
)
_WORDING = {
    # What others report: "Earlier work claimed …".
    Role.BACKGROUND: (
        r"^(?!.*\b(?:we|our)\b)(?:earlier|previous|prior|past|existing|recent) (?:\w+ )?(?:works?|studies|research|"
        r"papers|reports|results|literature)\b.{0,40}\b(?:claim|argu|suggest|report|assum|propos|f[io]und|show|conclu|conten)\w*",
    ),
    Role.AIM: (
        rf"{_WE} (?:\w+ ){{0,3}}?(?:aim(?:s|ed)?|set out|seeks?|sought|asks?|asked|explor\w*|investigat\w*|examin\w*|"
        r"intend\w*|wonder\w*|hypothesi[sz]ed?|stud(?:y|ied|ies) (?:whether|how|if|the))\b",
        r"^(?:in order )?to (?:determine|assess|evaluate|investigate|examine|explore|test|compare|study|identify)\b",
        r"\b(?:the|our|its|one) (?:\w+ )?(?:aim|goal|objective|purpose)s? (?:\w+ ){0,6}(?:is|was|are|were)\b",
    ),
    Role.CONCLUSION: (
        r"^(?:in conclusion|overall|taken together|in summary|thus|therefore|hence|altogether|together)\b",
        rf"{_WE} (?:\w+ )?(?:conclud\w*|argu\w*|recommend\w*|advocat\w*)\b",
        rf"{_OUR_RESULTS}(?:\w+ ){{0,2}}?(?:suggest\w*|impl(?:y|ies)|highlight\w*|underscor\w*|indicat\w*|call|point|"
        r"offer\w*|paves?|opens?|provid\w*|challeng\w*|support\w*)\b",
    ),
    Role.RESULT: (
        r"\b(?:we|results?|experiments?|analys[ei]s|evaluations?|findings?|it|study) (?:\w+ ){0,3}?"
        r"(?:finds?|found|shows?|showed|shown|demonstrat\w*|observ\w*|reveal\w*|achiev\w*|reports?|reported|"
        r"outperform\w*|discover\w*|confirm\w*|identif(?:y|ied))\b",
        r"\b(?:outperform\w*|surpass\w*|significantly|achiev\w+|yield\w*|improv\w+ (?:by|of|from|over))\b",
        r"\d\s?%|\bp\s?[<=]\s?0?\.\d|\bcompared (?:with|to)\b",
    ),
    Role.METHOD: (
        rf"{_WE} (?:\w+ ){{0,2}}?(?:propos\w*|introduc\w*|present\w*|develop\w*|design\w*|use[ds]?|train\w*|prob\w*|"
        r"collect\w*|evaluat\w*|conduct\w*|construct\w*|build|built|analy[sz]\w*|compar\w*|survey\w*|review\w*|test\w*|"
        r"recruit\w*|measur\w*|appl(?:y|ied)|perform\w*|fine-?tun\w*|extend\w*|formali[sz]\w*|benchmark\w*|releas\w*)\b",
        r"\b(?:were|was) (?:\w+ly )?(?:randomi[sz]ed|recruited|collected|assigned|measured|enrolled|included|selected|"
        r"performed|conducted|analy[sz]ed|trained|asked|assessed|evaluated)\b",
    ),
}
_PATTERNS = tuple((role, re.compile("|".join(patterns), re.IGNORECASE)) for role, patterns in _WORDING.items())


def role_of(sentences: Sequence[str], labels: Sequence[str | None] = ()) -> list[Role]:
    """Return the role of each sentence of one abstract, in order; `labels` names the section of each, where known."""
    count = len(sentences)
    given = [*labels, *[None] * count][:count]
    return [
        _of_label(label) or _of_wording(sentence) or _of_position(index, count)
        for index, (sentence, label) in enumerate(zip(sentences, given, strict=True))
    ]


def roles_of_spans(paper: Paper, spans: Sequence[Span]) -> list[Role]:
    """Return the role of each of these sentences of a paper's abstract, with its labelled sections."""
    labels = [_label_at(paper.sections, span) for span in spans]
    return role_of([paper.abstract[s.start : s.end] for s in spans], labels)


def _label_at(sections: Sequence[Section], span: Span) -> str | None:
    # A section's first sentence begins with the label, before the section itself.
    return next((s.label for s in sections if span.start < s.end and s.start < span.end), None)


def _of_label(label: str | None) -> Role | None:
    if not label:
        return None
    folded = label.casefold()
    return next((role for role, pattern in _LABELS.items() if re.search(pattern, folded)), None)


@lru_cache(maxsize=4096)
def _of_wording(sentence: str) -> Role | None:
    return next((role for role, pattern in _PATTERNS if pattern.search(sentence)), None)


def _of_position(index: int, count: int) -> Role:
    """Judge by position alone: abstracts open with what is known and close with what follows from it."""
    place = (index + 0.5) / count
    if place < 0.3:
        return Role.BACKGROUND
    if place < 0.5:
        return Role.METHOD
    return Role.RESULT if index < count - 1 or count == 1 else Role.CONCLUSION

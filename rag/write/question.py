"""What a question asks for, told from its words: it decides the form of the answer for both writers."""

from __future__ import annotations

import re
from enum import StrEnum

from rag.words import fold


class Form(StrEnum):
    """The form an answer takes."""

    FIGURE = "figure"  # one sentence with the number
    DEFINITION = "definition"  # what something is
    METHOD = "method"  # how something was done
    COMPARISON = "comparison"  # two or more things side by side
    SYNTHESIS = "synthesis"  # what several papers say
    YES_NO = "yes_no"  # whether something holds; a false premise shows here
    FINDING = "finding"  # anything else


# Tried in this order; on folded text. A few words of other languages, so that a form is not English alone.
_CUES = (
    (Form.COMPARISON, r"\bcompared? (to|with|against)\b|\bcompare\b|\bversus\b|\bvs\b|\bdiffer(s|ences?|ent)?\b.*\b"
     r"(from|between|and|than)\b|\b(better|worse|higher|lower|larger|smaller|faster|cheaper|stronger|weaker) .*\bor\b"
     r"|\bwhich of (the )?(two|three|both)\b|\bcomparaison\b|\bim vergleich\b|\bunterscheide"),
    (Form.SYNTHESIS, r"\b(which|what) (papers|studies|works|approaches|methods|models|techniques|benchmarks|datasets"
     r"|strategies|factors|ways|evidence|risks|limitations)\b|\b(papers|studies|authors|researchers|literature|works)\b"
     r"|\bsummari[sz]e\b|\boverview\b|\bagree\b|\bdisagree\b|\bconsensus\b|\bdisputed?\b|\bcontested\b|\bcontroversial\b"
     r"|\bstate of the art\b|\bquels? (travaux|articles|etudes)\b|\bwelche (arbeiten|studien|ansatze)\b"),
    (Form.FIGURE, r"\bhow (many|much|often|long|large|big|fast|far|accurate(ly)?|high|low|few|strong(ly)?|well)\b"
     r"|\bwhat (\w+ ){0,4}(percentage|percent|fraction|share|proportion|number|rate|score|accuracy|size|amount|factor"
     r"|margin|speed-?up|cost|price|f1|auc|correlation|ratio|value|budget)\b|\bby (how|what)\b|\bat what\b"
     r"|\bcombien\b|\bquel (pourcentage|nombre|score|taux)\b|\bwie ?viele?\b|\bcuant[oa]s?\b|\bque porcentaje\b"
     r"|多少|几个|几种|百分之"),
    (Form.DEFINITION, r"\bwhat (is|are) (meant by )?(a |an |the )?[\w-]+( [\w-]+){0,2}\?|\bdefin(e|es|ed|ition)\b"
     r"|\bwhat does .* (mean|refer to|stand for)\b|\bmeaning of\b|\bcount(s)? as\b|\bterm\b"),
    (Form.METHOD, r"^how (do|does|did|is|are|was|were|can|could)\b|\bwhat (method|technique|algorithm|approach"
     r"|procedure|strategy|architecture|framework)\b|\bwhich (method|technique|algorithm|approach|procedure|strategy"
     r"|architecture|framework)\b"),
    (Form.YES_NO, r"^(and |but |so )?(is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may)\b"
     r"|^(est-ce|peut-on)\b|吗"),
)  # fmt: skip
_COMPILED = tuple((form, re.compile(pattern)) for form, pattern in _CUES)


def form_of(question: str) -> Form:
    """Tell the form of the answer that a question asks for."""
    folded = " ".join(fold(question).split())
    return next((form for form, cue in _COMPILED if cue.search(folded)), Form.FINDING)

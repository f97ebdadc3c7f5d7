"""A question, read once for all stages: its words, what they ask for and the form of the answer that this needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from rag.text.language import in_another_language
from rag.text.person_names import first_authors
from rag.text.pointing import parts
from rag.text.words import STOPWORDS, fold, split, stems, terms


class Form(StrEnum):
    """The form an answer takes."""

    FIGURE = "figure"  # one sentence with the number
    DEFINITION = "definition"  # what something is
    METHOD = "method"  # how something was done
    COMPARISON = "comparison"  # two or more things side by side
    SYNTHESIS = "synthesis"  # what several papers say
    YES_NO = "yes_no"  # whether something holds; a false premise shows here
    FINDING = "finding"  # anything else


# Stems of the words that shape a question and say nothing about its subject.
FORM_WORDS = frozenset(terms(
    "define defined definition mean means meant meaning stand stands refer refers consist exactly precisely called "
    "find found show report say tell explain describe happen kind sort paper study work author compare compared "
    "comparison relate related relation differ difference"
))  # fmt: skip
# The forms that more than one paper answers.
SEVERAL = frozenset({Form.COMPARISON, Form.SYNTHESIS})

# Matched on the folded question, in this order. They include a few words of other languages.
_CUES: dict[Form, tuple[str, ...]] = {
    Form.COMPARISON: (
        r"\b(compared?|comparison|versus|vs|differ(s|ences?|ently)?|respectively|each of|both)\b",
        r"\b(more|less|better|worse|higher|lower|larger|smaller|faster|cheaper|stronger|weaker|fewer)\b.*\bor\b",
    ),
    Form.SYNTHESIS: (
        r"\b(papers|studies|authors|researchers|literature|works|overview|summari[sz]e|review|each)\b",
        r"\b(agree|disagree|consensus|settled|disputed?|debate\w*|contested|controvers\w+)\b",
        r"\b(which|what) ([\w-]+ ){1,4}(have|has) been\b",
        r"\b(which|what) (approaches|methods|techniques|benchmarks|datasets|strategies|factors|ways|explanations)\b",
        r"\b(which|what) (mechanisms|risks|limitations|roles|kinds|types|evidence)\b",
    ),
    Form.DEFINITION: (
        r"\bwhat (exactly |precisely )?(is|are) (a |an |the )?[\w'’-]+( [\w'’-]+){0,2}( and .*)?\?",
        r"\bwhat (is|are) meant\b|\bcounts? as\b|\bdefin(e|es|ed|ition)\b",
        r"\bwhat (does|do) .* (mean|refer to|stand for|consist (in|of))\b",
        r"\b(qu'est-ce que|was (ist|sind|bedeutet)|que es)\b|什么是|是什么",
    ),
    # "How do they fare?" asks for a result, "how do they move?" how it is done.
    Form.FINDING: (
        r"^how (well )?(do|does|did) .*\b(fare|cope|behave|perform|react|respond|affect|influence|impact|change|vary|"
        r"depend|relate|evolve|generali[sz]e)\b",
    ),
    Form.METHOD: (
        r"^how (do|does|did|is|are|was|were|can|could|should)\b|\bsteps of\b|\bwhat does .* do\b",
        r"\b(what|which) (method|technique|algorithm|approach|procedure|strategy|architecture|framework|steps)\b",
    ),
    Form.YES_NO: (r"^(and |but |so )?(is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may)\b",),
}
_FIGURE_CUES = (
    r"\bhow (many|much|often|long|large|big|fast|far|accurate(ly)?|high|low|few|strong(ly)?)\b|\bby (how|what)\b",
    r"\b(what|which) ([\w-]+ ){0,4}(percentage|percent|fraction|share|proportion|number|rate|score|accuracy|size)\b",
    r"\b(what|which) ([\w-]+ ){0,4}(amount|factor|margin|speed-?up|cost|price|f1|auc|correlation|ratio|value)\b",
    r"\b(what|which) ([\w-]+ ){0,4}(budget|count|average|density|threshold|temperature|dose|age|length|duration)\b",
    r"\b(combien|quel(le)? (pourcentage|nombre|score|taux|densite)|wie ?(viele?|hoch|oft|gross)|bei welche[rmn])\b",
    r"\b(cuant[oa]s?|que porcentaje)\b|多少|几个|几种|百分之",
)
# "What works" may be a verb.
_PAPERS = re.compile(
    r"^(?:(?:and|but|so|are|there|any|list|show(?: me)?|find|name|give(?: me)?|all|(?:which|what)(?! works)) )+"
    r"(?:(?:the|other|recent) )*(?:papers|articles|studies|works|publications|preprints|abstracts)\b"
)
# "What's its DOI?", "who’re the authors?": the verb contracted into a question word or a pronoun.
_CONTRACTED = re.compile(r"\b(who|what|when|where|which|how|why|that|this|it|there)['’](s|re)\b")
_FULL = {"s": "is", "re": "are"}
_FORMS = {form: re.compile("|".join(cues)) for form, cues in _CUES.items()}
_FIGURE = re.compile("|".join(_FIGURE_CUES))


@dataclass(frozen=True)  # without slots: cached properties need the instance's dict
class QuestionReading:
    """A question as every stage sees it; each property is computed when first used."""

    text: str

    @cached_property
    def folded(self) -> str:
        """The text in lower case, without accents."""
        return fold(self.text)

    @cached_property
    def spaced(self) -> str:
        """The folded text with single spaces."""
        return " ".join(self.folded.split())

    @cached_property
    def expanded(self) -> str:
        """The spaced text with contractions written out: "what is" for "what's"."""
        return _CONTRACTED.sub(lambda found: f"{found[1]} {_FULL[found[2]]}", self.spaced)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its folded words in order, stop words included."""
        return tuple(split(self.folded))

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The stems of its content words, in order, with repeats."""
        return tuple(stems(word for word in self.words if word not in STOPWORDS))

    @cached_property
    def foreign(self) -> bool:
        """Whether it is in a language other than English."""
        return in_another_language(self.text)

    @cached_property
    def authors(self) -> frozenset[str]:
        """The folded family names of the authors that it asks about."""
        return first_authors(self.text)

    @cached_property
    def form(self) -> Form:
        """The form of the answer that it asks for."""
        found = next((form for form, cue in _FORMS.items() if cue.search(self.expanded)), Form.FINDING)
        return Form.FIGURE if found not in SEVERAL and self.asks_for_figure else found

    @cached_property
    def asks_for_figure(self) -> bool:
        """Whether it asks for a number, whatever its form."""
        return _FIGURE.search(self.expanded) is not None

    @cached_property
    def asks_for_papers(self) -> bool:
        """Whether it asks which papers there are."""
        return _PAPERS.search(self.expanded) is not None

    @cached_property
    def parts(self) -> tuple[QuestionReading, ...]:
        """The questions that it asks, each able to stand alone; itself where that is one."""
        found = parts(self.text)
        return (self,) if len(found) == 1 else tuple(map(QuestionReading, found))

    @cached_property
    def subject(self) -> tuple[str, ...]:
        """Its terms except those that only shape the question, in order, with repeats."""
        return tuple(term for term in self.terms if term not in FORM_WORDS)

    @cached_property
    def subject_set(self) -> frozenset[str]:
        """The distinct terms of its subject."""
        return frozenset(self.subject)

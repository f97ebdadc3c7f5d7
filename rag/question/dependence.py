"""How well a question fits papers by itself: whether it could depend on earlier turns, and whether it belongs there.

A question that depends on earlier turns names little, and resembles no paper. Where the papers cited before contain
what it names as well as the best paper does, it is about their subject. Measured in docs/lab/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.text.pointing import ASKS
from rag.text.question_form import Form, QuestionReading
from rag.text.words import term_set
from rag.types import Hit

# With more terms a question says by itself what it is about; with up to `BARE` it never does.
FEW, BARE = 4, 2
# The cosine of a question and its nearest paper from which it stands alone: dependent ones reach 0.40.
LIKE = 0.42
# The cosine of a question and the cited paper nearest to it from which it can be about that without sharing a word:
# "How do I bake a pie?" has -0.04 to 0.03 with papers on other things, "Any drawbacks?" 0.18 with one on a drug.
TOUCHES = 0.1
# The share of the best paper's lexical score that the cited papers reach with a question about them.
AS_GOOD = 0.5


@dataclass(frozen=True, slots=True)
class Fit:
    """`in_doubt`: the question could depend on other turns. `held`: the papers cited there contain some of its terms.

    `at_home`: they contain as much of it as the best paper does. `nowhere`: it resembles no paper, and the best one
    isn't about what it names ("Who disagrees?"). Neither holds for what has nothing to do with them: that is a new
    question, if one that the library can't answer. `alone`: it names much, and fits a paper other than those cited:
    whatever its pronouns mean is in the question itself.
    """

    in_doubt: bool = False
    held: bool = False
    at_home: bool = False
    nowhere: bool = False
    alone: bool = False


def fit(asked: QuestionReading, anywhere: Sequence[Hit], cited: Sequence[Hit]) -> Fit:
    """Compare what a question finds anywhere with what it finds among the papers cited before."""
    named = asked.subject_set
    if not named or not anywhere or not cited:
        return Fit()
    best, own = _held(named, anywhere[:1]), _held(named, cited)
    like, like_cited = (max(hit.dense or 0.0 for hit in hits) for hits in (anywhere, cited))
    # A fragment ("Any drawbacks?") depends on something, whatever it names.
    touches = bool(own) or like_cited >= TOUCHES or not ASKS.match(asked.spaced)
    at_home = touches and (len(own) >= len(best) or _as_good(cited, anywhere))
    # By itself it finds the cited paper, with every word.
    found = len(named) > BARE and best == named and anywhere[0].paper_id in {hit.paper_id for hit in cited}
    short = len(named) <= BARE or (len(named) <= FEW and like < LIKE)
    in_doubt = short and not found and asked.form is not Form.DEFINITION
    known = touches or bool(_held(named, anywhere))
    nowhere = known and len(named) <= BARE and like < LIKE and not named & term_set(anywhere[0].paper.title)
    return Fit(in_doubt, bool(own), at_home, nowhere, alone=len(named) > FEW and like >= LIKE and not at_home)


def _held(named: frozenset[str], hits: Sequence[Hit]) -> frozenset[str]:
    """Return which of these terms the papers contain between them."""
    texts = (term_set(f"{hit.paper.title}\n{hit.paper.abstract}") for hit in hits)
    return named.intersection(frozenset().union(*texts))


def _as_good(cited: Sequence[Hit], anywhere: Sequence[Hit]) -> bool:
    best, own = (max((hit.lexical or 0.0 for hit in hits), default=0.0) for hits in (anywhere, cited))
    return own >= AS_GOOD * best > 0

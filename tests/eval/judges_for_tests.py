"""A judge that goes by wording alone, and answers built by hand."""

from eval.answers.responses import Claim, Passage, PinnedQuote, Response
from eval.judges.judged import Judged, judge_response
from eval.questions import Case
from rag.types import Support, Verdict


class ExactJudge:
    """Supports what is word for word in the evidence taken together; "X and Y" needs X and Y.

    A sentence that opens with "Not " contradicts evidence that holds the rest, "???" can't be judged.
    """

    def __init__(self):
        self.asked = []

    def check(self, sentence, evidence):
        self.asked.append((sentence, tuple(evidence)))
        held = " ".join(evidence)
        if "???" in sentence:
            return Support(0.0, Verdict.UNKNOWN, "no verdict")
        if sentence.startswith("Not ") and sentence.removeprefix("Not ") in held:
            return Support(0.0, Verdict.CONTRADICTED, "the evidence says the opposite")
        if all(part in held for part in sentence.split(" and ")):
            return Support(1.0, Verdict.SUPPORTED, "word for word")
        return Support(0.0, Verdict.UNSUPPORTED, "not there")


class GradedJudge(ExactJudge):
    """As above, but "X and Y" is partly supported where only one of them is held."""

    def check(self, sentence, evidence):
        found = super().check(sentence, evidence)
        some = any(part in " ".join(evidence) for part in sentence.split(" and "))
        partly = some and found.verdict is Verdict.UNSUPPORTED
        return Support(0.5, Verdict.PARTIAL, "in part") if partly else found


PASSAGES = (
    Passage("p1", "Tides rise at noon. Salt floats up."),
    Passage("p2", "Winds turn north. Clouds gather fast."),
    Passage("p3", "Owls hunt at night. Tides rise at noon."),
)


def case(kind="figure", **fields):
    return Case("q", kind, "dev", "What happens?", **fields)


PLAIN = case()


def response(*claims, passages=PASSAGES, **fields):
    """An answer of (sentence, mark, mark, …), each mark without a quote."""
    made = tuple(Claim(text, tuple(marks)) for text, *marks in claims)
    text = " ".join(f"{claim.text} {''.join(f'[{m}]' for m in claim.marks)}" for claim in made)
    given = {"text": text, "retrieved": tuple(p.id for p in passages)} | fields
    return Response("q", claims=made, passages=passages, **given)


def judged(*claims, case=PLAIN, judge=None, **fields) -> Judged:
    return judge_response(case, response(*claims, **fields), judge or ExactJudge())


def pinned(text, *pins):
    """A sentence pinned to (passage, quote) each."""
    return Claim(text, tuple(dict.fromkeys(number for number, _ in pins)), tuple(PinnedQuote(*pin) for pin in pins))

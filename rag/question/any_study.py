"""Questions that could be asked of any study: "Which models were tested?", "What are the limitations?"."""

from __future__ import annotations

from rag.text.question_form import Form, QuestionReading
from rag.text.words import term_set

# What takes at least two papers.
BETWEEN = term_set("agree disagree differ contradict")
# What may be asked of any study, however it is worded.
OF_ANY_STUDY = BETWEEN | term_set(
    "use used measure propose conclude claim argue suggest call name compare evaluate recommend test train sample "
    "survey ask collect limitation limit result main key method approach idea contribution newest oldest first best "
    "model dataset data benchmark baseline size participant subject patient experiment setting finding number "
    "conclusion figure accuracy performance score well worst better large small many much example year country "
    "place species hypothesis control group outcome analysis statistic significant reliable generalize future author "
    "do done need run make made long take cost"
)


def is_of_any_study(asked: QuestionReading) -> bool:
    """Whether a question could be asked of any study: "Which models were tested?", "What are the limitations?"."""
    return bool(asked.terms) and asked.subject_set <= OF_ANY_STUDY and asked.form is not Form.DEFINITION

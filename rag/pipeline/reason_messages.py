"""What a declined answer says, by the reason that `rag.question.answerability` gave; that may say it more exactly."""

from __future__ import annotations

from rag.types import Reason

DECLINED = {
    Reason.NO_PAPERS: "The library has no papers yet. Add some and ask again.",
    Reason.FILTERED_OUT: "No paper in the library passes these filters. Loosen them and ask again.",
    Reason.LOW_RELEVANCE: "No abstract in the library answers this question.",
    Reason.UNSUPPORTED: "The abstracts don't support an answer to this question.",
    Reason.NEEDS_FULL_TEXT: "Abstracts rarely state this; look in the full text.",
    Reason.MODEL_UNAVAILABLE: "The language model failed.",
    Reason.NO_QUESTION: "That isn't a question about these papers. Ask something that they might answer.",
    Reason.STOPPED: "Stopped before anything was written.",
}
BELOW = "Below is an answer written without a language model, in the abstracts' own words."


def none_answers(searched: int) -> str:
    """Return what a declined answer says where only some of the papers were searched, as a filter or follow-up asks."""
    if searched == 1:
        return "The abstract of this one paper doesn't answer the question."
    return f"None of the {searched:,} abstracts searched answers this question."

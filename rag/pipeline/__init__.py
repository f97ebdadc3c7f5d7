"""From a question to an answer: the order of the steps."""

from rag.pipeline.run import EXTRACTIVE, answer, mark_up, stream_answer

__all__ = ["EXTRACTIVE", "answer", "mark_up", "stream_answer"]

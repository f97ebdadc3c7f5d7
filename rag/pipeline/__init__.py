"""From a question to an answer: the order of the steps."""

from rag.pipeline.api import EXTRACTIVE, answer, stream_answer

__all__ = ["EXTRACTIVE", "answer", "stream_answer"]

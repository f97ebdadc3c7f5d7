"""A language model that says what the test dictates, over the evidence that it was shown."""

from __future__ import annotations

import json

from rag.models.chat import Reply


class SpeakingModel:
    """Replies with `sentences` (pairs of text and evidence numbers), or with `reply` as it stands."""

    name = "scripted:test"
    host = "127.0.0.1"

    def __init__(self, *sentences, reply=None, fingerprint="as it is"):
        self.fingerprint = fingerprint
        written = {"reply": {"sentences": [{"evidence": numbers, "text": text} for text, numbers in sentences]}}
        self.reply = json.dumps(written) if reply is None else reply
        self.calls = 0

    def context(self, timeout):
        return 8192

    def stream(self, messages, schema, timeout):
        self.calls += 1
        yield self.reply
        yield Reply(complete=True, prompt_tokens=1000, completion_tokens=50)

"""A language model that says what the test dictates, and keeps what it was sent."""

from __future__ import annotations

import json

from rag.models.chat import Reply


class ScriptedModel:
    """Gives `replies` in order, each cut into pieces; an exception among them is raised."""

    name = "scripted:test"
    host = "127.0.0.1"

    def __init__(self, *replies, window=8192, end=None):
        self.replies = list(replies)
        self.window = window
        self.last = end or Reply(True, 100, 20, "stop")
        self.sent = []
        self.closed = 0

    def context(self, timeout):
        return self.window

    def stream(self, messages, schema, timeout):
        self.sent.append((messages, schema))
        reply = self.replies.pop(0)
        try:
            if isinstance(reply, Exception):
                raise reply
            for begin in range(0, len(reply), 9):
                yield reply[begin : begin + 9]
            yield self.last
        finally:
            self.closed += 1


def as_json(*sentences):
    return json.dumps({"reply": {"sentences": [{"evidence": list(n), "text": t} for t, n in sentences]}})

"""Checkers that judge many sentences at once: a language model in one call, others in several threads."""

from __future__ import annotations

import json
import threading

from rag.errors import ModelUnreachableError
from rag.models.chat import Reply
from rag.types import Support, Verdict
from rag.verify import BoundedChecker, ModelChecker

ONE = ("Moths fly at night.", ("Moths fly at night, not by day.",))
TWO = ("Bees sleep.", ("Bees never sleep.", "Bees rest at noon."))


class Judge:
    name = "scripted:judge"
    host = "127.0.0.1"

    def __init__(self, *replies):
        self.replies = list(replies)
        self.sent = []

    def context(self, timeout):
        return 8192

    def stream(self, messages, schema, timeout):
        self.sent.append(messages[-1].content)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        yield reply
        yield Reply(complete=True)


def verdicts(*given):
    keys = ("claim", "verdict", "quote")
    return json.dumps({"verdicts": [dict(zip(keys, one, strict=True)) for one in given]})


def test_all_sentences_are_judged_in_one_call():
    judge = Judge(verdicts((1, "supported", "Moths fly at night"), (2, "contradicted", "Bees never sleep")))
    checker = BoundedChecker(ModelChecker(judge))
    assert checker.judges_many
    checker.check_many([ONE, TWO])
    assert [checker.check(*claim).verdict for claim in (ONE, TWO)] == [Verdict.SUPPORTED, Verdict.CONTRADICTED]
    assert checker.check(ONE[0], ["Another sentence."]).verdict is Verdict.UNKNOWN  # costs no further call
    assert len(judge.sent) == 1
    lines = [json.loads(line) for line in judge.sent[0].splitlines() if line.startswith('{"claim"')]
    assert [(line["sentence"], tuple(line["evidence"])) for line in lines] == [ONE, TWO]


def test_a_verdict_needs_a_quote_of_its_own_evidence():
    judge = Judge(
        verdicts((1, "supported", "Bees never sleep"), (2, "sure", "Bees never sleep"), (9, "supported", "x"))
    )
    checker = ModelChecker(judge)
    checker.check_many([ONE, TWO])
    assert [checker.check(*claim).verdict for claim in (ONE, TWO)] == [Verdict.UNKNOWN, Verdict.UNKNOWN]


def test_what_the_reply_leaves_out_is_judged_alone():
    alone = "QUOTE: Bees rest at noon\nVERDICT: partial"
    judge = Judge(f"<think>Hm.</think>```json\n{verdicts((1, 'supported', 'fly at night'))}\n```", alone)
    checker = ModelChecker(judge)
    checker.check_many([ONE, TWO])
    assert [checker.check(*claim).verdict for claim in (ONE, TWO)] == [Verdict.SUPPORTED, Verdict.PARTIAL]


def test_a_call_that_fails_costs_nothing_but_itself():
    judge = Judge(ModelUnreachableError("gone: start it"), "QUOTE: fly at night\nVERDICT: supported")
    checker = BoundedChecker(ModelChecker(judge))
    checker.check_many([ONE, TWO])
    assert checker.check(*ONE).verdict is Verdict.SUPPORTED


def test_a_handed_in_checker_is_asked_sentence_by_sentence():
    class Mine:
        def check(self, sentence, evidence):
            raise AssertionError

    assert not BoundedChecker(Mine()).judges_many


class Meeting:
    """Answers only once all of its threads have asked, so a caller that asks one after another gets an error."""

    threads = 2

    def __init__(self):
        self.barrier = threading.Barrier(self.threads)

    def check(self, sentence, evidence):
        self.barrier.wait(timeout=5)
        return Support(0.9, Verdict.SUPPORTED)


def test_a_checker_that_allows_it_is_asked_several_claims_at_the_same_time():
    checker = BoundedChecker(Meeting())
    checker.check_beforehand([ONE, TWO, ONE])
    assert [checker.check(*claim).verdict for claim in (ONE, TWO)] == [Verdict.SUPPORTED, Verdict.SUPPORTED]


def test_another_checker_is_asked_nothing_beforehand():
    judge = Judge()
    BoundedChecker(ModelChecker(judge)).check_beforehand([ONE, TWO])
    assert not judge.sent

"""Makes any checker keep its protocol: every sentence gets a verdict, and it isn't called after a stop.

It catches every error and wrong value of a checker that was passed in.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from rag.errors import ModelError
from rag.models.boundary import boundary, name_of
from rag.types import Support, Verdict
from rag.verify.checker import NO_TIME, BatchChecker, Checker, Claim, ParallelChecker

_FIX = "fix it, or choose another with PINCITE_CHECKER"


class BoundedChecker:
    """Wraps a checker, for one answer or one receipt. It asks the same question only once.

    After `deadline`, a time of `time.monotonic`, and once `stop` is set, it asks nothing more.
    """

    def __init__(self, checker: Checker, stop: threading.Event | None = None, deadline: float | None = None) -> None:
        self.name = name_of(checker)
        self._checker = checker
        self._stop = stop
        self._deadline = deadline
        self._known: dict[tuple[str, ...], Support] = {}  # several steps ask a language model the same thing

    @property
    def judges_many(self) -> bool:
        """Whether it can judge all sentences of an answer in one call."""
        return isinstance(self._checker, BatchChecker)

    def check_many(self, claims: Sequence[Claim]) -> None:
        """Have all of these judged in one call, where the checker can do that."""
        over = self._deadline is not None and time.monotonic() > self._deadline
        if isinstance(self._checker, BatchChecker) and claims and not over and not (self._stop and self._stop.is_set()):
            # What is raised here is raised again where a sentence is checked alone, and reported there.
            with contextlib.suppress(ModelError), boundary(f"the checker {self.name}", ModelError, _FIX):
                self._checker.check_many(claims)

    def check_beforehand(self, claims: Sequence[Claim]) -> None:
        """Judge these at the same time where the checker allows that, so that `check` knows the verdicts; else none."""
        new = [claim for claim in dict.fromkeys(claims) if (claim[0], *claim[1]) not in self._known]
        if len(new) > 1 and isinstance(self._checker, ParallelChecker):
            with ThreadPoolExecutor(self._checker.threads) as pool:
                list(pool.map(lambda claim: self.check(*claim), new))

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together; see `Checker.check`."""
        asked = (sentence, *evidence)
        if asked not in self._known:
            if self._stop is not None and self._stop.is_set():
                return Support(0.0, Verdict.UNKNOWN, "stopped before it was checked")
            if self._deadline is not None and time.monotonic() > self._deadline:
                return Support(0.0, Verdict.UNKNOWN, NO_TIME)
            self._known[asked] = self._judged(sentence, evidence)
        return self._known[asked]

    def _judged(self, sentence: str, evidence: Sequence[str]) -> Support:
        who = f"the checker {self.name}"
        try:
            with boundary(who, ModelError, _FIX):
                judged = self._checker.check(sentence, evidence)
                if not isinstance(judged, Support) or not isinstance(judged.why, str):
                    raise ModelError(f"{who} returned {judged!r:.60}, not a Support: {_FIX}")
                judged = replace(judged, verdict=Verdict(judged.verdict), score=float(judged.score))
        except ModelError as error:
            return Support(0.0, Verdict.UNKNOWN, str(error))
        if not math.isfinite(judged.score) or not 0 <= judged.score <= 1:
            return Support(0.0, Verdict.UNKNOWN, f"{who} gave a score of {judged.score}, not one from 0 to 1: {_FIX}")
        return judged

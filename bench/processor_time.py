"""Where the processor's time goes: `python -m bench.processor_time [LIBRARY] [--questions 20] [--gate]`.

Prints the milliseconds of a question that is new to the process, by part, or with `--gate` the seconds of each check of
the repository's gate. Parts may hold others: verdicts hold their readings. Seconds on a busy machine are longer, as
cores share caches and memory, so compare parts and runs only at the same load.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from bench.chat import questions_on
from bench.startup import ROOT, SEEDS
from eval.gates.checks import measure
from eval.gates.thresholds import GATE, read_gate, shortfalls
from rag import Library, answer
from rag.models import reader
from rag.models.minilm import MiniLM
from rag.pipeline.evidence_search import EvidenceSearch
from rag.pipeline.run import AnswerRun
from rag.verify import attribution
from rag.verify.builtin import BuiltinChecker
from rag.write import withheld

PARTS = (
    (reader.Reader, "answers", "reading abstracts for the question"),
    (reader.Reader, "judge", "reading sentences for a verdict"),
    (reader, "encode", "of both, word pieces"),
    (EvidenceSearch, "find", "searching, on its own thread"),
    (withheld, "_instructing", "looking for instructions to a model"),
    (AnswerRun, "_gate", "deciding whether to answer"),
    (BuiltinChecker, "check", "verdicts"),
    (attribution, "agreement_of", "agreement between papers"),
    (MiniLM, "embed", "embedding"),
    (MiniLM, "embed_tokens", "embedding word by word"),
)
seconds, calls, guard = Counter(), Counter(), threading.Lock()


def timed(owner, name, part):
    """Count the processor time of a function, on whichever thread it runs."""
    function = getattr(owner, name)

    def run(*arguments, **named):
        started = time.thread_time()
        try:
            return function(*arguments, **named)
        finally:
            with guard:
                seconds[part] += time.thread_time() - started
                calls[part] += 1

    setattr(owner, name, run)


class Measured:
    """Processor time and wall time from its making, and what the parts took of it."""

    def __init__(self):
        seconds.clear()
        calls.clear()
        self._started = time.process_time(), time.perf_counter()

    def show(self, name, share=1, unit="s"):
        """Print the whole and the parts, divided by `share`."""
        scale = (1000 if unit == "ms" else 1) / share
        used, wall = time.process_time() - self._started[0], time.perf_counter() - self._started[1]
        print(f"{name:<50}{used * scale:8.1f} {unit}, {wall * scale:.1f} {unit} of wall time")
        for part, taken in seconds.most_common():
            print(f"  {part:<48}{taken * scale:8.1f} {unit} {calls[part] / share:9.1f} calls")


def questions(folder, wanted):
    """Ask questions that are new to the process, after one that loads everything."""
    with Library.open(folder) as library:
        first, *others = questions_on(folder)[: wanted + 1]
        answer(first, library)
        measured = Measured()
        for question in others:
            answer(question, library)
        measured.show(f"one of {len(others)} questions", len(others), "ms")


def gate():
    """Run the checks of the repository's gate."""
    started = time.process_time(), time.perf_counter()
    for check in read_gate():
        measured = Measured()
        found = measure(check, GATE.parent)
        measured.show(f"{'failed' if shortfalls(check.thresholds, found.estimates) else 'passed'}: {check.name[:40]}")
    used, wall = time.process_time() - started[0], time.perf_counter() - started[1]
    print(f"the gate: {used:.1f} s of processor time, {wall:.1f} s of wall time")


def main():
    """Measure answers or the gate."""
    parser = argparse.ArgumentParser(prog="python -m bench.processor_time")
    parser.add_argument("library", nargs="?")
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--gate", action="store_true")
    options = parser.parse_args()
    for part in PARTS:
        timed(*part)
    if options.gate:
        gate()
    else:
        with tempfile.TemporaryDirectory() as place:
            library = options.library or str(Path(place) / "library")
            if not options.library:
                files = sorted(map(str, SEEDS.glob("*.txt"))) or [str(ROOT / "eval" / "data" / "library.jsonl")]
                command = [sys.executable, "-m", "rag", "add", *files, "--library", library]
                subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            questions(library, options.questions)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

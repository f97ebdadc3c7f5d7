"""A system under comparison in a process of its own: one JSON line in, one out. Runs in that system's environment."""

import json
import resource
import sys
import time


def serve(index, ask):
    """Answer commands on standard input until it ends.

    {"index": FILE} reads papers (one JSON object a line, with title and abstract) by `index(papers)`; {"ask": QUESTION}
    answers by `ask(question)`, which returns what was shown, in the layout that `bench.peers.__main__` describes.
    """
    out, sys.stdout = sys.stdout, sys.stderr  # what libraries print isn't an answer
    for line in sys.stdin:
        command = json.loads(line)
        started = time.perf_counter()
        if "index" in command:
            with open(command["index"], encoding="utf-8") as file:  # noqa: PTH123 - a script of few imports
                papers = [json.loads(row) for row in file]
            index(papers)
            reply = {"papers": len(papers)}
        else:
            reply = ask(command["ask"])
        reply["seconds"] = time.perf_counter() - started
        reply["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
        print(json.dumps(reply), file=out, flush=True)

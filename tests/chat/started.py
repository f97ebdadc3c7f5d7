"""The chat as `make app` starts it, in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
from places import ROOT


@contextmanager
def started(library, data, log):
    """Start the chat over a library's folder; yield its address and its process, whose words go to `log`."""
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        port = str(spare.getsockname()[1])
    command = [sys.executable, "app.py", "--library", str(library), "--data", str(data), "--port", port]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with (
        log.open("w") as words,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=words, stderr=words) as chat,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                try:
                    httpx.get(url)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield url, chat
        finally:
            chat.terminate()


def megabytes(process):
    """The memory of a process."""
    fields = Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def troubles(log):
    """The last line of each traceback in a log, but of those by which Gradio refuses what a list doesn't offer."""
    lines = log.read_text("utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
    ends = [next(line for line in lines[number + 1 :] if not line.startswith(" ")) for number in starts]
    return [line for line in ends if "is not in the list of choices" not in line and line]

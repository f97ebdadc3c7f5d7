"""Nothing leaves the machine: each step runs without a network, under a tracer that sees every connection tried."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from places import DEMO, ROOT

pytestmark = pytest.mark.root

OUTSIDE = re.compile(r"sa_family=AF_INET6?,.*?(?:inet_addr\(\"(?!127\.)|inet_pton\(AF_INET6, \"(?!::1\")|sin6_addr)")


def run_without_network(tmp_path, *arguments):
    """Run a command in a network namespace of its own; return its output and the outside connections it tried."""
    for tool in ("unshare", "strace"):
        assert shutil.which(tool), f"{tool} is missing: apt-get install util-linux strace"
    trace = tmp_path / "trace"
    command = ["unshare", "-n", "strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(trace)]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, [line for line in trace.read_text().splitlines() if OUTSIDE.search(line)]


def test_the_tracer_sees_a_connection(tmp_path):
    code = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect_ex(('192.0.2.1', 9))"
    _, outside = run_without_network(tmp_path, sys.executable, "-c", code)
    assert len(outside) == 1


def test_a_process_that_stays_tries_no_connection_later(tmp_path):
    """Telemetry is sent some seconds after a library was loaded: onnxruntime's after about nine."""
    code = (
        "import time; from rag import Library, answer\n"
        f"with Library.open('library') as library:\n    library.add({str(DEMO)!r}); time.sleep(15)\n"
        "    print(answer('What is an induction head?', library).text)"
    )
    output, outside = run_without_network(tmp_path, sys.executable, "-c", code)
    assert output
    assert outside == []


def test_add_search_and_ask_try_no_connection(tmp_path):
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(DEMO.read_text(encoding="utf-8").splitlines()[:6]), encoding="utf-8")
    pincite = [sys.executable, "-m", "rag"]
    for arguments in (("add", few), ("search", "induction heads"), ("ask", "What is an induction head?")):
        output, outside = run_without_network(tmp_path, *pincite, *arguments)
        assert output
        assert outside == []

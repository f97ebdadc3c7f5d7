"""How quickly Pincite is there: `python -m bench.startup [LIBRARY]`. Best of three, in seconds, on this machine now."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
SEEDS = ROOT.parent / "shared" / "seeds"
PORT = 7869


def seconds(*command):
    """Return the best of three runs of a command."""
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        taken.append(time.perf_counter() - started)
    return min(taken)


def until_served(library):
    """Return how long the chat takes from its start to its first page."""
    started = time.perf_counter()
    command = [sys.executable, "app.py", "--library", library, "--port", str(PORT)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while time.perf_counter() - started < 60:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=5).close()
                    return time.perf_counter() - started
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.05)
        finally:
            server.terminate()
    raise SystemExit("the chat was not there after 60 seconds")


def main():
    """Print the table of docs/lab/performance.md."""
    pincite = [sys.executable, "-m", "rag"]
    with tempfile.TemporaryDirectory() as folder:
        library = sys.argv[1] if len(sys.argv) > 1 else str(Path(folder) / "library")
        if len(sys.argv) < 2:
            files = sorted(map(str, SEEDS.glob("*.txt"))) or [str(ROOT / "eval" / "data" / "library.jsonl")]
            subprocess.run([*pincite, "add", *files, "--library", library], cwd=ROOT, check=True, capture_output=True)
        ask = [*pincite, "ask", "What triggers emergent misalignment?", "--library", library]
        rows = (
            ("import rag", seconds(sys.executable, "-c", "import rag"), 0.2),
            ("pincite --help", seconds(*pincite, "--help"), 0.3),
            ("pincite ask, cold", seconds(*ask), 3.0),
            ("chat ready", until_served(library), 8.0),
        )
    print(f"{'on ' + str(os.cpu_count()) + ' cores':<20} {'seconds':>8} {'aim':>6}")
    for name, taken, aim in rows:
        print(f"{name:<20} {taken:>8.2f} {aim:>6.1f}")


if __name__ == "__main__":
    main()

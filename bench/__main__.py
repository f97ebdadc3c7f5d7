"""Every measurement that needs no labelled data: `make bench`, or `python -m bench`. Some minutes on two cores."""

import subprocess
import sys

for module in ("bench.sizes", "bench.startup", "bench.embedding", "bench.store", "bench.memory"):
    print(f"# {module}", flush=True)
    subprocess.run([sys.executable, "-m", module], check=True)

"""ONNX models on the processor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

# How many things a model reads at once; more cores gain little, and others want some.
CORES = max(1, min(4, os.cpu_count() or 1))


def open_session(model: Path, threads: int = 0) -> Any:
    """Return an `onnxruntime.InferenceSession`; `threads` 0 leaves their number to onnxruntime."""
    import onnxruntime  # loaded with the model, not with `import rag`, which turns its telemetry off

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), sess_options=options, providers=["CPUExecutionProvider"])

"""ONNX models on the processor."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def open_session(model: Path, threads: int = 0) -> Any:
    """Return an `onnxruntime.InferenceSession`; `threads` 0 leaves their number to onnxruntime."""
    import onnxruntime  # loaded with the model, not with `import rag`, which turns its telemetry off

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), sess_options=options, providers=["CPUExecutionProvider"])

"""What runs the network of all-MiniLM-L6-v2: onnxruntime, or OpenVINO where it is installed (the extra `openvino`).

Both read the same file and are called alike: (token ids, mask), int64 of shape (texts, tokens), to the last hidden
states, float32 of shape (texts, tokens, dimension). An engine computes each call on one core and may be called by
several threads at once: for whole batches that is faster than many cores on one batch, which wait for each other at
each layer.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.models.onnx import open_session

Tokens = NDArray[np.int64]
Engine = Callable[[Tokens, Tokens], NDArray[np.float32]]

ONNXRUNTIME, OPENVINO = "onnxruntime", "openvino"
_loading = threading.Lock()


def fastest() -> str:
    """Return the name of the fastest engine that is installed."""
    return OPENVINO if importlib.util.find_spec("openvino") else ONNXRUNTIME


def load(name: str, model: Path, threads: int) -> Engine:
    """Return the engine of this name over a model file, for `threads` callers at once."""
    with _loading:
        return _openvino(model, threads) if name == OPENVINO else _onnxruntime(model)


def _onnxruntime(model: Path) -> Engine:
    """Weights of int8 are unpacked to float32 as the file is read, so this is the file's own arithmetic."""
    session = open_session(model, threads=1)
    names = [node.name for node in session.get_inputs()]

    def run(ids: Tokens, mask: Tokens) -> NDArray[np.float32]:
        hidden: NDArray[np.float32] = session.run(None, _named(names, ids, mask))[0]
        return hidden

    return run


def _openvino(model: Path, threads: int) -> Engine:
    """Weights stay int8, and a text's activations are rounded to int8 too: cosine 0.9996 to the other engine's.

    Each text is rounded by itself, so a vector doesn't depend on what is embedded with it.
    """
    openvino = _import_openvino()
    settings = {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": threads, "INFERENCE_NUM_THREADS": threads}
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(str(model)), "CPU", settings)
    names = [node.get_any_name() for node in compiled.inputs]
    idle: SimpleQueue[Any] = SimpleQueue()  # a request serves one caller at a time
    for _ in range(threads):
        idle.put(compiled.create_infer_request())

    def run(ids: Tokens, mask: Tokens) -> NDArray[np.float32]:
        request = idle.get()
        try:
            hidden: NDArray[np.float32] = request.infer(_named(names, ids, mask))[0]  # a copy, no shared memory
            return hidden
        finally:
            idle.put(request)

    # Its bindings set themselves up on first use, and two threads at once would wait for each other forever.
    run(np.ones((1, 2), dtype=np.int64), np.ones((1, 2), dtype=np.int64))
    return run


def _import_openvino() -> Any:
    """Import OpenVINO without its telemetry, which reports the import itself; where that is missing it does without."""
    telemetry = "openvino_telemetry"
    hidden = telemetry not in sys.modules
    if hidden:
        sys.modules[telemetry] = None  # type: ignore[assignment]  # makes `import` raise ImportError
    try:
        import openvino
    finally:
        if hidden:
            del sys.modules[telemetry]
    return openvino


def _named(names: list[str], ids: Tokens, mask: Tokens) -> dict[str, Any]:
    """Return the inputs that the model has by name; one text alone is of type 0 throughout."""
    known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    return {name: known[name] for name in names}

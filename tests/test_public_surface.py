import importlib
import pkgutil
import subprocess
import sys

import pytest

import rag


def test_the_public_names_are_exact_and_all_there():
    assert {name for name in dir(rag) if not name.startswith("_")} == set(rag.__all__)
    for name in rag.__all__:
        assert getattr(rag, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = rag.nothing_here


def test_importing_rag_loads_nothing_heavy():
    code = "import rag, sys; print([m for m in sys.modules if m.split('.')[0] in %r])"
    heavy = ("chromadb", "llama_index", "gradio", "onnxruntime", "numpy", "openai", "ollama")
    found = subprocess.run([sys.executable, "-c", code % (heavy,)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_no_submodule_rebinds_a_public_function():
    for module in pkgutil.walk_packages(rag.__path__, "rag."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    assert callable(rag.answer)
    assert callable(rag.stream_answer)

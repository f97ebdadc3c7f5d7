"""Packages that only some uses of Pincite need: which extra brings each, said when one is missing."""

from __future__ import annotations

from rag.errors import ConfigError

# The module that is imported → the extra of `pip install "pincite[EXTRA]"`.
EXTRAS = {
    "gradio": "chat", "fastapi": "chat", "jinja2": "chat",
    "starlette": "serve", "uvicorn": "serve", "pydantic": "serve",
    "mcp": "mcp", "mcp_types": "mcp",
    "llama_index": "llama-index",
    "langchain_core": "langchain",
    "arxiv": "arxiv", "requests": "arxiv",
    "ir_measures": "eval",
    "docx": "docx",
}  # fmt: skip


def missing(error: ModuleNotFoundError) -> Exception:
    """Return the error that names the command which installs the package; any other error as it is."""
    package = (error.name or "").partition(".")[0]
    if package not in EXTRAS:
        return error
    return ConfigError(f'{package} isn\'t installed, and this needs it: run `pip install "pincite[{EXTRAS[package]}]"`')

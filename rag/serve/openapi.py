"""The description of the endpoints: OpenAPI 3.1 for programs, and the same on one page without a script."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from pydantic import BaseModel

from rag.config import version
from rag.serve.bodies import Ask, Chat, PaperRange, Search
from rag.views.documents import json_schema

# Path, method, what it does, what it takes, the name of what it returns.
ENDPOINTS: tuple[tuple[str, str, str, type[BaseModel] | None, str | None], ...] = (
    ("/v1/chat/completions", "post", "Answer the last message, as OpenAI's clients ask", Chat, None),
    ("/v1/models", "get", "List what can be asked: pincite, pincite-extractive", None, None),
    ("/v1/ask", "post", "Answer a question with citations and verdicts", Ask, "answer"),
    ("/v1/search", "post", "Find papers, best first, each with its best sentence", Search, "hits"),
    ("/v1/papers", "get", "List papers, oldest first", PaperRange, "papers"),
    ("/v1/papers/{paper_id}", "get", "Show a paper with its abstract, by id, DOI, arXiv id or PMID", None, "paper"),
)


def described() -> dict[str, Any]:
    """Return the OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = _here(json_schema()["$defs"], "#/$defs/")
    for path, method, about, body, result in ENDPOINTS:
        operation: dict[str, Any] = {"summary": about, "responses": _responses(result)}
        if "{" in path:
            operation["parameters"] = [{"name": "paper_id", "in": "path", "required": True, "schema": _TEXT}]
        if body is not None:
            plain = body.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= plain.pop("$defs", {})
            if method == "get":
                fields = plain["properties"].items()
                operation["parameters"] = [{"name": name, "in": "query", "schema": kind} for name, kind in fields]
            else:
                operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": plain}}}
        paths[path] = {method: operation}
    info = {"title": "Pincite", "version": version(), "description": "Answers over paper abstracts, with citations."}
    security = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0", "info": info, "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": security}, "security": [{}, {"token": []}],
    }  # fmt: skip


def page() -> str:
    """Return the description as HTML: nothing is loaded, from here or elsewhere."""
    parts = []
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            shown = escape(json.dumps({k: v for k, v in operation.items() if k != "summary"}, indent=2))
            about = f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation['summary'])}</p>"
            parts.append(f"{about}<details><summary>Takes and returns</summary><pre>{shown}</pre></details>")
    links = '<p><a href="/openapi.json">OpenAPI</a> · <a href="/v1/schema.json">JSON Schema</a></p>'
    style = "<style>body{font-family:sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}</style>"
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Pincite over HTTP</title>{style}'
    return f"{head}<h1>Pincite over HTTP</h1>{links}{''.join(parts)}</html>"


_TEXT = {"type": "string"}


def _responses(result: str | None) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{result}"} if result else {"type": "object"}
    good = {"description": "done", "content": {"application/json": {"schema": schema}}}
    wrong = {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}}
    return {"200": good, "default": {"description": "why it failed", "content": wrong}}


def _here(value: Any, prefix: str) -> Any:
    """Return a schema with its references where OpenAPI keeps them."""
    if isinstance(value, dict):
        return {k: _here(v, prefix) for k, v in value.items()}
    if isinstance(value, list):
        return [_here(item, prefix) for item in value]
    return value.replace(prefix, "#/components/schemas/") if isinstance(value, str) else value

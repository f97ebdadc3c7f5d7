"""A key goes to the server that the user named and nowhere else: not into errors, receipts, files or output."""

import json
from http.server import BaseHTTPRequestHandler

import pytest
from on_loopback import on_loopback

from rag.__main__ import main
from rag.config import Config

KEY = "sk-planted-0123456789abcdef"


@pytest.fixture
def echoing_server():
    """A server that refuses every request with the key in its message, as some proxies do."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(self.headers.get("Authorization", ""))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps({"error": {"message": f"bad key {KEY}", "code": "invalid_api_key"}}).encode()
            self.send_response(401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the name that http.server looks for

    with on_loopback(Handler) as address:
        yield f"{address}/v1", seen


def test_a_planted_key_is_in_nothing_that_is_written_or_shown(
    echoing_server, demo_library, tmp_path, monkeypatch, capsys
):
    url, seen = echoing_server
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    receipt = tmp_path / "receipt.json"
    library = ["--library", str(demo_library.folder)]
    ask = [
        "ask",
        "What is an induction head?",
        "--model",
        "openai:any",
        "--receipt",
        str(receipt),
        "--overwrite",
        *library,
    ]
    assert main([*ask, "--json"]) == 1
    assert main(ask) == 1
    shown = capsys.readouterr()
    assert any(KEY in sent for sent in seen)  # it was used
    assert KEY not in shown.out + shown.err
    for folder in (tmp_path, demo_library.folder):
        for file in folder.rglob("*"):
            assert not file.is_file() or KEY.encode() not in file.read_bytes(), file


def test_settings_print_without_the_key():
    assert KEY not in repr(Config(openai_api_key=KEY))

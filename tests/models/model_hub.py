"""A model hub on loopback in the layout of the real one, which serves well or badly on purpose."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Hub(ThreadingHTTPServer):
    """Serves `files` of one repository at one commit. `requests` holds the method, path and range of each request."""

    daemon_threads = True

    def __init__(self, repository, commit, files):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repository, self.commit, self.files = repository, commit, files
        self.requests = []
        self.agents = set()
        self.secrets = []
        self.break_off = {}  # by file: the bytes after which the connection ends, and no other begins

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self._serve(body=False)

    def do_GET(self):
        self._serve(body=True)

    def _serve(self, body):
        hub, path = self.server, urlsplit(self.path).path
        hub.requests.append((self.command, path, self.headers.get("Range")))
        hub.agents.add(self.headers.get("User-Agent"))
        hub.secrets += [self.headers[name] for name in ("Authorization", "Cookie") if name in self.headers]
        if path.startswith(f"/api/models/{hub.repository}"):
            siblings = [{"rfilename": name, "size": len(data)} for name, data in hub.files.items()]
            info = {"id": hub.repository, "sha": hub.commit, "siblings": siblings, "tags": [], "downloads": 0}
            self._send(200, json.dumps(info).encode(), {"Content-Type": "application/json"}, body)
            return
        found = re.fullmatch(rf"/{hub.repository}/resolve/([^/]+)/(.+)", path)
        if not found or found[2] not in hub.files:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"}, body)
            return
        self._send_file(found[2], hub.files[found[2]], body)

    def _send_file(self, name, data, body):
        hub = self.server
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": hub.commit}
        start = int(re.match(r"bytes=(\d+)-", self.headers.get("Range") or "bytes=0-")[1])
        if not body or name not in hub.break_off:
            if start:
                headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            self._send(206 if start else 200, data[start:], headers, body)
        elif start:
            self._send(500, b"", {}, body)
        else:
            self._send(200, data, headers, body, most=hub.break_off[name])

    def _send(self, status, data, headers, body, most=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data[:most])
        if most is not None:
            self.close_connection = True


@contextmanager
def serving(repository, commit, files):
    """Run a hub for the length of a test."""
    hub = Hub(repository, commit, files)
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join(timeout=10)

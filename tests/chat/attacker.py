"""What an attacker sends to the page, in as many shapes as there are."""

import json
import secrets

import httpx


def secret_file(folder):
    """A file of the machine that nobody may read, name or add: its path, and its secret."""
    secret = f"secret-{secrets.token_hex(8)}"
    file = folder / "private" / "secret.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"title": f"On {secret}", "abstract": f"The abstract of {secret}."}) + "\n", "utf-8")
    return file, secret


def references(path):
    """A file's path, in every shape in which a component might take it."""
    meta = {"meta": {"_type": "gradio.FileData"}}
    plain = {"path": path}
    yield plain | meta
    yield plain
    yield plain | meta | {"url": f"file://{path}", "orig_name": "a.jsonl", "size": 3, "mime_type": "text/plain"}
    yield meta | {"url": f"http://127.0.0.1:1{path}", "path": f"http://127.0.0.1:1{path}"}
    yield meta | {"path": f"file={path}"}
    yield plain | meta | {"is_stream": True}
    yield [plain | meta, plain | meta]
    yield {"value": plain | meta, "props": {"value": [plain | meta]}}
    yield {"files": [plain | meta], "text": "", "deep": [[{"x": plain | meta}]]}
    yield {"video": plain | meta, "image": plain | meta, "background": plain | meta, "layers": [plain | meta]}
    yield f"file={path}"
    yield f"/gradio_api/file={path}"
    yield path


class Attacker:
    """Someone who speaks Gradio's protocol by hand; `received` holds every text that the server sent."""

    def __init__(self, url, **client):
        self.web = httpx.Client(base_url=url, timeout=60, **client)
        self.received = []
        self.statuses = set()

    def send(self, method, url, **request):
        reply = self.web.request(method, url, **request)
        self.received.append(str(reply.headers) + reply.text)
        self.statuses.add(reply.status_code)
        return reply

    def config(self):
        """What the page is made of."""
        return self.web.get("/config").json()

    def call(self, dependency, data, event_data=None):
        """Have an event happen, and read its stream to the end."""
        session = secrets.token_hex(6)
        order = {"data": data, "fn_index": dependency["id"], "session_hash": session, "event_data": event_data}
        joined = self.send("POST", "/gradio_api/queue/join", json=order)
        if joined.status_code == 200:
            self.read("/gradio_api/queue/data", session_hash=session)
        return joined

    def read(self, url, **params):
        """Read a stream to its end."""
        said = []
        with self.web.stream("GET", url, params=params) as stream:
            for line in stream.iter_lines():
                said.append(line)
                if '"process_completed"' in line or '"close_stream"' in line or said[-2:-1] == ["event: complete"]:
                    break
        self.received.extend(said)
        return "\n".join(said)

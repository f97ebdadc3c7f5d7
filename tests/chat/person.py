"""Someone who asks the page as a browser does, by Gradio's queue: https://www.gradio.app/guides/querying-gradio-apps-with-curl."""

import json
import secrets
import time

import httpx


class Person:
    """One visitor; `asked` holds the seconds that each answer took, `failed` what did not end well."""

    def __init__(self, url):
        self.web = httpx.Client(base_url=url, timeout=60)
        self.session = secrets.token_hex(6)
        config = self.web.get("/config").json()
        named = {c["props"].get("elem_id"): c for c in config["components"]}
        self.library = named["library"]["props"]["value"]
        self.event = next(d for d in config["dependencies"] if [named["message"]["id"], "submit"] in d["targets"])
        self.asked, self.failed = [], []

    def ask(self, question):
        """Ask, and follow until the answer is whole; return the page's last state of it."""
        inputs = [question, None, self.library, "extractive", None, "", "", "", ""]
        order = {"data": inputs, "fn_index": self.event["id"], "session_hash": self.session, "event_data": None}
        started = time.monotonic()
        self.web.post("/gradio_api/queue/join", json=order).raise_for_status()
        last = ""
        with self.web.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as events:
            for line in events.iter_lines():
                if line.startswith("data:"):
                    event = json.loads(line[5:])
                    last = line
                    if event["msg"] in ("process_completed", "close_stream"):
                        break
        self.asked.append(time.monotonic() - started)
        if event["msg"] != "process_completed" or not event["success"]:
            self.failed.append(last[:300])
        return last

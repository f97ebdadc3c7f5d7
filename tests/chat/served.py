"""The chat as tests serve it."""

import asyncio
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import uvicorn

from rag.config import Config


class Server:
    """The chat, served on loopback in a thread of the tests."""

    def __init__(self, library, data, auth=None, overrides=None, **config):
        import app  # gradio takes seconds to import: only where a test serves the page

        with socket.socket() as spare:
            spare.bind(("127.0.0.1", 0))
            self.port = spare.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

        async def build():  # without a running event loop Gradio makes two, and never closes them
            return app.build_app([library], Config(**config), data, port=self.port, auth=auth, **overrides or {})

        with ThreadPoolExecutor(1) as thread:  # this one may have the browser's loop
            web = thread.submit(asyncio.run, build()).result()
        self._server = uvicorn.Server(
            uvicorn.Config(web, port=self.port, log_level="error", timeout_graceful_shutdown=2)
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self):
        self._thread.start()
        until = time.monotonic() + 30
        while not self._server.started:
            assert self._thread.is_alive(), "the chat did not start"
            assert time.monotonic() < until, "the chat does not answer"
            time.sleep(0.02)
        return self

    def __exit__(self, *error):
        self._server.should_exit = True
        self._thread.join(15)

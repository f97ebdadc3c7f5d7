"""The chat: `pincite chat [--library DIR]… [--host 127.0.0.1] [--port 7860]`, in a checkout also `python app.py …`.

Opens the libraries, and serves the page of `rag.chat` behind its guard.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from rag.chat.conversations import Conversations
from rag.chat.http_guard import LOOPBACK, Guard, check_port, port_number
from rag.chat.libraries import Shelf
from rag.chat.listening import SETTINGS
from rag.chat.page import Page, mount
from rag.chat.passwords import Passwords
from rag.chat.service import Desk
from rag.chat.settings import Settings
from rag.chat.sign_in import SignIn
from rag.chat.uploads import Uploads
from rag.chat.welcome import examples
from rag.config import Config, data_folder, from_environment
from rag.errors import InputError, PinciteError, exit_code
from rag.integrations.tools import Tools
from rag.library import Library
from rag.models.chat import ChatModel
from rag.pipeline import EXTRACTIVE, answer
from rag.pipeline.overrides import Overrides
from rag.verify import Checker
from rag.verify.registry import BUILTIN
from rag.views.counts import counted
from rag.write.writer import Writer

DEMO = Path(__file__).parent / "eval" / "data" / "library.jsonl"
DEMO_LIBRARY = "demo-library"
# Bytes: a question is small, a file of papers may be large.
LARGEST_REQUEST = 64 * 2**20


def build_app(
    libraries: Sequence[Library],
    config: Config,
    data: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    names: Sequence[str] = LOOPBACK,
    auth: Callable[[str, str], bool] | None = None,
    model: ChatModel | None = None,
    writer: Writer | None = None,
    checker: Checker | None = None,
) -> FastAPI:
    """Return the web application over these libraries.

    `data` is the folder for conversations and for libraries created on the page; `names` are the accepted host names;
    `model` or `writer`, and `checker`, are objects of your own in place of the configured ones.
    """
    overrides = Overrides(model, writer, checker)
    # Among several people, none may choose where everyone's questions go.
    settings = Settings(data / "settings.json", config) if auth is None else None
    config = config if settings is None else settings.config
    shelf = Shelf(libraries, data / "libraries", config)
    desk = Desk(shelf, Conversations(data / "conversations.sqlite3"), config, overrides)
    tools = Tools(shelf.get(None), config, overrides)
    uploads = Uploads(data / "uploads")
    sign_in = None if auth is None else SignIn(auth)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()
        uploads.close()
        if sign_in is not None:
            sign_in.close()

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    page = Page(desk, uploads, (tools.ask, tools.search, tools.get_paper), settings)
    mount(app, page, host, port, sign_in, LARGEST_REQUEST)
    app.add_middleware(Guard, hosts=names, limit=LARGEST_REQUEST)  # the middleware added last runs first
    return app


def open_libraries(folders: Sequence[str], config: Config) -> list[Library]:
    """Open the named libraries, else the demo library, filling it the first time."""
    if folders or os.environ.get("PINCITE_LIBRARY"):
        return [Library.open(folder, config=config) for folder in folders or [config.library]]
    library = Library.open(DEMO_LIBRARY, config=config)
    if not len(library):
        print(f"Pincite: filling ./{DEMO_LIBRARY} with the demo papers (some seconds, once)")
        library.add(DEMO)
    return [library]


def warm_up(library: Library, config: Config, stop: threading.Event) -> None:
    """Answer one of the questions that the page offers, so that the first asked doesn't wait for models to load.

    No language model is called.
    """
    try:
        for question in examples(library)[:1]:
            answer(question, library, model=EXTRACTIVE, checker=BUILTIN, config=config, stop=stop)
    except PinciteError:  # whatever it is, asking shows it
        logging.getLogger("pincite").info("nothing was loaded ahead", exc_info=True)


def read_access(options: argparse.Namespace) -> tuple[list[str], Passwords | None]:
    """Return the host names to accept, and who may sign in. Refuses to serve a network without passwords."""
    passwords = Passwords(options.auth) if options.auth else None
    names = [*LOOPBACK, options.host, *options.name]
    if options.host not in LOOPBACK and passwords is None:
        raise InputError(
            f"--host {options.host} would let everyone on the network read, add and delete: name a password file with "
            "--auth FILE (made by `python -m pincite.chat.passwords FILE NAME`), or leave --host out"
        )
    if options.host in ("0.0.0.0", "::") and not options.name:
        raise InputError(f"--host {options.host} needs --name NAME: the host name or address that browsers will use")
    return names, passwords


def is_trouble(line: logging.LogRecord) -> bool:
    """Return whether a line of uvicorn's log reports more than a page left open when the chat stopped."""
    return "CancelledError" not in repr(line.exc_info) and not str(line.msg).startswith("Cancel %s running task")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    parser = argparse.ArgumentParser(prog="pincite chat", description="Ask a library of abstracts, in the browser.")
    parser.add_argument(
        "--library", metavar="DIR", action="append", default=[],
        help=f"a library's folder; may be repeated (default: PINCITE_LIBRARY, else ./{DEMO_LIBRARY})",
    )  # fmt: skip
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; any but this machine needs --auth (default: 127.0.0.1)",
    )
    parser.add_argument("--port", type=port_number, default=7860, help="port to listen on (default: 7860)")
    parser.add_argument(
        "--data", type=Path, default=data_folder(), help="folder for conversations and settings (default: %(default)s)"
    )
    parser.add_argument(
        "--auth",
        type=Path,
        metavar="FILE",
        help="file of names and passwords of those who may sign in: see python -m pincite.chat.passwords --help",
    )
    parser.add_argument(
        "--name", metavar="NAME", action="append", default=[], help="a name under which browsers reach this host"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the chat until it is stopped."""
    options = build_parser().parse_args(arguments)
    try:
        names, passwords = read_access(options)
        check_port(options.host, options.port)
        config = from_environment()
        libraries = open_libraries(options.library, config)
        app = build_app(
            libraries, config, options.data, host=options.host, port=options.port, names=names, auth=passwords
        )
    except PinciteError as error:
        print(f"pincite: {error}", file=sys.stderr)
        return exit_code(error)
    except KeyboardInterrupt:  # while the demo library is filled
        print("\npincite: stopped; run the same command to continue", file=sys.stderr)
        return 130
    for library in libraries:
        print(f"Pincite: {counted(len(library), 'paper')} in {library}")
        if not library.exists:
            print(f"Pincite: {library} doesn't exist yet: add papers on the page, or choose another with --library")
    if passwords is not None:
        print("Pincite: anyone who signs in can read, add and remove papers, and use the configured models")
    print(f"Pincite: http://{options.host}:{options.port}", flush=True)
    # A page that is open keeps a connection: Ctrl-C cuts it after two seconds, which isn't worth reporting.
    logging.getLogger("uvicorn.error").addFilter(is_trouble)
    stop = threading.Event()
    warming = threading.Thread(target=warm_up, args=(libraries[0], config, stop), name="warm-up")
    warming.start()
    try:
        uvicorn.run(app, host=options.host, port=options.port, log_level="warning", **SETTINGS)
    finally:
        stop.set()
        warming.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())

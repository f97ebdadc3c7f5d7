"""`pincite serve [--library DIR] [--host 127.0.0.1] [--port 7861] [--token-file FILE]`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from rag.chat.http_guard import LOOPBACK, check_port, port_number
from rag.chat.listening import SETTINGS
from rag.config import Config, from_environment
from rag.errors import InputError, PinciteError, exit_code
from rag.library import Library
from rag.serve.server import LARGEST, build_app
from rag.views.counts import counted

SHORTEST = 16


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until it is stopped."""
    options = build_parser().parse_args(arguments)
    try:
        token = read_token(options.token_file)
        names = accepted_names(options, token)
        check_port(options.host, options.port)
        config = from_environment(library=options.library)
        with Library(config.library, config=config) as library:
            if not len(library):
                _say(f"{library}: holds no papers yet: add some with `pincite add FILE… --library {library}`")
            app = build_app(library, config, token=token, names=names, agents=agents(library, config))
            _say(f"{counted(len(library), 'paper')} on http://{options.host}:{options.port}/v1 (see /docs)")
            logging.getLogger("uvicorn.error").addFilter(lambda line: "CancelledError" not in repr(line.exc_info))
            uvicorn.run(app, host=options.host, port=options.port, log_level="warning", **SETTINGS)
    except PinciteError as error:
        _say(str(error))
        return exit_code(error)
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    parser = argparse.ArgumentParser(
        prog="pincite serve",
        description="Serve a library to other programs over HTTP, with OpenAI's protocol and an API of its own.",
    )
    parser.add_argument("--library", metavar="DIR", help="the library's folder (default: PINCITE_LIBRARY)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; any but this machine needs --token-file (default: 127.0.0.1)",
    )
    parser.add_argument("--port", type=port_number, default=7861, help="port to listen on (default: 7861)")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="file with the token that clients must send")
    parser.add_argument(
        "--name", metavar="NAME", action="append", default=[], help="a host name under which clients reach this server"
    )
    return parser


def read_token(file: Path | None) -> str | None:
    """Return the token in a file. Raises `InputError` for one that isn't there, or is too short to be secret."""
    if file is None:
        return None
    try:
        token = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: can't be read as a token ({error}): {_MAKE}") from error
    if len(token) < SHORTEST or len(token.split()) != 1:
        raise InputError(f"{file}: isn't one token of {SHORTEST} characters or more: {_MAKE}")
    return token


def accepted_names(options: argparse.Namespace, token: str | None) -> tuple[str, ...]:
    """Return the host names to answer to. Raises `InputError` where a network would be served without a token."""
    if options.host not in LOOPBACK and token is None:
        raise InputError(f"--host {options.host} would let everyone on the network ask: add --token-file FILE; {_MAKE}")
    if options.host in ("0.0.0.0", "::") and not options.name:
        raise InputError(f"--host {options.host} needs --name NAME: the host name that clients will use")
    return (*LOOPBACK, options.host, *options.name)


_MAKE = "make one with `python -c 'import secrets; print(secrets.token_urlsafe(32))' > FILE`"


def agents(library: Library, config: Config) -> Starlette | None:
    """Return what serves agents at `/mcp`, where the package for it is installed."""
    if find_spec("mcp") is None:
        return None
    from mcp.server.transport_security import TransportSecuritySettings

    from rag.integrations.mcp import build_server
    from rag.integrations.tools import Tools

    # The guard in front of all routes has checked Host and Origin.
    trusted = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return build_server(Tools(library, config)).streamable_http_app(
        json_response=True, stateless_http=True, max_request_body_size=LARGEST, transport_security=trusted
    )


def _say(message: str) -> None:
    sys.stderr.write(f"pincite: {message}\n")

"""Who may sign in: a file of names and salted scrypt hashes (RFC 7914), never passwords.

`python -m pincite.chat.passwords FILE NAME` asks for a password and adds a line.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import hmac
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from rag.errors import InputError

# OWASP's password storage advice for scrypt: N=2^17, r=8, p=1, which takes 128 MiB and about half a second.
COST, BLOCK, LANES = 2**17, 8, 1
SHORTEST = 10


def hashed(password: str, salt: bytes | None = None) -> str:
    """Return `scrypt$salt$hash` for a password."""
    salt = salt or secrets.token_bytes(16)
    plain = password.encode("utf-8", "surrogatepass")  # half a character is a wrong password, not an error
    digest = hashlib.scrypt(plain, salt=salt, n=COST, r=BLOCK, p=LANES, maxmem=256 * 2**20, dklen=32)
    return f"scrypt${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


class Passwords:
    """The names of a password file; calling it with a name and a password returns whether they match."""

    def __init__(self, file: Path) -> None:
        self._hashes = read_passwords(file)
        self._nobody = hashed(secrets.token_hex())

    def __call__(self, name: str, password: str) -> bool:
        """Return whether the password is right; an unknown name takes as long as a wrong password."""
        stored = self._hashes.get(name, self._nobody)
        salt = base64.b64decode(stored.split("$")[1])
        return hmac.compare_digest(stored, hashed(password, salt)) and name in self._hashes


def read_passwords(file: Path) -> dict[str, str]:
    """Return name → hash. Raises `InputError` for a file that is missing, empty or something else."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: can't be read as a password file ({error}): make one, {_HOW}") from None
    found = {}
    for number, line in enumerate(lines, 1):
        name, _, stored = line.strip().rpartition(":")
        if line.strip() and (not name or stored.count("$") != 2 or not stored.startswith("scrypt$")):
            raise InputError(f"{file}:{number}: isn't NAME:scrypt$SALT$HASH: add names with {_HOW}")
        if name:
            found[name] = stored
    if not found:
        raise InputError(f"{file}: is empty: add a name with {_HOW}")
    return found


_COMMAND = "python -m pincite.chat.passwords"
_HOW = f"{_COMMAND} FILE NAME"


def main(arguments: Sequence[str] | None = None) -> int:
    """Add a name to a password file, readable by its owner alone."""
    parser = argparse.ArgumentParser(prog=_COMMAND, description="Add a name to a password file.")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("name", metavar="NAME")
    options = parser.parse_args(arguments)
    password = getpass.getpass(f"Password for {options.name}: ")
    if len(password) < SHORTEST or ":" in options.name:
        sys.stderr.write(f"pincite: give at least {SHORTEST} characters, and a name without a colon\n")
        return 2
    options.file.touch(mode=0o600)
    kept = {**(read_passwords(options.file) if options.file.stat().st_size else {}), options.name: hashed(password)}
    fresh = options.file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text("".join(f"{name}:{stored}\n" for name, stored in kept.items()), encoding="utf-8")
    fresh.replace(options.file)
    return 0


if __name__ == "__main__":
    sys.exit(main())

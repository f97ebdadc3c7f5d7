"""A library or backup that somebody else made: what is added to it goes nowhere that its new owner did not name."""

import json
import logging
import shutil
import socket
import sqlite3
import threading
from contextlib import closing, contextmanager

import chroma_server
import invented
import pytest
from counting import CountingEmbedder

from rag import Library
from rag.__main__ import main
from rag.config import Config
from rag.errors import ConfigError, IndexBehindError
from rag.library.backup import restore
from rag.library.named_indexes import named_index


@contextmanager
def listener():
    """Listen on loopback; offer the port, and a list with one entry for each connection."""
    seen = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept():
            while True:
                connection, _ = server.accept()
                with connection:
                    seen.append(connection.recv(100_000))
                    if seen[-1] == b"end":
                        seen.pop()
                        return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1], seen
        finally:
            with socket.create_connection(server.getsockname()) as last:
                last.sendall(b"end")
            thread.join(10)


def opened(folder, **settings):
    return Library.open(folder, embedder=CountingEmbedder(), config=Config(**settings))


@pytest.fixture
def gift(tmp_path):
    """A library and a backup of it that claim an index at a port."""

    def make(port):
        with opened(tmp_path / "gift") as library:
            library.add(invented.write(tmp_path / "theirs.jsonl", range(5)))
            library.backup(tmp_path / "gift.pincite")
        for file in (tmp_path / "gift" / "catalog.sqlite", tmp_path / "gift.pincite"):
            with closing(sqlite3.connect(file)) as catalog, catalog:
                catalog.execute("INSERT OR REPLACE INTO meta VALUES ('index', ?)", [f"http://127.0.0.1:{port}/papers"])
        invented.write(tmp_path / "mine.jsonl", range(20, 24))
        return tmp_path

    return make


def restored(place):
    restore(place / "gift.pincite", place / "mine")


def copied(place):
    shutil.copytree(place / "gift", place / "mine")


@pytest.mark.parametrize("take", [restored, copied])
def test_what_is_added_to_a_gift_and_the_token_are_sent_nowhere(gift, take, caplog):
    with listener() as (port, seen), caplog.at_level(logging.WARNING, "pincite"):
        place = gift(port)
        take(place)
        with opened(place / "mine", index_token="mine-alone") as library:
            assert len(library.add(place / "mine.jsonl").added) == 4
            library.edit(library.papers()[0].id, title="Another title")
            library.remove(library.papers()[0].id)
            assert library.search("barley")
            examined = library.examine()
            assert library.repair().healthy
            assert library.statistics().server is None
        assert seen == []
    assert "name it with --index URL" in caplog.text
    assert [f.detail.split(":")[0] for f in examined.findings if f.check == "server"] == (
        [] if take is restored else ["not checked"]
    )


def test_an_address_counts_for_the_folder_that_it_was_named_for(gift):
    with listener() as (port, seen):
        place = gift(port)
        restored(place)
        url = f"http://127.0.0.1:{port}/papers"
        with opened(place / "mine", index=url, index_timeout=0.5) as library, pytest.raises(IndexBehindError):
            library.add(place / "mine.jsonl")
        named = len(seen)
        with opened(place / "mine", index_timeout=0.5) as library, pytest.raises(IndexBehindError):
            library.remove(library.papers()[0].id)  # remembered for here
        assert len(seen) > named > 0
        assert named_index(place / "mine") == url
        before = len(seen)
        copied_again = place / "elsewhere"
        shutil.copytree(place / "mine", copied_again)
        with opened(copied_again) as library:
            library.remove(library.papers()[0].id)
        shutil.rmtree(place / "mine")  # and another gift, at the place of the one that was named
        shutil.copytree(place / "gift", place / "mine")
        with closing(sqlite3.connect(place / "mine" / "catalog.sqlite")) as catalog, catalog:
            catalog.execute("UPDATE meta SET value = value || '-2' WHERE key = 'index'")
        with opened(place / "mine") as library:
            library.remove(library.papers()[0].id)
        assert len(seen) == before


def test_a_restore_asks_for_the_index_again_and_takes_it(tmp_path, capsys):
    chroma = chroma_server.ChromaServer(tmp_path / "chroma").start()
    folder, backup = str(tmp_path / "mine"), str(tmp_path / "backup.pincite")
    file = str(invented.write(tmp_path / "mine.jsonl", range(4)))
    try:
        assert main(["add", file, "--library", folder, "--index", f"{chroma.url}/first"]) == 0
        assert main(["backup", backup, "--library", folder]) == 0
        capsys.readouterr()
        assert main(["restore", backup, "--library", folder]) == 0
        assert "nothing is sent there; name it with --index URL" in capsys.readouterr().err
        assert named_index(tmp_path / "mine") is None
        assert main(["doctor", "--library", folder]) == 0
        assert "server" not in capsys.readouterr().out
        url = f"{chroma.url}/again"
        assert main(["restore", backup, "--library", folder, "--index", url]) == 0
        assert "--index" not in capsys.readouterr().err
        more = str(invented.write(tmp_path / "more.jsonl", range(4, 7)))
        assert main(["add", more, "--library", folder]) == 0
        capsys.readouterr()
        assert main(["search", "barley", "--library", url, "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)["hits"]) == 7
        assert main(["doctor", "--repair", "--library", folder, "--index", "none"]) == 0
        assert named_index(tmp_path / "mine") is None
    finally:
        chroma.stop()


@pytest.mark.parametrize("ending", ["?token=geheim", "?tenant=a&key=geheim", "/a b?tenant=geheim", "#geheim"])
def test_the_query_of_an_address_is_not_shown(ending, tmp_path):
    with pytest.raises(ConfigError) as caught:
        opened(
            tmp_path / "library",
            index=f"http://host:8000/papers{ending}" if ending != "#geheim" else "http://h/#geheim",
        )
    assert "geheim" not in str(caught.value)

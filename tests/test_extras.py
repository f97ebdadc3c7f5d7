"""What a plain install leaves out is named, with its command, once it is needed."""

import re
import subprocess
import sys
import tomllib

import pytest
from places import ROOT

from rag.errors import EXTRAS

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


OPENED = "from pathlib import Path\nfrom rag.manuscript.opening import open_manuscript\nopen_manuscript(Path('a.docx'))"


def without(package, code):
    program = f"import sys; sys.modules[{package!r}] = None\n{code}"
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("package", "command", "extra"),
    [
        ("gradio", ["chat"], "chat"),
        ("starlette", ["serve"], "serve"),
        ("mcp", ["mcp"], "mcp"),
        ("arxiv", ["fetch", "arxiv", "ti:barley"], "arxiv"),
        ("ir_measures", ["eval", "retrieval", "nowhere"], "eval"),
        ("docx", ["check", "nowhere.docx"], "docx"),
    ],
)
def test_a_command_names_the_extra_that_it_lacks(package, command, extra):
    done = without(package, f"from rag.__main__ import main\nsys.exit(main({command!r}))")
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip().splitlines() == [
        f'pincite: {package} isn\'t installed, and this needs it: run `pip install "pincite[{extra}]"`'
    ]


@pytest.mark.parametrize(
    ("package", "code", "extra"),
    [
        ("llama_index", "import rag.integrations.llama_index", "llama-index"),
        ("arxiv", "from rag import fetch_arxiv", "arxiv"),
        ("langchain_core", "import rag.integrations.langchain", "langchain"),
        ("haystack", "import rag.integrations.haystack", "haystack"),
        ("mcp", "import rag.integrations.mcp", "mcp"),
        ("docx", OPENED, "docx"),  # as the page opens a manuscript that was dropped on it
    ],
)
def test_an_import_names_the_extra_that_it_lacks(package, code, extra):
    assert f'ConfigError: {package} isn\'t installed, and this needs it: run `pip install "pincite[{extra}]"`' in (
        without(package, code).stderr
    )


def test_a_plain_install_asks_and_searches_without_any_extra(tmp_path):
    blocked = "\n".join(f"sys.modules[{name!r}] = None" for name in EXTRAS if name != "pydantic")
    code = (
        f"{blocked}\nfrom rag.__main__ import main\nfrom rag import Library\n"
        f"place = {str(tmp_path / 'library')!r}\n"
        "with Library(place) as library:\n"
        "    library.add_records([{'title': 'Moths', 'abstract': 'Moths circle streetlights for hours.'}])\n"
        "sys.exit(main(['ask', 'What do moths circle?', '--library', place]))"
    )
    done = without("gradio", code)
    assert (done.returncode, "[1]" in done.stdout) == (0, True), done.stderr


def test_a_plain_install_is_small_and_the_table_names_every_extra():
    from bench.sizes import TOGETHER, megabytes, needed

    plain, missing = needed()
    assert not missing
    assert {"chromadb", "onnxruntime"} <= plain
    assert len(plain) <= 120
    assert megabytes(plain) <= 600
    table = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for page in (table, (ROOT / "README.md").read_text(encoding="utf-8")):
        stated = re.search(r"(\d+) packages, (\d+) MB", page)
        assert int(stated[1]) == len(plain)
        assert int(stated[2]) == pytest.approx(megabytes(plain), rel=0.05)
    assert all(f"\n| `{extra}` | " in table for extra in {*PROJECT["optional-dependencies"]} - {*TOGETHER})


def test_every_extra_that_is_named_is_there_and_all_has_all():
    offered = PROJECT["optional-dependencies"]
    assert set(EXTRAS.values()) <= set(offered)
    (everything,) = offered["all"]
    assert set(everything.removeprefix("pincite[").rstrip("]").split(",")) == set(offered) - {"all", "test", "dev"}

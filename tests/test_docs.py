"""The documentation can't lie: its Python and its commands are executed, its links and files are there."""

import contextlib
import io
import re
import shlex
import shutil

import pytest
from places import ROOT

import rag.__main__ as pincite

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# What a reader types that changes the machine, needs a server, or takes long: looked at, not run.
NOT_RUN = (
    "make", "export", ".venv/bin/python", "python3", "python app.py", "python -m pytest", "source", "pip", "git",
    "ollama", "chroma", "#",
)  # fmt: skip
# A file that the commands below it read: TOML whose first line is its name.
NAMED = "# nightly.toml\n"
# A block after this comment needs something that a test can't have, and says what.
EXEMPT = "<!-- not run: "


def blocks(page):
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        before = text[: match.start()].rstrip().rsplit("\n", 1)[-1]
        if not before.startswith(EXEMPT):
            yield match.group(1), match.group(2)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_and_commands_of_a_page_run(page, tmp_path, monkeypatch, demo_library):
    found = [
        (language, code) for language, code in blocks(page) if language in ("python", "sh") or code.startswith(NAMED)
    ]
    if not found:
        return
    (tmp_path / "eval").symlink_to(ROOT / "eval")
    (tmp_path / "prompts").symlink_to(ROOT / "prompts")
    # The commands below add the demo papers; a copy of the library that has them embeds nothing again.
    shutil.copytree(demo_library.folder, tmp_path / "demo")
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "docs"}
    for language, code in found:
        if language == "toml":
            file, _, _ = code.removeprefix("# ").partition("\n")
            (tmp_path / file).write_text(code, encoding="utf-8")
            continue
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            if language == "python":
                exec(compile(code, str(page), "exec"), names)
            else:
                run_commands(code, shown)
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}
    written = {path.name for path in tmp_path.iterdir()} - {"eval", "prompts"}
    assert written <= ignored, "whoever follows the page in a checkout would be offered these by git"


def run_commands(code, shown):
    for line in code.replace("\\\n", " ").splitlines():
        command, _, remark = (part.strip() for part in line.partition("   #"))
        if not command or command.startswith(NOT_RUN):
            continue
        program, *arguments = shlex.split(command.split(" > ")[0].split(" | ")[0])
        if program == "pincite":
            code = pincite.main(arguments)
        else:
            raise AssertionError(f"a command that this test does not know: {command}")
        assert code == ("exit code 1" in remark), f"{command}\n{shown.getvalue()[-2000:]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_and_tests_that_a_page_names_are_there(page):
    named = set(re.findall(r"(?<![\w./-])((?:rag|tests|training)/[\w/]+\.\w+)", page.read_text(encoding="utf-8")))
    assert {name for name in named if not (ROOT / name).exists()} == set()

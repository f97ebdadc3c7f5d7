"""What people install: the wheel is the package `pincite` and nothing else, and works next to a team's own folders."""

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile

import pytest
from places import DEMO, ROOT

pytestmark = pytest.mark.package


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    (wheel,) = built.glob("*.whl")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder, wheel)
    return folder


@pytest.fixture
def environment(installed):
    """The environment of a program that finds Pincite where it is installed, the rest where these tests find it."""
    return {**os.environ, "PYTHONPATH": str(installed)}


def tracked(*folders):
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(listed.stdout.split("\n")) - {""}


def test_the_wheel_holds_one_package_of_the_program_and_its_data(built):
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    inside = {f"pincite/{name.removeprefix('rag/')}" for name in tracked("rag", "prompts", "eval", "app.py")}
    assert names == inside
    assert {"pincite/py.typed", "pincite/prompts/answer.md", "pincite/eval/data/library.jsonl"} <= names


def test_the_sdist_holds_what_it_takes_to_build_and_test(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"pyproject.toml", "README.md", "LICENSE", "constraints.txt", "Makefile", "app.py", "hatch_build.py"}
    assert needed | {"pincite/__init__.py"} <= names
    assert names - {"PKG-INFO", ".gitignore"} <= tracked()


def test_the_checkout_builds_the_same_wheel_as_the_sdist(built, tmp_path):
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path, ROOT)
    wheels = [*built.glob("*.whl"), *tmp_path.glob("*.whl")]
    assert len(wheels) == 2
    assert len({hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels}) == 1


def test_a_name_that_would_not_be_in_the_wheel_stops_the_build(tmp_path):
    from hatch_build import LeftOverError, copy, renamed

    assert renamed("from rag.types import Paper\n    from eval import runs\n") == (
        "from pincite.types import Paper\n    from pincite.eval import runs\n"
    )
    assert renamed("# see `rag.types`; rag/types.py and `x.rag.y` are none\n") == (
        "# see `pincite.types`; rag/types.py and `x.rag.y` are none\n"
    )
    for number, line in enumerate(("import rag", "import eval.runs", "import_module('eval.runs')")):
        source = tmp_path / f"{number}.py"
        source.write_text(line, encoding="utf-8")
        with pytest.raises(LeftOverError, match="not in the wheel"):
            copy(source, tmp_path / "target" / source.name)


@pytest.mark.parametrize("program", ["script", "module"])
def test_every_program_runs_next_to_folders_of_its_names(installed, environment, foreign, program):
    pincite = [sys.executable, *(["-m", "pincite"] if program == "module" else [installed / "bin" / "pincite"])]

    def shown(*arguments):
        return run(*pincite, *arguments, cwd=foreign, env=environment)

    assert shown("--version").startswith("pincite ")
    shown("add", DEMO, "--library", "papers")
    assert "induction" in shown("search", "how do induction heads form", "--library", "papers").lower()
    assert "[1]" in shown("ask", "What is an induction head?", "--library", "papers")
    assert shown("chat", "--help").startswith("usage: pincite chat")
    assert shown("mcp", "--help").startswith("usage: pincite mcp")
    assert "usage: pincite eval" in shown("eval", "--help")
    assert "questions" in shown("eval", "run", "--library", "papers", "--split", "dev", "--limit", "2")


def test_a_program_imports_pincite_next_to_its_own_modules(installed, environment, tmp_path):
    for name in ("rag", "eval", "prompts", "app"):
        (tmp_path / f"{name}.py").write_text(f"mine = '{name}'\n", encoding="utf-8")
    (tmp_path / "program.py").write_text(
        "import app, eval, prompts, rag\n"
        "import pincite, pincite.app, pincite.eval.__main__, pincite.integrations.llama_index\n"
        "for name in pincite.__all__: getattr(pincite, name)\n"
        "from pincite.prompts import load\n"
        "load('answer')\n"
        "assert pincite.app.DEMO.is_file()\n"
        "assert rag.mine + eval.mine + prompts.mine + app.mine == 'ragevalpromptsapp'\n"
        "print(pincite.__file__)\n",
        encoding="utf-8",
    )
    assert run(sys.executable, tmp_path / "program.py", env=environment).startswith(str(installed))


def test_the_installed_judge_has_the_fingerprint_of_the_checkout(environment, tmp_path):
    from eval.judges.registry import judge_sha256

    code = "from pincite.eval.judges.registry import judge_sha256; print(judge_sha256())"
    assert run(sys.executable, "-c", code, cwd=tmp_path, env=environment).strip() == judge_sha256()


def test_a_type_checker_sees_what_a_call_takes_and_returns(environment, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "from pincite import Library, answer\n"
        "reveal_type(Library.open('papers').search('moths', year='2020..')[0].quote)\n"
        "reveal_type(answer('moths', Library.open('papers'), exclude=['a']).citations)\n"
        "Library.open('papers').search('moths', yaer=2020)\n"
        "answer(123, Library.open('papers'), venue=3)\n"
        "from pincite import Libary\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(program)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    reported = [line.partition("program.py:")[2] for line in done.stdout.splitlines() if "program.py:" in line]
    assert reported[0].startswith('2: note: Revealed type is "str"'), done.stdout
    assert reported[1].startswith("3: note: Revealed type is"), done.stdout
    assert "Citation" in reported[1], done.stdout
    assert any(line.startswith("4: error: ") and "yaer" in line for line in reported), done.stdout
    assert sum(line.startswith("5: error: ") for line in reported) == 2, done.stdout
    assert any(line.startswith("6: error: ") and "Libary" in line for line in reported), done.stdout

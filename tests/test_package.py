"""What people install: the wheel and the sdist hold what they should and nothing else."""

import subprocess
import sys
import tarfile
import zipfile

import pytest
from places import ROOT

pytestmark = pytest.mark.package


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def tracked(*folders):
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(listed.stdout.split("\n")) - {""}


def test_the_wheel_holds_the_program_and_its_data(built):
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == tracked("rag", "prompts", "eval", "app.py")


def test_the_sdist_holds_what_it_takes_to_build_and_test(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "constraints.txt", "Makefile", "app.py"} <= names
    assert names - {"PKG-INFO", ".gitignore"} <= tracked()

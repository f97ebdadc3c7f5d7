import json
import re
from pathlib import Path

import pytest

from rag.__main__ import main
from rag.commands import plan
from rag.models.minilm import MiniLM


class NoEmbedder:
    max_tokens = 256

    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]

    def embed(self, texts):
        pass


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "many.jsonl"
    record = {"title": "Tin roofs under heavy hail", "abstract": "Hail dents tin. Thicker tin cut the dents by half."}
    path.write_text("".join(json.dumps(record | {"year": 1900 + n % 100}) + "\n" for n in range(2400)))
    return str(path)


def test_a_long_job_is_announced_with_its_size_and_time(file, monkeypatch):
    monkeypatch.setattr(plan, "LONG", 1000)
    clock = iter([0.0, 0.6])  # for the 12 measured: a twentieth of a second each
    monkeypatch.setattr(plan.time, "perf_counter", lambda: next(clock))
    reported = plan.plan([file, "missing.bib"], NoEmbedder(), lambda record: False)
    assert reported.startswith("2,400 records, about 2 min")
    assert "continue with the same command" in reported


def test_what_is_stored_already_takes_no_time_and_is_not_embedded(file, monkeypatch):
    monkeypatch.setattr(plan, "LONG", 1000)
    clock = iter([0.0, 12.0])  # a second each
    monkeypatch.setattr(plan.time, "perf_counter", lambda: next(clock))
    reported = plan.plan([file], NoEmbedder(), lambda record: record.year < 1950)
    drawn = re.match(r"2,400 records, (\d+)% of them stored already, about (\d+) min", reported)
    share, minutes = map(int, drawn.groups())
    assert 35 <= share <= 65
    assert minutes == pytest.approx(40 * (100 - share) / 100, abs=1)
    monkeypatch.setattr(NoEmbedder, "embed", None)
    assert plan.plan([file], NoEmbedder(), lambda record: True) is None


def test_a_second_add_of_a_long_file_embeds_nothing(file, tmp_path, monkeypatch, capsys):
    short = tmp_path / "short.jsonl"
    short.write_text("".join(Path(file).read_text().splitlines(keepends=True)[:3]))
    add = ["add", str(short), "--library", str(tmp_path / "library")]
    monkeypatch.setattr(plan, "LONG", 100)
    assert main(add) == 0
    assert "at the speed measured now" in capsys.readouterr().err
    monkeypatch.setattr(MiniLM, "embed", None)
    assert main(add) == 0


def test_a_short_job_is_not(file):
    assert plan.plan([file], NoEmbedder(), lambda record: False) is None

import json

import pytest

from rag.commands import plan


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
    clock = iter([0.0, 0.6])  # for the sample of 12: a twentieth of a second each
    monkeypatch.setattr(plan.time, "perf_counter", lambda: next(clock))
    told = plan.plan([file, "missing.bib"], NoEmbedder())
    assert told.startswith("2,400 records, about 2 min")
    assert "continue with the same command" in told


def test_a_short_job_is_not(file):
    assert plan.plan([file], NoEmbedder()) is None

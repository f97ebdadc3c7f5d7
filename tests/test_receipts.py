"""Receipts checked again: what holds, what was edited since, and what someone else has made up."""

import contextlib
import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import Library, answer
from rag.__main__ import main
from rag.errors import InputError
from rag.receipts import _check_verdicts, check_receipt, read_receipt, seal
from rag.serialization import to_json
from rag.types import Support, Verdict

BARLEY = "We watered barley plots through a dry spring. Moist plots gave 37% more grain than dry plots."
QUESTION = "How much more grain did moist barley plots give?"


@pytest.fixture
def library(tmp_path, embedder, write_jsonl):
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(write_jsonl("one.jsonl", [{"title": "Soil moisture and barley yield", "abstract": BARLEY}]))
        yield library


@pytest.fixture
def receipt(library):
    found = answer(QUESTION, library)
    assert any("37%" in sentence.text for sentence in found.sentences)
    return json.loads(json.dumps(to_json(found.receipt)))


def codes(receipt, library):
    return {finding.code for finding in check_receipt(receipt, library)}


def sealed(receipt):
    return receipt | {"seal": seal(receipt)}


def test_a_receipt_holds_as_long_as_nothing_changes(receipt, library):
    assert check_receipt(receipt, library) == []


def test_an_abstract_edited_since_is_named_with_what_became_of_the_quote(receipt, library):
    paper = library.papers()[0]
    library.edit(paper.id, abstract="A note first. " + BARLEY)
    found = check_receipt(receipt, library)
    assert {f.code for f in found} == {"changed_abstract", "moved_quote"}
    assert all(paper.title in f.message for f in found)
    library.edit(paper.id, abstract=BARLEY.replace("37%", "31%"))
    found = check_receipt(receipt, library)
    assert {f.code for f in found} == {"changed_abstract", "missing_quote"}
    assert any("37%" in f.message and "isn't in the abstract" in f.message for f in found)
    library.edit(paper.id, undo=True)
    assert check_receipt(receipt, library) == []


def test_a_paper_that_is_gone_or_retracted_since_is_named(receipt, library, write_jsonl):
    notice = {"title": "Retraction: Soil moisture and barley yield", "abstract": "The editors retract it."}
    library.add(write_jsonl("notice.jsonl", [notice]))
    assert codes(receipt, library) == {"retracted_paper"}
    library.remove(receipt["quotes"][0]["paper"])
    assert codes(receipt, library) == {"missing_paper"}


def test_a_receipt_that_was_edited_does_not_fit_its_seal(receipt, library):
    receipt["question"] = "Another question?"
    assert codes(receipt, library) == {"altered_receipt"}


def test_a_sentence_that_its_quote_does_not_support_is_found_even_under_a_new_seal(receipt, library):
    forged = copy.deepcopy(receipt)
    forged["quotes"][0]["sentence"] = "Barn cats cure hail in every village of the northern hills."
    assert codes(sealed(forged), library) == {"verdict_not_reached"}
    forged["quotes"][0]["sentence"] = "Moist plots gave 93% more grain than dry plots."
    assert codes(sealed(forged), library) == {"verdict_not_reached"}


def test_a_quote_that_the_abstract_never_contained_is_found_even_under_a_new_seal(receipt, library):
    forged = copy.deepcopy(receipt)
    forged["quotes"][0] |= {"quote": "Barley sings.", "sentence": "Barley sings.", "start": 0, "end": 13}
    assert codes(sealed(forged), library) == {"missing_quote"}
    forged["quotes"][0] |= {"start": -5, "end": 10**9}
    assert codes(sealed(forged), library) == {"missing_quote"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["sentence", "number", "paper", "title", "abstract_sha256", "start", "end", "quote", "verdict", "support"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_receipt_of_anyones_making_is_judged_or_refused_never_a_crash(receipt, library, tmp_path, data):
    forged = copy.deepcopy(receipt)
    for field in data.draw(st.sets(st.sampled_from(FIELDS), min_size=1, max_size=3)):
        forged["quotes"][0][field] = data.draw(JSON)
    forged[data.draw(st.sampled_from(["quotes", "seal", "retrieved", "extra"]))] = data.draw(
        st.just(forged["quotes"]) | JSON
    )
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(forged))
    with contextlib.suppress(InputError):  # refused by name, as the test below shows
        # Whatever was changed, the seal does not fit.
        assert "altered_receipt" in codes(read_receipt(path), library)


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ("", "isn.t JSON"),
        ("[1, 2]", "isn.t a receipt"),
        ('{"quotes": "many"}', "isn.t a receipt"),
        ('{"quotes": [], "disputed": 3}', "`disputed` isn.t a list"),
        ('{"quotes": [], "disputed": [{"sentence": 3}]}', "dispute 1: `sentence` is 3"),
        ('{"quotes": [7]}', "quote 1: isn't an object"),
        ('{"quotes": [{"sentence": 7}]}', "`sentence` is 7, not text"),
        ("[" * 100_000, "isn.t JSON"),
    ],
)
def test_a_file_that_is_not_a_receipt_is_refused_by_name(tmp_path, content, reported):
    path = tmp_path / "receipt.json"
    path.write_text(content)
    with pytest.raises(InputError, match=reported):
        read_receipt(path)


def test_verify_at_the_shell(library, tmp_path, capsys):
    folder, file = str(library.folder), tmp_path / "receipt.json"
    library.close()
    assert main(["ask", QUESTION, "--library", folder, "--receipt", str(file)]) == 0
    capsys.readouterr()
    assert main(["verify", str(file), "--library", folder]) == 0
    assert "all passed" in capsys.readouterr().out
    file.write_text(file.read_text().replace("37%", "39%"))
    assert main(["verify", str(file), "--library", folder, "--json"]) == 1
    reported = json.loads(capsys.readouterr().out)
    assert reported["holds"] is False
    assert {f["code"] for f in reported["findings"]} >= {"altered_receipt", "missing_quote"}
    assert main(["verify", str(tmp_path / "none.json"), "--library", folder]) == 2
    assert "none.json" in capsys.readouterr().err


def test_the_quotes_of_one_sentence_are_judged_together():
    """Two sentences may support it together, each only in part; the answer judged them so."""

    class Together:
        def check(self, sentence, evidence):
            return Support(0.5, Verdict.SUPPORTED if len(evidence) == 2 else Verdict.PARTIAL, "by both")

    quotes = [
        {"sentence": "Otters sing.", "number": n, "quote": quote, "verdict": "supported", "record": ""}
        for n, quote in enumerate(["Otters.", "They sing."], 1)
    ]
    assert list(_check_verdicts(quotes, Together())) == []
    assert [finding.number for finding in _check_verdicts(quotes[:1], Together())] == [1]

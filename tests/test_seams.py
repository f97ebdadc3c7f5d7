"""What docs/extending.md offers, handed in and configured: each interface really calls the handed-in object."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import numpy as np
import pytest
import tiny_embedding
import tiny_pair_model
from counting_vectors import ThreeDimensions
from loopback import OpenAI, serving, silence, stream

import eval.__main__ as evaluation
from eval.judges.registry import open_judge
from eval.questions import Case
from eval.runs.asking import asker
from rag import Library, answer, prompts, stream_answer
from rag.__main__ import main
from rag.chat.conversations import Conversations
from rag.chat.libraries import Shelf
from rag.chat.service import Desk
from rag.config import Config, from_environment
from rag.errors import ConfigError, EmbeddingError, InputError, RerankerError
from rag.integrations.tools import Tools
from rag.models.chat import Reply
from rag.models.embedding_folder import FolderEmbedder
from rag.models.pairs import PairModel
from rag.pipeline.asynchronous import aanswer
from rag.pipeline.overrides import Overrides
from rag.receipts import check_receipt
from rag.serialization import to_json
from rag.types import Draft, Reason, Status, Support, Verdict
from rag.verify import leaving

QUESTION = "How much more grain did moist barley plots give?"
PAPERS = [
    {"title": "Soil moisture and barley yield", "abstract": "We watered barley plots through a dry spring. "
     "Moist plots gave 37% more grain than dry plots."},
    {"title": "Barley in shade", "abstract": "Barley grew in shade all summer. Shaded plots gave 12% less grain."},
    {"title": "Rye on sand", "abstract": "Rye was sown on sand. Its plots gave more grain than those on clay."},
    {"title": "Oats by the sea", "abstract": "Oats stood in salt spray. Plots near the sea gave hardly any grain."},
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory, embedder):
    place = tmp_path_factory.mktemp("seams")
    (place / "papers.jsonl").write_text("".join(json.dumps(paper) + "\n" for paper in PAPERS), encoding="utf-8")
    with Library.open(place / "library", embedder=embedder) as library:
        library.add(place / "papers.jsonl")
    return place / "library"


@pytest.fixture
def library(folder, embedder):
    with Library.open(folder, embedder=embedder) as library:
        yield library


# --- the doors: each asks the question and returns the receipt, the harness what it keeps of it ---


def by_answer(library, **seams):
    return to_json(answer(QUESTION, library, **seams).receipt)


def by_stream(library, **seams):
    *_, last = stream_answer(QUESTION, library, **seams)
    return to_json(last.receipt)


def by_harness(library, **seams):
    response = asker(library, **seams)(Case("q", "figure", "dev", QUESTION))
    assert not response.error


def by_page(library, **seams):
    with desk_over(library, library.folder.parent / "page", Overrides(**seams)) as (desk, kept):
        *_, shown = desk.ask("", "", QUESTION, "library", "")
        (turn,) = kept.turns(shown.conversation)
        assert not turn.problem
        return to_json(turn.answer.receipt)


@contextmanager
def desk_over(library, data, overrides):
    data.mkdir(exist_ok=True)
    kept, config = Conversations(data / "kept.sqlite3"), from_environment()
    desk = Desk(Shelf([library], data / "libraries", config), kept, config, overrides)
    try:
        yield desk, kept
    finally:
        desk.close()
        kept.close()


def by_tools(library, **seams):
    assert Tools(library, from_environment(), Overrides(**seams)).ask(QUESTION)["text"]


def by_asyncio(library, **seams):
    return to_json(asyncio.run(aanswer(QUESTION, library, **seams)).receipt)


def by_http(library, **seams):
    from rag.serve.server import build_app

    async def asked():
        served = httpx.ASGITransport(build_app(library, from_environment(), **seams))
        async with httpx.AsyncClient(transport=served, base_url="http://127.0.0.1") as client:
            return await client.post("/v1/ask", json={"question": QUESTION})

    return asyncio.run(asked()).raise_for_status().json()["receipt"]


def by_llama_index(library, **seams):
    from rag.integrations.llama_index import PinciteQueryEngine

    return PinciteQueryEngine(library, **seams).query(QUESTION).metadata["answer"]["receipt"]


def by_ask(library):
    out = library.folder.parent / "receipt.json"
    assert main(["ask", QUESTION, "--library", str(library.folder), "--receipt", str(out), "--overwrite"]) in (0, 1)
    return json.loads(out.read_text(encoding="utf-8"))


def by_verify(library):
    out = library.folder.parent / "other.json"
    plain = to_json(answer(QUESTION, library, config=Config()).receipt)
    out.write_text(json.dumps(plain), encoding="utf-8")
    assert main(["verify", str(out), "--library", str(library.folder)]) in (0, 1)


def by_check(library):
    text = library.folder.parent / "mine.md"
    text.write_text("# Results\n\nMoist barley plots gave 37% more grain than dry plots.\n", encoding="utf-8")
    assert main(["check", str(text), "--library", str(library.folder)]) in (0, 1)


def by_eval_run(library, *options):
    questions, out = library.folder.parent / "questions.jsonl", library.folder.parent / "run.jsonl"
    questions.write_text(json.dumps({"id": "q", "kind": "absent", "split": "dev", "question": QUESTION}) + "\n")
    out.unlink(missing_ok=True)
    asked = ["run", "--library", str(library.folder), "--questions", str(questions), "--out", str(out), *options]
    assert evaluation.main([*asked, "--json"]) == 0
    header, row = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert not row.get("error")
    return header["header"].get("settings", {})


CODE = [by_answer, by_stream, by_asyncio, by_harness, by_page, by_tools, by_http, by_llama_index]
DOORS = [*CODE, by_ask, by_eval_run]


def name_of(door):
    return door.__name__.removeprefix("by_")


# --- handed in ---


class Agreeing:
    """A checker without even a name."""

    def __init__(self):
        self.asked = []

    def check(self, sentence, evidence):
        self.asked.append((sentence, *evidence))
        return Support(0.77, Verdict.SUPPORTED, "because")


class FirstSentence:
    """A writer that repeats the first sentence of the evidence."""

    name = "first"

    def __init__(self):
        self.tasks = []

    def write(self, task):
        self.tasks.append(task)
        yield Draft(task.evidence[0].text, (task.evidence[0].number,))


class Repeating:
    """A language model that repeats what it is shown first."""

    name, host = "mine:repeating", "127.0.0.1"

    def __init__(self):
        self.asked = []

    def context(self, timeout):
        return 8192

    def stream(self, messages, schema, timeout):
        self.asked.append(messages)
        yield json.dumps({"reply": {"sentences": [{"text": "Moist plots gave more grain.", "evidence": [1]}]}})
        yield Reply(complete=True)


class Backwards:
    """A reranker that puts the last first."""

    name = "backwards"

    def __init__(self):
        self.asked = []

    def score(self, question, passages):
        self.asked.append(question)
        return [place / 10 for place in range(len(passages))]


@pytest.mark.parametrize("door", CODE, ids=name_of)
def test_a_handed_in_checker_gives_the_verdicts(door, library):
    mine = Agreeing()
    receipt = door(library, checker=mine)
    assert len(mine.asked) == len(set(mine.asked)) > 0  # a language model's call is expensive: the same is asked once
    if receipt is not None:
        assert receipt["checker"] == "Agreeing"
        assert {quote["support"] for quote in receipt["quotes"]} == {0.77}


def test_a_handed_in_checker_checks_a_receipt(library):
    plain = to_json(answer(QUESTION, library).receipt)

    class Denying:
        def check(self, sentence, evidence):
            return Support(0.0, Verdict.CONTRADICTED, "I say so")

    assert check_receipt(plain, library) == []
    found = check_receipt(plain, library, Denying())
    assert {finding.code for finding in found} == {"verdict_not_reached"}
    assert "I say so" in found[0].message


@pytest.mark.parametrize("door", CODE, ids=name_of)
def test_a_handed_in_writer_writes(door, library):
    mine = FirstSentence()
    receipt = door(library, writer=mine)
    (task,) = mine.tasks
    assert (task.asked, task.question) == (QUESTION, QUESTION)
    if receipt is not None:
        assert receipt["model"] == "first"
        assert [quote["sentence"] for quote in receipt["quotes"]] == [task.evidence[0].text]
        assert receipt["temperature"] is None


@pytest.mark.parametrize("door", CODE, ids=name_of)
def test_a_handed_in_language_model_writes(door, library):
    mine = Repeating()
    receipt = door(library, model=mine)
    assert mine.asked
    if receipt is not None:
        assert (receipt["model"], receipt["temperature"]) == ("mine:repeating", None)


@pytest.mark.parametrize("door", CODE, ids=name_of)
def test_a_handed_in_reranker_puts_papers_in_order(door, folder, embedder):
    mine = Backwards()
    with Library.open(folder, embedder=embedder, reranker=mine) as library:
        receipt = door(library)
    assert QUESTION in mine.asked
    if receipt is not None:
        assert receipt["reranker"] == "backwards"
        assert receipt["retrieved"][0][1] == pytest.approx(0.3)


@pytest.mark.parametrize("door", CODE, ids=name_of)
def test_a_handed_in_embedder_embeds(door, folder, tmp_path):
    mine = ThreeDimensions()
    with Library.open(tmp_path / "library", embedder=mine) as library:
        library.add(folder.parent / "papers.jsonl")
        before = mine.embedded
        receipt = door(library)
    assert mine.embedded > before > 0
    if receipt is not None:
        assert "three:1" in receipt["library"]


def test_the_served_page_uses_every_handed_in_object(tmp_path, folder, embedder):
    from gradio_client import Client
    from served import Server

    reranker, writer, checker = Backwards(), FirstSentence(), Agreeing()
    overrides = {"writer": writer, "checker": checker}
    with (
        Library.open(folder, embedder=embedder, reranker=reranker) as library,
        Server(library, tmp_path / "data", overrides=overrides) as chat,
    ):
        found = Client(chat.url, verbose=False).predict(question=QUESTION, api_name="/ask")
        page = httpx.get(f"{chat.url}/config").text
    assert writer.tasks
    assert checker.asked
    assert reranker.asked
    assert (found["written_by"], found["receipt"]["checker"]) == ("first", "Agreeing")
    assert found["receipt"]["reranker"] == "backwards"
    assert '"value":"first"' in page  # what the box under the question names


def test_a_library_created_on_the_page_has_the_handed_in_embedder_and_reranker(tmp_path, folder):
    embedder, reranker = ThreeDimensions(), Backwards()
    with Library.open(tmp_path / "library", embedder=embedder, reranker=reranker) as library:
        shelf = Shelf([library], tmp_path / "libraries", from_environment())
        made = shelf.get(shelf.make("new"))
        made.add(folder.parent / "papers.jsonl")
        assert "three:1" in answer(QUESTION, made).receipt.library
        shelf.close()
    assert embedder.embedded
    assert reranker.asked


@pytest.mark.parametrize("own", [{"writer": FirstSentence()}, {"model": Repeating()}], ids=["writer", "model"])
def test_the_page_offers_the_handed_in_object_first_and_others_still_write(own, library, tmp_path):
    overrides = Overrides(**own)
    with desk_over(library, tmp_path, overrides) as (desk, kept):
        assert desk.writer == next(iter(desk.writers())) == overrides.writes
        assert "extractive" in desk.writers()
        for chosen, wrote in (
            ("", overrides.writes),
            (overrides.writes, overrides.writes),
            ("extractive", "extractive"),
        ):
            *_, shown = desk.ask("", "", QUESTION, "library", chosen)
            assert kept.turns(shown.conversation)[0].answer.written_by == wrote


def test_the_page_says_where_a_handed_in_object_sends_what_it_reads():
    assert Overrides(model=Repeating()).leaving == "nothing leaves this machine"
    far = Repeating()
    far.host = "far.example"
    assert Overrides(model=far).leaving.endswith("go to far.example")
    assert Overrides(writer=FirstSentence()).leaving == "whether anything leaves this machine is up to first"


# --- configured ---


@pytest.fixture
def tiny(tmp_path):
    """A folder with a model of pairs that finds each of them alike."""
    place = tmp_path / "tiny"
    place.mkdir()
    return place


@pytest.fixture
def read(monkeypatch):
    """The names of the folders of which a model read a pair."""
    folders = []
    logits = PairModel.logits

    def counted(self, *pairs, **options):
        folders.append(self.name.partition(":")[0])
        return logits(self, *pairs, **options)

    monkeypatch.setattr(PairModel, "logits", counted)
    return folders


@pytest.fixture
def entailment(tiny):
    words = ["[UNK]", "[CLS]", "[SEP]"]
    table = np.zeros((3, 3), dtype=np.float32)
    table[1] = [2, 0, 0]
    tiny_pair_model.save(tiny, words, table)
    labels = {"0": "entailment", "1": "neutral", "2": "contradiction"}
    (tiny / "config.json").write_text(json.dumps({"id2label": labels}), encoding="utf-8")
    return tiny


@pytest.mark.parametrize("prefix", ["entailment:", ""])
@pytest.mark.parametrize("door", [*DOORS, by_verify, by_check], ids=name_of)
def test_an_entailment_model_in_a_folder_is_configured(door, prefix, library, entailment, read, monkeypatch, capsys):
    monkeypatch.setenv("PINCITE_CHECKER", f"{prefix}{entailment}")
    receipt = door(library)
    assert "tiny" in read
    if receipt is not None:
        assert receipt["checker"].startswith("entailment:tiny:")
    if door in (by_ask, by_verify, by_check):
        assert " by entailment:tiny:" in capsys.readouterr().out


@pytest.mark.parametrize("door", DOORS, ids=name_of)
def test_a_reranker_in_a_folder_is_configured(door, folder, embedder, tiny, read, monkeypatch):
    tiny_pair_model.save(tiny, ["[UNK]", "[CLS]", "[SEP]"], np.ones((3, 1), dtype=np.float32))
    monkeypatch.setenv("PINCITE_RERANKER", str(tiny))
    with Library.open(folder, embedder=embedder) as library:
        receipt = door(library)
    assert "tiny" in read
    if receipt is not None:
        assert receipt["reranker"].startswith("tiny:")


@pytest.mark.parametrize("door", DOORS, ids=name_of)
def test_an_embedding_in_a_folder_is_configured(door, folder, tmp_path, monkeypatch):
    model = tiny_embedding.publish(tmp_path / "tiny")
    monkeypatch.setenv("PINCITE_EMBEDDING", str(model))
    assert main(["add", str(folder.parent / "papers.jsonl"), "--library", str(tmp_path / "library")]) == 0
    asked = []
    embed = FolderEmbedder.embed_questions
    monkeypatch.setattr(
        FolderEmbedder, "embed_questions", lambda self, texts: asked.extend(texts) or embed(self, texts)
    )
    with Library.open(tmp_path / "library") as library:
        receipt = door(library)
    assert QUESTION in asked
    if receipt is not None and door is not by_eval_run:
        assert ":folder:" in receipt["library"]


JUDGED = stream(OpenAI().piece("QUOTE: none\nVERDICT: unsupported", "stop") + OpenAI().end())
WRITTEN = stream(
    OpenAI().piece(json.dumps({"reply": {"sentences": [{"text": "Moist plots gave 37% more grain than dry plots.",
                                                        "evidence": [2]}]}}), "stop") + OpenAI().end()
)  # fmt: skip


@pytest.fixture
def own_prompts(tmp_path):
    place = tmp_path / "own"
    place.mkdir()
    for name in ("judge_support", "judge_answer", "answer"):
        (place / f"{name}.md").write_text("MY OWN WORDS\n" + prompts.load(name).text, encoding="utf-8")
    return place


@pytest.mark.parametrize("door", [*DOORS, by_verify, by_check], ids=name_of)
def test_a_language_model_that_checks_is_configured(door, library, own_prompts, monkeypatch, capsys):
    with serving(OpenAI(), JUDGED) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.address}/v1")
        monkeypatch.setenv("PINCITE_CHECKER", "openai:m")
        monkeypatch.setenv("PINCITE_PROMPTS", str(own_prompts))
        receipt = door(library)
        asked = [request["messages"][-1]["content"] for request in server.requests]
    assert asked
    assert all(content.startswith("MY OWN WORDS") for content in asked)
    if receipt is not None:
        assert receipt["checker"] == "openai:m"
    if door in (by_ask, by_verify, by_check):
        assert " by openai:m" in capsys.readouterr().out


@pytest.mark.parametrize("door", DOORS, ids=name_of)
def test_prompts_papers_temperature_and_reply_tokens_are_configured(door, library, own_prompts, monkeypatch):
    settings = {"PAPERS": "2", "TEMPERATURE": "0.7", "REPLY_TOKENS": "300", "PROMPTS": own_prompts,
                "MODEL": "openai:m", "CACHE": "off"}  # fmt: skip
    with serving(OpenAI(), WRITTEN) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.address}/v1")
        for name, value in settings.items():
            monkeypatch.setenv(f"PINCITE_{name}", str(value))
        receipt = by_eval_run(library, "--model", "openai:m") if door is by_eval_run else door(library)
    (request,) = server.requests
    assert (request["temperature"], request["max_tokens"]) == (0.7, 300)
    content = request["messages"][-1]["content"]
    assert content.startswith("MY OWN WORDS")
    assert sum(paper["title"] in content for paper in PAPERS) == 2
    if receipt is not None:
        assert {name: receipt[name] for name in ("papers", "temperature", "reply_tokens")} == {
            "papers": 2,
            "temperature": 0.7,
            "reply_tokens": 300,
        }
    if receipt is not None and door is not by_eval_run:
        assert len(receipt["retrieved"]) == 2
        with_shipped = answer(QUESTION, library, model=Repeating(), config=Config()).receipt
        assert receipt["prompt_sha256"] != with_shipped.prompt_sha256


def test_a_judge_of_the_harness_is_made_by_the_same_names(entailment, monkeypatch):
    assert open_judge(f"entailment:{entailment}").name.startswith("entailment:tiny:")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert open_judge("model:openai:m").name == open_judge("openai:m").name == "openai:m"
    with pytest.raises(InputError, match="unknown judge 'oracle'"):
        open_judge("oracle")


# --- what goes wrong ---


@dataclass
class Embedding:
    """An embedder that returns what it was made with."""

    made: object
    fingerprint = "mine:1"
    dimension = 3
    max_tokens = 256

    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]

    def embed(self, texts):
        return self.made(len(texts)) if callable(self.made) else self.made


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda n: np.ones((n, 4), dtype=np.float32) / 2, "shape"),
        (lambda n: np.ones(3, dtype=np.float32), "shape"),
        (lambda n: None, "shape"),
        (lambda n: np.eye(3, dtype=np.int64)[:1].repeat(n, 0), "int64"),
        (lambda n: np.full((n, 3), np.nan, dtype=np.float32), "isn't finite"),
        (lambda n: np.full((n, 3), 2, dtype=np.float32), "length 3.464, not 1"),
        (lambda n: np.zeros((n, 3), dtype=np.float64), "length 0, not 1"),
        (lambda n: [][0], "IndexError"),
    ],
)
def test_invalid_vectors_are_refused_by_name(made, said, folder, tmp_path):
    with Library.open(tmp_path / "library", embedder=Embedding(made)) as library:
        with pytest.raises(EmbeddingError, match=f"the embedder Embedding .*{said}"):
            library.add(folder.parent / "papers.jsonl")
        assert len(library) == 0


def test_vectors_in_double_precision_are_taken(folder, tmp_path):
    mine = ThreeDimensions()
    with Library.open(tmp_path / "library", embedder=Embedding(lambda n: np.eye(3)[:1].repeat(n, 0))) as library:
        library.add(folder.parent / "papers.jsonl")
        assert library.search("barley")
    assert mine.embedded == 0


class Asking(Embedding):
    """An embedder that embeds questions in a way of its own."""

    asked = 0

    def embed_questions(self, texts):
        self.asked += len(texts)
        return self.embed(texts)


def test_an_embedder_that_reads_questions_its_own_way_is_asked_for_them(folder, tmp_path):
    mine = Asking(lambda n: np.eye(3, dtype=np.float32)[:1].repeat(n, 0))
    with Library.open(tmp_path / "library", embedder=mine) as library:
        library.add(folder.parent / "papers.jsonl")
        assert mine.asked == 0
        library.search("barley")
    assert mine.asked == 1


def raising(*_):
    raise KeyError("of mine")


class Broken(Repeating):
    def __init__(self, *pieces, context=8192):
        super().__init__()
        self.pieces, self.window = pieces, context

    def context(self, timeout):
        return self.window() if callable(self.window) else self.window

    def stream(self, messages, schema, timeout):
        for piece in self.pieces:
            yield piece() if callable(piece) else piece


@dataclass
class Writing:
    parts: tuple
    name = "mine"

    def write(self, task):
        for part in self.parts:
            yield part(task) if callable(part) else part


@pytest.mark.parametrize(
    "seams",
    [
        {"model": Broken(raising)},
        {"model": Broken("{", raising)},
        {"model": Broken(3)},
        {"model": Broken(context=raising)},
        {"model": Broken(context="many")},
        {"model": Broken()},
        {"writer": Writing((raising,))},
        {"writer": Writing(("a text",))},
        {"writer": Writing((Draft("x " * 2000, (1,)),))},
        {"writer": Writing((Draft("A text.", ("one",)),))},
        {"writer": Writing(3)},
    ],
)
def test_a_failing_writer_is_reported_and_the_extractive_answer_given(seams, library):
    found = answer(QUESTION, library, **seams)
    assert found.reason is Reason.MODEL_UNAVAILABLE
    assert found.issues[-1].code.startswith("model_")
    assert found.fallback.status is Status.ANSWERED


@dataclass
class Checking:
    judged: object

    def check(self, sentence, evidence):
        return self.judged(sentence) if callable(self.judged) else self.judged


@pytest.mark.parametrize(
    "judged",
    [raising, None, 0.9, Support(float("nan"), Verdict.SUPPORTED), Support(7.0, Verdict.SUPPORTED),
     Support(0.9, "certain"), Support("high", Verdict.SUPPORTED)],
)  # fmt: skip
def test_what_a_checker_cannot_judge_is_unknown_and_says_why(judged, library):
    found = answer(QUESTION, library, checker=Checking(judged))
    assert found.sentences
    assert {sentence.verdict for sentence in found.sentences} == {Verdict.UNKNOWN}
    assert any("the checker Checking" in issue.message for issue in found.issues)
    check_receipt(to_json(found.receipt), library, Checking(judged))


def test_a_verdict_by_its_name_is_one(library):
    found = answer(QUESTION, library, checker=Checking(Support(0.9, "supported")))
    assert all(sentence.verdict is Verdict.SUPPORTED for sentence in found.sentences)


@pytest.mark.parametrize("scores", [raising, [0.5], [0.5] * 3 + [float("inf")], "many"])
def test_a_reranker_that_fails_is_named(scores, folder, embedder):
    class Scoring(Backwards):
        def score(self, question, passages):
            return scores(question) if callable(scores) else scores

    with Library.open(folder, embedder=embedder, reranker=Scoring()) as library:
        with pytest.raises(RerankerError, match="the reranker backwards"):
            answer(QUESTION, library)
        assert "RerankerError" in asker(library)(Case("q", "figure", "dev", QUESTION)).error


@pytest.mark.parametrize(
    "seams",
    [{"checker": 3}, {"checker": Agreeing}, {"checker": "oracle"}, {"writer": 3}, {"writer": FirstSentence},
     {"writer": FirstSentence(), "model": "extractive"}, {"model": object()}],
)  # fmt: skip
def test_an_invalid_object_is_refused_at_once(seams, library):
    with pytest.raises(InputError):
        stream_answer(QUESTION, library, **seams)


@pytest.mark.parametrize("seams", [{"embedder": 3}, {"embedder": ThreeDimensions}, {"reranker": 3}])
def test_an_invalid_object_is_refused_when_a_library_is_opened(seams, tmp_path):
    with pytest.raises(InputError, match="give an object with"):
        Library.open(tmp_path / "library", **seams)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PAPERS", "0"), ("PAPERS", "1000"), ("TEMPERATURE", "hot"), ("TEMPERATURE", "nan"), ("TEMPERATURE", "3"),
     ("REPLY_TOKENS", "1"), ("REPLY_TOKENS", "9999")],
)  # fmt: skip
def test_a_setting_out_of_its_range_is_refused(name, value):
    with pytest.raises(ConfigError, match=f"PINCITE_{name}='{value}'"):
        from_environment({f"PINCITE_{name}": value})


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [("anser.md", "x", "anser.md isn't a prompt"), ("answer.txt", "x", "answer.txt isn't a prompt"),
     ("answer.md", "Just answer {{it}}.", "takes it, not"), ("answer.md", b"\xff", "can't be read")],
)  # fmt: skip
def test_a_prompt_that_would_be_ignored_or_fail_is_refused(file, text, said, tmp_path, library):
    (tmp_path / ".hidden").touch()
    (tmp_path / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError, match=said):
        answer(QUESTION, library, config=Config(prompts=str(tmp_path)))
    with pytest.raises(ConfigError, match="no-folder"):
        answer(QUESTION, library, config=Config(prompts=str(tmp_path / "no-folder")))


def test_a_checker_that_is_silent_ends_with_the_time_of_the_answer(library):
    with serving(OpenAI(), silence) as server:
        config = Config(checker="openai:m", openai_base_url=f"{server.address}/v1", timeout=1.0)
        found = answer(QUESTION, library, config=config)
        assert len(server.requests) == 1  # once the time is over, nothing more is asked
    assert {sentence.verdict for sentence in found.sentences} == {Verdict.UNKNOWN}
    assert any("PINCITE_TIMEOUT" in issue.message for issue in found.issues)


def test_a_checker_that_is_slow_is_asked_nothing_once_the_time_is_over(library):
    asked = []

    def slow(sentence):
        asked.append(sentence)
        threading.Event().wait(0.3)
        return Support(0.9, Verdict.PARTIAL)

    answer(QUESTION, library, checker=Checking(slow), config=Config(timeout=0.2))
    assert len(asked) <= 1
    answer(QUESTION, library, checker=Checking(slow))
    assert len(asked) > 2


@pytest.mark.parametrize("labels", [["entailment"], {"a": "entailment"}, {"0": "entailment", "1": "neutral"},
                                    {"0": "entailment", "1": "neutral", "7": "contradiction"}, None])  # fmt: skip
def test_an_entailment_model_without_its_labels_is_refused(labels, entailment, library):
    (entailment / "config.json").write_text(json.dumps({"id2label": labels}), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config\.json"):
        answer(QUESTION, library, checker=f"entailment:{entailment}")


def test_a_stop_breaks_a_check_off(library):
    stop = threading.Event()

    def press(handler):
        stop.set()
        silence(handler)

    with serving(OpenAI(), press) as server:
        config = Config(checker="openai:m", openai_base_url=f"{server.address}/v1")
        found = answer(QUESTION, library, config=config, stop=stop)
        assert len(server.requests) == 1
    assert found.reason is Reason.STOPPED


def test_the_destination_of_what_a_checker_reads_is_shown(library, entailment, monkeypatch, capsys):
    from rag.chat import render

    def shown(config, checker=None):
        desk = Desk(Shelf([library], entailment, config), None, config, Overrides(checker=checker))
        checker, checking = desk.checked_by
        desk.close()
        page = render.page("leaves.html", model="extractive", leaving="x", checker=checker, checking=checking)
        return page.split("X.", 1)[1].removesuffix("</p>").strip()

    assert shown(Config()) == ""
    assert shown(Config(), Agreeing()) == "Checked by Agreeing."
    assert shown(Config(checker=str(entailment))) == "Checked by tiny."
    assert shown(Config(checker="openai:m", openai_base_url="http://127.0.0.1:9/v1")) == "Checked by openai:m."
    assert shown(Config(checker="openai:org/m", openai_base_url="http://[::1]:9/v1")) == "Checked by openai:org/m."
    going = shown(Config(checker="openai:m", openai_api_key="k"))
    assert going.startswith("Checked by openai:m: the sentences of the answer and the quotes")
    assert "go to api.openai.com" in going
    monkeypatch.setattr("rag.verify.leaving", lambda *_: "all goes to far.example")
    monkeypatch.setenv("PINCITE_CHECKER", str(entailment))
    for door in (by_ask, by_verify):
        door(library)
        assert "To check, all goes to far.example." in capsys.readouterr().out
    assert leaving("openai:m", Config(openai_api_key="k")).endswith("go to api.openai.com")


def test_a_follow_up_is_made_to_stand_alone_by_a_custom_prompt(library, tmp_path):
    (tmp_path / "plan_search.md").write_text("MINE {{history}} {{question}}", encoding="utf-8")
    mine = Repeating()
    history = [{"role": "user", "content": "What did shade do to barley?"}, {"role": "assistant", "content": "Harm."}]
    answer("And how much grain did it cost?", library, history=history, model=mine,
           config=Config(prompts=str(tmp_path)))  # fmt: skip
    assert mine.asked[0][-1].content.startswith("MINE ")


def test_another_model_in_the_same_folder_is_reloaded(library, entailment, tmp_path):
    config = Config(checker=str(entailment))
    first = answer(QUESTION, library, config=config).receipt.checker
    other = tmp_path / "other"
    other.mkdir()
    tiny_pair_model.save(other, ["[UNK]", "[CLS]", "[SEP]", "barley"], np.zeros((4, 3), dtype=np.float32))
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copyfile(other / name, entailment / name)
    second = answer(QUESTION, library, config=config).receipt.checker
    assert first.rsplit(":", 1)[0] == second.rsplit(":", 1)[0]
    assert first != second

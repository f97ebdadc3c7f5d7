"""An embedding model from a local folder in the layout of sentence-transformers, run in ONNX. Nothing is downloaded.

How token states become one vector, what prefix a question and a passage get, and how long a text may be are read from
the folder's own files. None of it is guessed: a model pooled or prompted differently from its training finds less,
without any sign of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ConfigError, EmbeddingError
from rag.models.embedding import TokenVectors, Vectors, check_length, token_vectors, unit
from rag.models.model_folder import OWN, ModelFolder, open_folder
from rag.models.text_model import TextModel, Tokens
from rag.text.windows import MAX_TOKENS

POOLINGS = ("cls", "mean", "lasttoken", "max")
# As 1_Pooling/config.json calls them.
_MODES = {"cls_token": "cls", "mean_tokens": "mean", "max_tokens": "max"}
_QUESTION_PROMPTS = ("query", "question")
_PASSAGE_PROMPTS = ("passage", "document")
# Models that output vectors of whole texts use this name.
_WHOLE = "sentence_embedding"
# The tokenizers whose word pieces can be joined again; see `token_vectors`.
_WORD_PIECES = ("Bert", "DistilBert", "MPNet", "Electra")


class FolderEmbedder:
    """An embedder over a model folder; see `Embedder`. The network loads on first use."""

    def __init__(self, path: Path | str) -> None:
        """Read the folder. Raises `ConfigError` where the model can't be used, or its files don't say how."""
        self._folder = open_folder(path, "an embedding model")
        self._model = TextModel(self._folder)
        self._output, self._pooling = _output(self._folder)
        prompts = _prompts(self._folder)
        self._question_prompt = _prompt(prompts, _QUESTION_PROMPTS)
        self._passage_prompt = _prompt(prompts, _PASSAGE_PROMPTS)
        self.max_tokens = _longest(self._folder) - max(
            self._plain_tokens(prompt) for prompt in (self._question_prompt, self._passage_prompt)
        )
        if self.max_tokens < MAX_TOKENS:
            raise ConfigError(
                f"{self._folder.root}: embeds texts of {self.max_tokens} tokens at most, and a library cuts papers "
                f"into texts of {MAX_TOKENS}: choose a model that reads more"
            )
        self.dimension = _dimension(self._folder, self._output)
        self.fingerprint = f"folder:{self._folder.sha256[:12]}:{self._pooling}:{self.max_tokens}"
        if self._pooling != _WHOLE and _has_word_pieces(self._folder):
            self.embed_tokens = self._embed_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text, special tokens included; the model adds its prompt itself."""
        return [len(encoded.ids) for encoded in self._model.tokenizer.encode_batch_fast(list(texts))]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text, read as a passage; see `Embedder.embed`."""
        return self._embed(texts, self._passage_prompt)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 for each text, read as a question; see `QuestionEmbedder.embed_questions`."""
        return self._embed(texts, self._question_prompt)

    def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        self._check_lengths(texts)
        encoded = self._model.tokenizer.encode_batch([prompt + text for text in texts])
        states = self._model.run([Tokens(e.ids, e.type_ids) for e in encoded], self._output)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, values in enumerate(states):
            pooled = _pooled(values, self._pooling)
            if pooled.shape != (self.dimension,):
                raise ConfigError(
                    f"{self._folder.weights}: gives vectors of shape {pooled.shape}, its config says {self.dimension} "
                    "dimensions: download or export it again"
                )
            vectors[row] = pooled
        if not np.isfinite(vectors).all():
            raise EmbeddingError(f"{self._folder.weights}: gives vectors that aren't finite: choose another ONNX file")
        return unit(vectors)

    def _embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the last hidden state of each token; see `TokenEmbedder.embed_tokens`. It gets no prompt."""
        self._check_lengths(texts)
        encoded = self._model.tokenizer.encode_batch(list(texts))
        # One text a run: int8 models scale by everything in a batch, and its neighbours must not change a vector.
        runs = [self._model.run([Tokens(e.ids, e.type_ids)], self._output)[0] for e in encoded]
        return [token_vectors(e, states) for e, states in zip(encoded, runs, strict=True)]

    def _check_lengths(self, texts: Sequence[str]) -> None:
        for text, tokens in zip(texts, self.count_tokens(texts), strict=True):
            check_length(text, tokens, self.max_tokens, self._folder.root.name)

    def _plain_tokens(self, text: str) -> int:
        return len(self._model.tokenizer.encode(text, add_special_tokens=False).ids) if text else 0

    @cached_property
    def name(self) -> str:
        """The folder's name and the hash over its files."""
        return self._folder.name


def _output(folder: ModelFolder) -> tuple[str, str]:
    """Return the output to read, and the pooling that turns it into one vector. Raises `ConfigError`."""
    tokens = [name for name, shape in folder.outputs.items() if len(shape) == 3]
    if not tokens or _dense(folder):
        whole = [name for name, shape in folder.outputs.items() if len(shape) == 2]
        if _WHOLE in whole or len(whole) == 1:
            return (_WHOLE if _WHOLE in whole else whole[0]), _WHOLE
        raise ConfigError(
            f"{folder.weights}: gives neither token states alone nor an output {_WHOLE} (it has "
            f"{', '.join(folder.outputs)}): export it with `optimum-cli export onnx --library sentence_transformers`"
        )
    return tokens[0], _pooling(folder)


def _pooling(folder: ModelFolder) -> str:
    own = folder.own.get("pooling")
    config = folder.read(f"{_module(folder, 'Pooling') or '1_Pooling'}/config.json")
    modes = [name.removeprefix("pooling_mode_") for name, on in config.items() if "mode_" in name and on is True]
    named = own or config.get("pooling_mode")
    chosen = [named] if named else [_MODES.get(mode, mode) for mode in modes]
    if len(chosen) == 1 and chosen[0] in POOLINGS:
        return str(chosen[0])
    problem = f"pools by {', '.join(map(str, chosen))}" if chosen else "doesn't say how token states become one vector"
    raise ConfigError(
        f"{folder.root}: {problem}: copy its 1_Pooling/config.json there too, or write {folder.root / OWN} with "
        f'{{"pooling": "mean"}}, one of {", ".join(POOLINGS)}, as its publisher says'
    )


def _module(folder: ModelFolder, kind: str) -> str | None:
    """Return the folder of a sentence-transformers module, None where modules.json lists none of this kind."""
    return next((path for type_, path in _modules(folder) if type_.endswith(f".{kind}")), None)


def _modules(folder: ModelFolder) -> list[tuple[str, str]]:
    return [(str(module.get("type")), str(module.get("path"))) for module in folder.read_list("modules.json")]


def _dense(folder: ModelFolder) -> bool:
    """Whether vectors go through another layer after pooling, which an export of token states leaves out."""
    return _module(folder, "Dense") is not None


def _prompts(folder: ModelFolder) -> Mapping[str, Any]:
    published = folder.read("config_sentence_transformers.json").get("prompts")
    own = folder.own.get("prompts")
    found = own if own is not None else published or {}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ConfigError(
            f'{folder.root}: its prompts aren\'t an object of texts: write them as {{"query": "query: "}}'
        )
    return found


def _prompt(prompts: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((prompts[name] for name in names if name in prompts), "")


def _longest(folder: ModelFolder) -> int:
    limit = folder.read("sentence_bert_config.json").get("max_seq_length")
    return min(limit, folder.max_tokens) if isinstance(limit, int) else folder.max_tokens


def _dimension(folder: ModelFolder, output: str) -> int:
    """Return the length of a vector from the ONNX file, else from the configs."""
    for size in (folder.outputs[output][-1], folder.config.get("hidden_size"), folder.config.get("dim")):
        if isinstance(size, int) and size > 0:
            return size
    raise ConfigError(f"{folder.root / 'config.json'} names no hidden_size: copy it again from where it was published")


def _has_word_pieces(folder: ModelFolder) -> bool:
    kind = str(folder.read("tokenizer_config.json").get("tokenizer_class"))
    return kind.removesuffix("Fast").removesuffix("Tokenizer") in _WORD_PIECES


def _pooled(states: NDArray[np.float32], pooling: str) -> NDArray[np.float32]:
    if pooling == _WHOLE:
        return states
    if pooling == "mean":
        pooled: NDArray[np.float32] = states.mean(axis=0)
        return pooled
    if pooling == "max":
        highest: NDArray[np.float32] = states.max(axis=0)
        return highest
    chosen: NDArray[np.float32] = states[0 if pooling == "cls" else -1]
    return chosen

"""A folder with a model in ONNX, as model hubs publish it: which files matter, and what its own config says.

Nothing is loaded here and nothing is downloaded. What can't work is refused with the fix; docs/models.md lists what
is read.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from rag.errors import ConfigError
from rag.models import onnx_file
from rag.serialization import parse_json

# A model folder's own additions, for what its publisher left out: {"labels": […], "pooling": …, "prompts": {…}}.
OWN = "pincite.json"
EXPORT = "export it with `optimum-cli export onnx --model FOLDER OUT`"
DEFAULT_LENGTH = 512
# Tokenizers write a number like 1e30 for "no limit".
_NO_LIMIT = 1_000_000
# Their positions start after the padding's own, so that the last ones can't be used.
_OFFSET_POSITIONS = ("roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet")
# For a folder with several ONNX files. Published scores were measured with the plain one; then come graphs optimised at
# the same precision, int8 for any processor, and int8 for one kind of processor.
_ANY_PROCESSOR = (
    "model.onnx", "model_O3.onnx", "model_O2.onnx", "model_O1.onnx", "model_quantized.onnx", "model_int8.onnx",
    "model_uint8.onnx",
)  # fmt: skip
_X86 = ("model_quint8_avx2.onnx", "model_qint8_avx512_vnni.onnx", "model_qint8_avx512.onnx")
# Unsigned weights are exact everywhere; signed ones overflow on processors that they weren't made for.
_ARM = ("model_qint8_arm64.onnx", "model_quint8_avx2.onnx")
_LFS = b"version https://git-lfs"


@dataclass(frozen=True)
class ModelFolder:
    """The files of one model: `weights` is the ONNX file, `why` says why this one, `data` are its other weights."""

    root: Path
    weights: Path
    why: str
    data: tuple[Path, ...]
    tokenizer: Path

    def read(self, name: str) -> Mapping[str, Any]:
        """Return a JSON object of the folder, empty where the file isn't there. Raises `ConfigError`."""
        found = self._json(name, {})
        if not isinstance(found, dict):
            raise ConfigError(f"{self.root / name} isn't a JSON object: copy it again from where it was published")
        return found

    def read_list(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Return a JSON list of objects of the folder, empty where the file isn't there. Raises `ConfigError`."""
        found = self._json(name, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise ConfigError(f"{self.root / name} isn't a JSON list: copy it again from where it was published")
        return found

    def _json(self, name: str, missing: object) -> Any:
        path = _beside(self.root, self.weights, name)
        try:
            return missing if path is None else parse_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path} can't be read ({error}): copy it again from where it was published") from error

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The model's config.json, empty where there is none."""
        return self.read("config.json")

    @cached_property
    def own(self) -> Mapping[str, Any]:
        """What `OWN` adds."""
        return self.read(OWN)

    @cached_property
    def outputs(self) -> Mapping[str, tuple[int | None, ...]]:
        """The shape of each output of the model by name."""
        return onnx_file.shapes(self.weights, "output")

    @cached_property
    def sha256(self) -> str:
        """A hash over every file that affects the output: all weights, the tokenizer and the configs."""
        digest = hashlib.sha256()
        configs = ("config.json", OWN, "modules.json", "config_sentence_transformers.json", "sentence_bert_config.json")
        found = (_beside(self.root, self.weights, name) for name in configs)
        poolings = sorted(self.root.glob("*_Pooling/config.json"))
        for file in [self.weights, *self.data, self.tokenizer, *(path for path in found if path), *poolings]:
            digest.update(f"{file.name}\0{_sha256(file, file.stat().st_mtime_ns)}\0".encode())
        return digest.hexdigest()

    @property
    def name(self) -> str:
        """The folder's name, and a hash over its files, which identifies the model."""
        return f"{self.root.resolve().name}:{self.sha256[:12]}"

    @property
    def bytes(self) -> int:
        """The size of the weights."""
        return sum(file.stat().st_size for file in (self.weights, *self.data))

    @cached_property
    def max_tokens(self) -> int:
        """The longest text that the model reads, special tokens included, by its config or a fixed length."""
        fixed = onnx_file.shapes(self.weights, "input").get("input_ids", ())[1:2]
        limits = [*fixed, _limit(self.read("tokenizer_config.json").get("model_max_length")), self._positions()]
        return min((limit for limit in limits if limit), default=DEFAULT_LENGTH)

    def _positions(self) -> int | None:
        if self.config.get("position_biased_input") is False:  # DeBERTa: positions are relative to each other
            return None
        limit = _limit(self.config.get("max_position_embeddings"))
        if limit and self.config.get("model_type") in _OFFSET_POSITIONS:
            return limit - self.first_position
        return limit

    @property
    def first_position(self) -> int:
        """The number of a text's first position."""
        pad = self.config.get("pad_token_id")
        offset = self.config.get("model_type") in _OFFSET_POSITIONS
        return (pad if isinstance(pad, int) else 1) + 1 if offset else 0

    @property
    def licence(self) -> str | None:
        """The licence by the front matter of README.md, None where it names none."""
        path = self.root / "README.md"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
        if not lines or lines[0].strip() != "---":
            return None
        for line in lines[1:]:
            if line.strip() == "---":
                return None
            key, _, value = line.partition(":")
            if key == "license" and value.strip():
                return value.strip().strip("\"'")
        return None


def open_folder(path: Path | str, kind: str) -> ModelFolder:
    """Find the files of a model in a folder, or next to the ONNX file named; `kind` is what errors call it.

    Raises `ConfigError` for everything that can be known to fail before the model is loaded.
    """
    given = Path(path)
    weights, why = _weights(given, kind)
    folder = weights.parent
    root = folder.parent if given != folder and folder.name == "onnx" else folder
    tokenizer = _beside(root, weights, "tokenizer.json")
    if tokenizer is None:
        raise ConfigError(
            f"{root / 'tokenizer.json'} is missing: write it with transformers, "
            f"AutoTokenizer.from_pretrained({str(root)!r}).save_pretrained({str(root)!r})"
        )
    return ModelFolder(root, weights, why, _data(weights), tokenizer)


def _weights(given: Path, kind: str) -> tuple[Path, str]:
    if given.is_file() and given.suffix == ".onnx":
        return given, "it is named"
    if not given.is_dir():
        raise ConfigError(
            f"{given} is missing: {kind} is a folder with tokenizer.json and model.onnx, or onnx/model.onnx"
        )
    if (given / "encoder_model.onnx").is_file() or (given / "onnx" / "encoder_model.onnx").is_file():
        raise ConfigError(f"{given} has an encoder and a decoder, but {kind} is an encoder only: choose another model")
    for folder in (given, given / "onnx"):
        found = sorted(file.name for file in folder.glob("*.onnx"))
        for name in _order():
            if name in found:
                others = len(found) - 1
                return folder / name, f"first of {others + 1} ONNX files" if others else "the only ONNX file"
    raise ConfigError(_nothing(given, kind))


def _nothing(given: Path, kind: str) -> str:
    """Say why no ONNX file fits."""
    others = sorted({file.name for pattern in ("*.onnx", "onnx/*.onnx") for file in given.glob(pattern)})
    if others:
        return (
            f"{given} holds {', '.join(others)}, none of the names that fit this processor ({', '.join(_order())}): "
            f"name the file itself instead of its folder, such as {given / others[0]}"
        )
    if any(given.glob("*.safetensors")) or any(given.glob("pytorch_model*.bin")):
        return f"{given / 'model.onnx'} is missing, the weights are for PyTorch: {EXPORT}"
    return f"{given / 'model.onnx'} is missing: {kind} is a folder with tokenizer.json and model.onnx: {EXPORT}"


def _order() -> tuple[str, ...]:
    arm = platform.machine().lower() in ("arm64", "aarch64")
    return (*_ANY_PROCESSOR, *(_ARM if arm else _X86))


def _data(weights: Path) -> tuple[Path, ...]:
    """Return the files with the weights that aren't in the ONNX file."""
    with weights.open("rb") as opened:
        if opened.read(len(_LFS)) == _LFS:
            raise ConfigError(f"{weights} is a pointer of git-lfs, not the model: run `git lfs pull` in its folder")
    try:
        names = onnx_file.data_files(weights)
    except ValueError as error:
        raise ConfigError(f"{weights} isn't an ONNX file ({error}): download or export it again") from error
    files = tuple(weights.parent / name for name in names)
    for file in files:
        if not file.resolve().is_relative_to(weights.parent.resolve()):
            raise ConfigError(f"{weights} refers to weights in {file}, outside its folder: don't use it")
        if not file.is_file():
            raise ConfigError(f"{file} is missing, it holds the weights of {weights.name}: copy it there too")
    return files


def _beside(root: Path, weights: Path, name: str) -> Path | None:
    return next((folder / name for folder in (root, weights.parent) if (folder / name).is_file()), None)


def _limit(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and 0 < value < _NO_LIMIT else None


@cache
def _sha256(file: Path, changed: int) -> str:  # noqa: ARG001  a file that changed is hashed again
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def labels_of(folder: ModelFolder) -> tuple[str, ...]:
    """Return the model's labels in the order of its outputs, in lower case; those of `OWN` win.

    Raises `ConfigError` where they aren't numbered from 0.
    """
    own = folder.own.get("labels")
    if isinstance(own, list):
        return tuple(_folded(own))
    numbered = folder.config.get("id2label")
    if not isinstance(numbered, dict) or not numbered:
        raise ConfigError(f"{folder.root / 'config.json'} names no labels (id2label): {naming(folder)}")
    labels = {str(number): label for number, label in numbered.items()}
    if set(labels) != {str(number) for number in range(len(labels))}:
        raise ConfigError(f"{folder.root / 'config.json'} numbers its labels {sorted(labels)}: {naming(folder)}")
    return tuple(_folded(labels[str(number)] for number in range(len(labels))))


def naming(folder: ModelFolder) -> str:
    """Say how a user names the labels."""
    return (
        f"name them in the order of the model's outputs in {folder.root / OWN}, "
        'such as {"labels": ["entailment", "neutral", "contradiction"]}'
    )


def _folded(labels: Iterable[object]) -> list[str]:
    return [str(label).strip().casefold().replace("-", "_").replace(" ", "_") for label in labels]

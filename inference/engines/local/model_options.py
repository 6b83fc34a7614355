"""Which model folder the local writer uses, and how it is loaded. No torch here, so that any process may ask.

Problem: a model is named by a film's options, by the environment, or by nobody; whatever named it, the user must be told what to do when
it is not there, and the version that stands in every script must change whenever other weights or another precision could give
another answer. Hashing 16 GB at each start takes minutes, so :func:`fingerprint` reads the beginning of every tensor instead.

    OMNISCRIPT_MODEL_PATH           folder of the model (else ``omniscript`` in the store of models)
    OMNISCRIPT_MODEL_DTYPE          auto, bfloat16, float16 or float32 (auto: bfloat16 where the GPU has it, float32 on a processor)
    OMNISCRIPT_MODEL_ATTENTION      sdpa, eager or flash_attention_2
    OMNISCRIPT_MODEL_DEVICE_MAP     a device (cuda:1, cpu), auto (over all GPUs), or a JSON object {module: device}
    OMNISCRIPT_MODEL_QUANTIZATION   int8, int4 (bitsandbytes), quanto-int8, quanto-int4, fp8, or the JSON object of a quantisation config
    OMNISCRIPT_MODEL_BATCH_SIZE     segments written at once (default: 4 on a GPU, 1 without)
    OMNISCRIPT_MODEL_MAX_CLIP_S     longest clip in one question, in seconds (default: 300; one pass over longer films needs more)
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from inference.errors import CorruptWeightsError, MissingWeightsError, WriterError
from inference.weights import store_dir
from inference.writers.base import MAX_SEGMENT_S

PREFIX = "OMNISCRIPT_MODEL_"
DTYPES = ("auto", "bfloat16", "float16", "float32")
ATTENTIONS = ("sdpa", "eager", "flash_attention_2")
HEAD_BYTES = 4096
"""How much of each tensor goes into the fingerprint."""


@dataclass(frozen=True)
class ModelOptions:
    """``folder`` and how to load it; see the module. ``batch_size`` 0: as the device suggests."""

    folder: Path
    dtype: str = "auto"
    attention: str = "sdpa"
    device_map: str = ""
    quantization: str = ""
    batch_size: int = 0
    max_clip_s: float = MAX_SEGMENT_S

    @classmethod
    def read(cls, options: Mapping[str, object] | None = None) -> ModelOptions:
        """From a film's options (``model_path``) and the environment.

        Raises:
            MissingWeightsError: there is no model. WriterError: a setting makes no sense.
        """
        return cls(
            folder=model_folder(str((options or {}).get("model_path") or "")),
            dtype=_one_of("DTYPE", DTYPES),
            attention=_one_of("ATTENTION", ATTENTIONS),
            device_map=_named("DEVICE_MAP"),
            quantization=_named("QUANTIZATION"),
            batch_size=int(_number("BATCH_SIZE", 0)),
            max_clip_s=_number("MAX_CLIP_S", MAX_SEGMENT_S),
        )

    @property
    def version(self) -> str:
        """The fingerprint of the weights, and every setting that may change an answer. The same on all workers with the same settings."""
        changed = [value for value, usual in ((self.dtype, "auto"), (self.attention, "sdpa"), (self.quantization, "")) if value != usual]
        return "-".join([fingerprint(self.folder)[:12], *changed])


def model_folder(named: str = "") -> Path:
    """The folder of the model: the one named here, else by ``OMNISCRIPT_MODEL_PATH``, else ``omniscript`` in the store of models.

    Raises:
        MissingWeightsError: it is not there, or holds no model.
    """
    named = named or _named("PATH")
    folder = Path(named).expanduser() if named else store_dir() / "omniscript"
    if (folder / "config.json").is_file() and next(_weight_files(folder), None):
        return folder.resolve()
    lacking = "config.json" if not (folder / "config.json").is_file() else "*.safetensors"
    raise MissingWeightsError(
        f"There is no OmniScript model in {folder}: it has no {lacking}.",
        remedy="Name a model folder with --model_path or OMNISCRIPT_MODEL_PATH, or make one with `omniscript models build`.",
    )


def fingerprint(folder: Path) -> str:
    """64 hexadecimal digits of everything that decides what the model answers: its small files, and of the weights each tensor's name,
    shape, type and first :data:`HEAD_BYTES` bytes. Training changes every tensor that it touches from the first bytes on.

    Raises:
        CorruptWeightsError: a weights file is cut short or is no safetensors file.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix in {".json", ".jinja", ".txt", ".model", ".safetensors"})
    return _fingerprint(tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=8)
def _fingerprint(files: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, num_bytes, _ in files:
        digest.update(f"{path.name}\0{num_bytes}\0".encode())
        for piece in _tensor_heads(path) if path.suffix == ".safetensors" else [path.read_bytes()]:
            digest.update(piece)
    return digest.hexdigest()


def _tensor_heads(path: Path) -> Iterator[bytes]:
    """The header of a safetensors file, then the beginning of each tensor."""
    with path.open("rb") as stream:
        try:
            (num_bytes,) = struct.unpack("<Q", stream.read(8))
            if num_bytes > path.stat().st_size:
                raise ValueError(f"a header of {num_bytes} bytes")
            header = stream.read(num_bytes)
            offsets = sorted(row["data_offsets"] for name, row in json.loads(header).items() if name != "__metadata__")
        except (struct.error, ValueError, KeyError, AttributeError) as error:
            raise CorruptWeightsError(f"{path} is not a whole safetensors file: {error}.", remedy="Copy the model folder again.") from error
        if offsets and 8 + num_bytes + offsets[-1][1] > path.stat().st_size:
            raise CorruptWeightsError(f"{path} is cut short.", remedy="Copy the model folder again.")
        yield header
        for begin, end in offsets:
            stream.seek(8 + num_bytes + begin)
            yield stream.read(min(HEAD_BYTES, end - begin))


def _weight_files(folder: Path) -> Iterator[Path]:
    return folder.glob("*.safetensors")


def _named(name: str) -> str:
    return os.environ.get(PREFIX + name, "").strip()


def _one_of(name: str, allowed: tuple[str, ...]) -> str:
    value = _named(name) or allowed[0]
    if value not in allowed:
        raise WriterError(f"{PREFIX}{name} is {value!r}.", remedy=f"Set it to one of: {', '.join(allowed)}.")
    return value


def _number(name: str, usual: float) -> float:
    value = _named(name)
    try:
        found = float(value) if value else usual
    except ValueError:
        found = -1.0
    if found < 0:
        raise WriterError(f"{PREFIX}{name} is {value!r}.", remedy="Set it to a positive number, or unset it.")
    return found

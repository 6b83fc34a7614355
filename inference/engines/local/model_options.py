"""Which model folder the local writer uses, and how it is loaded. No torch here, so that any process may ask.

Problem: a model is named by a film's options, by the environment, or by nobody; whatever named it, the user must be told what to do when
it is not there, and the version that stands in every script must change whenever other weights or another precision could give
another answer. Hashing 16 GB at each start takes minutes, so :func:`fingerprint` reads the beginning of every tensor instead.

The variables ``OMNISCRIPT_MODEL_*`` and what each means stand in :mod:`inference.environment`; here they are checked.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from inference.environment import read_environment, variable_of
from inference.errors import CorruptWeightsError, MissingWeightsError, WriterError
from inference.film import MAX_SEGMENT_S
from inference.weights import store_dir

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
        said = read_environment()
        return cls(
            folder=model_folder(str((options or {}).get("model_path") or "")),
            dtype=_one_of("model_dtype", said.model_dtype, DTYPES),
            attention=_one_of("model_attention", said.model_attention, ATTENTIONS),
            device_map=said.model_device_map,
            quantization=said.model_quantization,
            batch_size=int(_number("model_batch_size", said.model_batch_size, 0)),
            max_clip_s=_number("model_max_clip_s", said.model_max_clip_s, MAX_SEGMENT_S),
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
    named = named or read_environment().model_path
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


def _one_of(field: str, value: str, allowed: tuple[str, ...]) -> str:
    value = value or allowed[0]
    if value not in allowed:
        raise WriterError(f"{variable_of(field)} is {value!r}.", remedy=f"Set it to one of: {', '.join(allowed)}.")
    return value


def _number(field: str, value: str, usual: float) -> float:
    try:
        number = float(value) if value else usual
    except ValueError:
        number = -1.0
    if number < 0:
        raise WriterError(f"{variable_of(field)} is {value!r}.", remedy="Set it to a positive number, or unset it.")
    return number

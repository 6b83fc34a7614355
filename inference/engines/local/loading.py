"""The local model in memory: loaded once a process, whoever asks and however many threads ask at once.

Nothing is ever fetched: every file must be in the model's folder. Quantised loading is what transformers offers; a folder that was
saved quantised needs no setting.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import torch
from transformers import BitsAndBytesConfig, FineGrainedFP8Config, QuantoConfig
from transformers.quantizers.auto import AutoQuantizationConfig
from transformers.utils import is_flash_attn_2_available

from inference.environment import read_environment
from inference.errors import CorruptWeightsError, MissingProgramError, WriterError
from inference.omniscript import OmniScriptForConditionalGeneration, OmniScriptProcessor

from .model_options import ModelOptions

KEPT_PRECISE = ["lm_head", "visual", "audio"]
"""Parts that are never quantised: small beside the language model, and an error there is an error in every token."""

_models: dict[ModelOptions, Loaded] = {}
_lock = threading.Lock()


@dataclass
class Loaded:
    """A model and its processor. ``lock``: one generation at a time, because the model remembers positions between calls."""

    model: Any
    processor: Any
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def device(self) -> torch.device:
        """Where its inputs go."""
        return self.model.get_input_embeddings().weight.device

    @property
    def max_positions(self) -> int:
        """How many tokens fit, prompt and answer together."""
        return int(self.model.config.text_config.max_position_embeddings)


def load(options: ModelOptions) -> Loaded:
    """The model of these options; the first call loads it.

    Raises:
        CorruptWeightsError: the folder holds something else, or not all of it. MissingProgramError: a setting needs a package.
        WriterError: a setting makes no sense, or there is too little memory.
    """
    with _lock:
        if options not in _models:
            _models.clear()  # two models seldom fit side by side
            _models[options] = _loaded(options)
        return _models[options]


def default_batch_size() -> int:
    """How many segments are written at once where nobody says: a GPU has room to spare, a processor gains little."""
    return 4 if torch.cuda.is_available() else 1


def compute_dtype(named: str) -> torch.dtype:
    """The type of ``OMNISCRIPT_MODEL_DTYPE``; auto is the best that the device is fast at."""
    if named != "auto":
        return {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}[named]
    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    return torch.float32


def quantization_config(named: str, dtype: torch.dtype) -> Any:
    """What transformers is to quantise with; ``None`` for nothing.

    Raises:
        MissingProgramError: its package is not installed. WriterError: nobody knows it.
    """
    if not named:
        return None
    if named.startswith("{"):
        try:
            return AutoQuantizationConfig.from_dict(json.loads(named))
        except (ValueError, TypeError, ImportError) as error:
            raise WriterError(f"OMNISCRIPT_MODEL_QUANTIZATION cannot be used: {error}", remedy="Correct the JSON object.") from error
    made = {
        "int8": ("bitsandbytes", lambda: BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=KEPT_PRECISE)),
        "int4": (
            "bitsandbytes",
            lambda: BitsAndBytesConfig(
                load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype, llm_int8_skip_modules=KEPT_PRECISE
            ),
        ),
        "quanto-int8": ("optimum.quanto", lambda: QuantoConfig(weights="int8", modules_to_not_convert=KEPT_PRECISE)),
        "quanto-int4": ("optimum.quanto", lambda: QuantoConfig(weights="int4", modules_to_not_convert=KEPT_PRECISE)),
        "fp8": ("torch", lambda: FineGrainedFP8Config(modules_to_not_convert=KEPT_PRECISE)),
    }
    if named not in made:
        raise WriterError(f"OMNISCRIPT_MODEL_QUANTIZATION is {named!r}.", remedy=f"Set it to one of: {', '.join(made)}; or to JSON.")
    package, make = made[named]
    if not _importable(package):
        distribution = package.replace(".", "-")
        raise MissingProgramError(
            f"The quantisation {named!r} needs the package {distribution}.", remedy=f"Install it: pip install {distribution}."
        )
    return make()


def _loaded(options: ModelOptions) -> Loaded:
    if options.attention == "flash_attention_2" and not is_flash_attn_2_available():
        raise MissingProgramError(
            "Flash attention needs a GPU and the package flash-attn.",
            remedy="Install it: pip install flash-attn; or set OMNISCRIPT_MODEL_ATTENTION=sdpa.",
        )
    num_threads = read_environment().torch_threads
    if num_threads is not None:
        torch.set_num_threads(num_threads)
    dtype = compute_dtype(options.dtype)
    quantization = quantization_config(options.quantization, dtype)
    try:
        model = OmniScriptForConditionalGeneration.from_pretrained(
            options.folder,
            dtype=dtype,
            attn_implementation=options.attention,
            device_map=_device_map(options.device_map),
            quantization_config=quantization,
            local_files_only=True,
        )
        processor = OmniScriptProcessor.from_pretrained(options.folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise CorruptWeightsError(
            f"The OmniScript model in {options.folder} cannot be loaded: {error}",
            remedy="Copy the folder again, or make it anew with `omniscript models build`.",
        ) from error
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise WriterError(
            f"The model in {options.folder} does not fit into memory.",
            remedy="Set OMNISCRIPT_MODEL_QUANTIZATION=int4, or OMNISCRIPT_MODEL_DEVICE_MAP=auto to spread it.",
        ) from error
    return Loaded(model.eval(), processor)


def _device_map(named: str) -> Any:
    if not named:
        return "cpu" if not torch.cuda.is_available() else "auto" if torch.cuda.device_count() > 1 else "cuda:0"
    if not named.startswith("{"):
        return named
    try:
        return json.loads(named)
    except ValueError as error:
        raise WriterError(f"OMNISCRIPT_MODEL_DEVICE_MAP is no JSON: {error}", remedy="Correct it, or set it to auto.") from error


def _importable(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False

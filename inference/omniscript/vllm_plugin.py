"""OmniScript inside vLLM: the arithmetic in plain functions, then thin adapters to vLLM's classes.

vLLM finds :func:`register` by the entry point ``vllm.general_plugins``. A clip is one item, "video": its pictures with their times, and the
sound that came beside it in the same question (:func:`with_sound`). Its placeholder is the token sequence that
:class:`.processing_omniscript.OmniScriptProcessor` writes; its embeddings are the visual and audio tokens in that order, each as wide as
vLLM's Qwen3-VL packs DeepStack: H x (1 + levels), the input first.

What was run: everything above :func:`register`, against our own processor and model (tests/inference/engines/remote/test_vllm_plugin.py).
**Not run**: the adapters, because neither vLLM nor a GPU was there. They are written for vLLM 0.33's documented classes. Sound inside an
mp4 (``use_audio_in_video``) is not taken; send it as a part.

Shapes: V visual and A audio tokens of a clip, U units, H width of the language model, W = H x (1 + levels).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from inference.sampling import SAMPLE_RATE_HZ

from .units import TemporalUnit, make_units

ARCHITECTURE = "OmniScriptForConditionalGeneration"


@dataclass(frozen=True)
class ClipTokens:
    """The tokens that a clip is made of: identifiers, and how text is tokenized."""

    encode: Callable[[str], list[int]]
    vision_start: int
    vision_end: int
    video: int
    audio: int


def with_sound(media: Mapping[str, Any]) -> dict[str, Any]:
    """A request's media with each sound put into the metadata of the video that it came with; none is left over.

    Raises:
        ValueError: there are not as many sounds as videos, or one is not at 16 kHz.
    """
    joined = dict(media)
    sounds = _listed(joined.pop("audio", None))
    videos = _listed(joined.get("video"))
    if not sounds:
        return joined
    if len(sounds) != len(videos):
        raise ValueError(f"There are {len(videos)} videos, but {len(sounds)} sounds.")
    joined["video"] = [(frames, {**metadata, "sound": _samples(sound)}) for (frames, metadata), sound in zip(videos, sounds, strict=True)]
    return joined


def units_of(metadata: Mapping[str, Any], tokens_per_second: int, patch: int) -> list[TemporalUnit]:
    """The units of a clip from a video's metadata: exact times are frame indices over their rate."""
    times_s = [index / metadata["fps"] for index in metadata["frames_indices"]]
    sound = metadata.get("sound")
    sound_s = 0.0 if sound is None else min(float(metadata["duration"]), len(sound) / SAMPLE_RATE_HZ)
    return make_units(times_s, float(metadata["duration"]), sound_s, tokens_per_second, patch)


def placeholder(units: Sequence[TemporalUnit], num_visual: int, tokens: ClipTokens) -> list[int]:
    """The token sequence of a clip. ``num_visual``: visual tokens of a unit with pictures."""
    ids: list[int] = []
    for unit in units:
        seen = [tokens.video] * (num_visual if unit.has_pictures else 0)
        ids += [
            *tokens.encode(f"<{unit.stamp_s:.1f} seconds>"),
            tokens.vision_start,
            *seen,
            *[tokens.audio] * unit.num_audio,
            tokens.vision_end,
        ]
    return ids


def is_media(ids: Sequence[int], tokens: ClipTokens) -> torch.Tensor:
    """Which tokens of a placeholder are replaced by embeddings, bool (number of tokens)."""
    id_tensor = torch.tensor(ids)
    return (id_tensor == tokens.video) | (id_tensor == tokens.audio)


def packed(main: torch.Tensor, levels: Sequence[torch.Tensor]) -> torch.Tensor:
    """Embeddings and what DeepStack adds to them side by side: (N, H) and levels x (N, H) → (N, W)."""
    return torch.cat([main, *levels], dim=-1)


def interleaved(visual: torch.Tensor, audio: torch.Tensor, visual_counts: Sequence[int], audio_counts: Sequence[int]) -> torch.Tensor:
    """Unit by unit the visual tokens, then the audio tokens: (V, W) and (A, W) → (V + A, W).

    Raises:
        ValueError: the units do not hold as many tokens as there are embeddings.
    """
    if (len(visual), len(audio)) != (sum(visual_counts), sum(audio_counts)):
        wanted, given = (sum(visual_counts), sum(audio_counts)), (len(visual), len(audio))
        raise ValueError(f"The units hold {wanted} visual and audio tokens, but there are {given} embeddings.")
    pairs = zip(visual.split(list(visual_counts)), audio.split(list(audio_counts)), strict=True)
    return torch.cat([tokens for pair in pairs for tokens in pair])


def _listed(items: Any) -> list[Any]:
    if items is None:
        return []
    return list(items) if isinstance(items, list) else [items]


def _samples(sound: Any) -> np.ndarray:
    samples, rate_hz = sound if isinstance(sound, tuple) else (sound, SAMPLE_RATE_HZ)
    if round(rate_hz) != SAMPLE_RATE_HZ:
        raise ValueError(f"The sound has {rate_hz} samples a second; {SAMPLE_RATE_HZ} are wanted.")
    return np.asarray(samples, dtype=np.float32)


def register() -> None:
    """Tell vLLM of the architecture, and transformers of its configuration and processor. Does nothing where there is no vLLM."""
    if importlib.util.find_spec("vllm") is None:
        return
    from vllm import ModelRegistry

    from . import processing_omniscript  # noqa: F401 - registers configuration and processor with transformers' Auto classes

    if ARCHITECTURE not in ModelRegistry.get_supported_archs():
        ModelRegistry.register_model(ARCHITECTURE, f"{__package__}.vllm_model:{ARCHITECTURE}")

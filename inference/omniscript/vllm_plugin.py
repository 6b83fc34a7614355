"""OmniScript inside vLLM: the arithmetic in plain functions; thin adapters to vLLM's classes are in :mod:`.vllm_model`.

vLLM finds :func:`register` by the entry point ``vllm.general_plugins``. A clip is one item, "video": its pictures with their times, and the
sound that came beside it in the same question (:func:`with_sound`). Its placeholder is the token sequence that
:class:`.processing_omniscript.OmniScriptProcessor` writes; its embeddings are the visual and audio tokens in that order, each as wide as
vLLM's Qwen3-VL packs DeepStack: H x (1 + levels), the input first. Sound inside an mp4 (``use_audio_in_video``) is not taken: it comes as
a part of its own. What vLLM can be started with and this model cannot do is refused by :func:`unfit`, in a sentence, before anything runs.

Tested inside vLLM :data:`TESTED` on a processor (tests/servers, figures in docs/benchmarks.md); never on a GPU.

Shapes: V visual and A audio tokens of a clip, U units, S tokens of a prompt, H width of the language model, W = H x (1 + levels).
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from inference.sampling import SAMPLE_RATE_HZ

from .units import TemporalUnit, make_units

ARCHITECTURE = "OmniScriptForConditionalGeneration"
TESTED = "0.32"
"""The release of vLLM (and its patches) that the adapters are tested in; :func:`register` warns in any other."""
LONGEST_CLIP_FRAMES, LARGEST_SIDE_PX = 600, 640
"""Five minutes at two a second, each as large as the writers' pictures may be: the largest clip that memory is set aside for."""


@dataclass(frozen=True)
class ClipTokens:
    """The tokens that a clip is made of: identifiers, and how text is tokenized."""

    encode: Callable[[str], list[int]]
    vision_start: int
    vision_end: int
    video: int
    audio: int


@dataclass(frozen=True)
class ClipPlace:
    """Where a clip's placeholder stands in a prompt, and how many visual tokens high and wide its pictures are."""

    offset: int
    length: int
    height: int
    width: int


def with_sound(videos: Sequence[tuple[Any, dict[str, Any] | None]], sounds: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Each video (frames, metadata) with the sound that came with it in its metadata.

    Args:
        sounds: one sound or a list: samples, or samples with their rate.

    Raises:
        ValueError: there are not as many sounds as videos, one is not at 16 kHz, or a video is named without being sent.
    """
    listed = list(sounds) if isinstance(sounds, list) else [sounds]
    if len(listed) != len(videos):
        raise ValueError(f"There are {len(videos)} videos, but {len(listed)} sounds; each sound belongs to a video.")
    joined = []
    for (frames, metadata), sound in zip(videos, listed, strict=True):
        if metadata is None:
            raise ValueError("A video that comes with a sound has to be sent with its metadata, not named by an identifier alone.")
        joined.append((frames, {**metadata, "sound": _samples(sound)}))
    return joined


def unfit(multimodal: Any, compilation: Any) -> str:
    """What this model cannot do of what vLLM was started with, as a sentence; empty if there is nothing.

    Args:
        multimodal, compilation: vLLM's configuration objects of these names.
    """
    if multimodal.is_multimodal_pruning_enabled():
        return "OmniScript cannot leave out video tokens, since sound stands between them: start vLLM without --video-pruning-rate."
    if multimodal.enable_mm_embeds:
        return "OmniScript takes pictures and sound, not embeddings of them: start vLLM without --enable-mm-embeds."
    if multimodal.mm_processor_kwargs:
        return "OmniScript's processor has no options: start vLLM without --mm-processor-kwargs."
    if compilation.cudagraph_mm_encoder:
        return "Encoder CUDA graphs run the pictures' encoder alone and would leave out the sound: start vLLM without cudagraph_mm_encoder."
    return ""


def checked(metadata: Mapping[str, Any], num_frames: int) -> Mapping[str, Any]:
    """A video's metadata if they tell the time of every frame.

    Raises:
        ValueError: they do not.
    """
    indices, rate_hz, duration_s = (metadata.get(name) for name in ("frames_indices", "fps", "duration"))
    if indices is None or len(indices) != num_frames:
        raise ValueError(f"A video has {num_frames} frames, but its metadata tell the times of {0 if indices is None else len(indices)}.")
    if not (isinstance(rate_hz, int | float) and 0 < rate_hz < math.inf):
        raise ValueError(f"The fps of a video is {rate_hz!r}; a rate above 0 is wanted, so that frames_indices / fps are seconds.")
    if not (isinstance(duration_s, int | float) and 0 <= duration_s < math.inf):
        raise ValueError(f"The duration of a video is {duration_s!r}; seconds are wanted.")
    if min(indices) < 0 or max(indices) / rate_hz > duration_s + 1.0:
        raise ValueError("frames_indices tell of frames outside the video's duration.")
    return metadata


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


def mrope_positions(ids: Sequence[int], clips: Sequence[ClipPlace], video_token: int) -> tuple[torch.Tensor, int]:
    """Positions of a prompt's tokens: (3, S), and how far the next token's lies from S.

    As Qwen3-VL's, with audio tokens in text positions. vLLM's own for Qwen3-VL takes all tokens up to vision end for visual ones and
    counts a unit for every pair of pictures, so that sound, or units without pictures, shift all that follows.
    """
    id_array = np.asarray(ids)
    parts: list[np.ndarray] = []
    past = start = 0  # tokens and positions that are taken

    def text_up_to(place: int) -> None:
        nonlocal past, start
        parts.append(np.broadcast_to(np.arange(place - past) + start, (3, place - past)))
        past, start = place, start + place - past

    for clip in sorted(clips, key=lambda clip: clip.offset):
        size = clip.height * clip.width
        places = clip.offset + np.flatnonzero(id_array[clip.offset : clip.offset + clip.length] == video_token)
        for place in places[::size].tolist():
            text_up_to(place)
            parts.append(np.indices((1, clip.height, clip.width)).reshape(3, -1) + start)
            past, start = place + size, start + max(clip.height, clip.width)
    text_up_to(len(id_array))
    return torch.from_numpy(np.concatenate(parts, axis=1)), start - len(id_array)


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
    from vllm.logger import init_logger

    from . import processing_omniscript  # noqa: F401 - registers configuration and processor with transformers' Auto classes

    say, sentence = version_remark(_vllm_version(), importlib.metadata.version("transformers"))
    getattr(init_logger("vllm.plugins.omniscript"), say)(sentence)
    if ARCHITECTURE not in ModelRegistry.get_supported_archs():
        ModelRegistry.register_model(ARCHITECTURE, f"{__package__}.vllm_model:{ARCHITECTURE}")


def version_remark(vllm: str, transformers: str) -> tuple[str, str]:
    """How loud ("info" or "warning") and what the plugin says at start about the versions it is in."""
    here = f"This is vLLM {vllm} with transformers {transformers}"
    if vllm.split("+")[0].split(".")[:2] == TESTED.split("."):
        return "info", f"OmniScript's plugin is tested with vLLM {TESTED}. {here}."
    return (
        "warning",
        f"OmniScript's plugin is tested with vLLM {TESTED} only. {here}: compare answers before you trust them (make test-servers).",
    )


def _vllm_version() -> str:
    import vllm

    return str(vllm.__version__)

"""Processor: clips of film and questions about them → the model's inputs (paper, section 5.1: one clock for pictures and sound).

A clip becomes, unit by unit, ``<t seconds>``, vision start, the unit's visual tokens, its audio tokens, vision end. Times are exact
source times counted from the clip's start: they are given with every picture and never worked out from a frame rate, so metadata
that lie about it do no harm. Text of a question cannot pretend to be a control token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import AutoProcessor, BatchFeature, ProcessorMixin

from .configuration_omniscript import OmniScriptConfig
from .pictures import PictureSettings, patches
from .units import TemporalUnit, make_units

if TYPE_CHECKING:
    from inference.media.description import Frame, FrameOnDemand

AUDIO_TOKEN = "<|audio_pad|>"  # noqa: S105 - a token of text
VIDEO_TOKEN = "<|video_pad|>"  # noqa: S105
VISION_START, VISION_END = "<|vision_start|>", "<|vision_end|>"
CLIP = "<|clip|>"
"""Where the clip goes in a text; not a token."""


class OmniScriptProcessor(ProcessorMixin):
    """Tokenizer, Whisper's feature extractor, and how pictures are cut.

    Args:
        pictures: fields of :class:`.pictures.PictureSettings` that differ from the defaults.
        audio_tokens_per_second: as in the model's configuration.
    """

    def __init__(
        self,
        feature_extractor: Any = None,
        tokenizer: Any = None,
        chat_template: str | None = None,
        pictures: dict[str, Any] | None = None,
        audio_tokens_per_second: int = 10,
        **kwargs: Any,
    ) -> None:
        super().__init__(feature_extractor, tokenizer, chat_template=chat_template, **kwargs)
        self.picture_settings = PictureSettings(**{**(pictures or {}), **_tuples(pictures or {})})
        self.pictures = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self.picture_settings).items()}
        self.audio_tokens_per_second = audio_tokens_per_second

    def to_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Plain data, for ``processor_config.json``."""
        fields: dict[str, Any] = super().to_dict(*args, **kwargs)
        fields.pop("picture_settings", None)
        return fields

    def chat(self, system: str, prompt: str, has_clip: bool, begun: str = "") -> str:
        """The text of a conversation up to where the model goes on; ``begun`` is the answer so far."""
        messages = [{"role": "system", "content": plain(system)}] if system else []
        messages.append({"role": "user", "content": (CLIP if has_clip else "") + plain(prompt)})
        template = self.chat_template or self.tokenizer.chat_template
        text: str = self.tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, add_generation_prompt=True)
        return text + plain(begun)

    def clips(
        self,
        prompts: Sequence[str],
        frames: Sequence[Sequence[Frame | FrameOnDemand] | None],
        sounds: Sequence[np.ndarray | None],
        starts_s: Sequence[float],
        durations_s: Sequence[float],
    ) -> BatchFeature:
        """A left-padded batch for ``model(**inputs)`` and ``model.generate(**inputs)``.

        Args:
            prompts: from :meth:`chat`; the clip of a row stands at its :data:`CLIP`.
            frames: per row pictures with exact times from the film's start, or ``None``.
            sounds: per row float32 at 16 kHz from the clip's start, or ``None``.
            starts_s, durations_s: where each clip lies in the film.

        Returns:
            ``input_ids``, ``attention_mask``, ``mm_token_type_ids`` (B, S); with pictures ``pixel_values_videos`` and
            ``video_grid_thw``; with sound ``input_features`` (B, C, M, F) and ``audio_token_counts`` (B, U).

        Raises:
            ValueError: a prompt with a clip has neither pictures nor sound, or the other way round.
        """
        texts, pixels, grids, counts = [], [], [], []
        for prompt, pictures, sound, start_s, duration_s in zip(prompts, frames, sounds, starts_s, durations_s, strict=True):
            sound_s = 0.0 if sound is None else min(duration_s, len(sound) / self.feature_extractor.sampling_rate)
            shown = list(pictures or [])
            times = [frame.time_s - start_s for frame in shown]
            settings = self.picture_settings
            units = make_units(times, duration_s, sound_s, self.audio_tokens_per_second, settings.temporal_patch_size)
            num_visual = 0
            if shown:
                clip_pixels, grid = patches((frame.image for frame in shown), settings, len(shown))
                num_visual = grid[1] * grid[2] // settings.merge_size**2
                pixels.append(clip_pixels)
                grids.append(grid)
            if (CLIP in prompt) != bool(units):
                raise ValueError("A prompt with a clip needs pictures or sound, and only such a prompt may have them.")
            texts.append(prompt.replace(CLIP, "".join(_text_of(unit, num_visual) for unit in units)))
            counts.append([unit.num_audio for unit in units])
        data = self._tokens(texts)
        if pixels:
            data["pixel_values_videos"], data["video_grid_thw"] = torch.cat(pixels), torch.tensor(grids)
        if any(map(any, counts)):
            data["input_features"], data["audio_token_counts"] = self.windows(sounds, durations_s), _padded(counts)
        return BatchFeature(data)

    def _tokens(self, texts: list[str]) -> dict[str, Any]:
        encoded = self.tokenizer(texts, padding=True, padding_side="left", return_tensors="pt", add_special_tokens=False)
        ids = encoded["input_ids"]
        kinds = torch.zeros_like(ids)
        for token, kind in ((VIDEO_TOKEN, 2), (AUDIO_TOKEN, 3)):
            kinds[ids == self.tokenizer.convert_tokens_to_ids(token)] = kind
        return {"input_ids": ids, "attention_mask": encoded["attention_mask"], "mm_token_type_ids": kinds}

    def windows(self, sounds: Sequence[np.ndarray | None], durations_s: Sequence[float]) -> torch.Tensor:
        """Log-mel features (B, C, M, F) of every row's windows; a row without sound has zeros."""
        extract = self.feature_extractor
        rows = []
        for sound, duration_s in zip(sounds, durations_s, strict=True):
            heard = np.zeros(0, np.float32) if sound is None else sound[: round(duration_s * extract.sampling_rate)]
            pieces = [heard[first : first + extract.n_samples] for first in range(0, len(heard), extract.n_samples)]
            shape = (0, extract.feature_size, extract.nb_max_frames)
            log_mel = (
                extract(pieces, sampling_rate=extract.sampling_rate, return_tensors="pt").input_features if pieces else torch.zeros(shape)
            )
            rows.append(log_mel)
        num_windows = max(len(row) for row in rows)
        return torch.stack([torch.cat([row, row.new_zeros(num_windows - len(row), *row.shape[1:])]) for row in rows])


def plain(text: str) -> str:
    """Text in which nothing is a control token: footage and subtitles may say anything."""
    return text.replace("<|", "< |").replace("|>", "| >")


def _text_of(unit: TemporalUnit, num_visual: int) -> str:
    seen = VIDEO_TOKEN * num_visual if unit.has_pictures else ""
    return f"<{unit.stamp_s:.1f} seconds>{VISION_START}{seen}{AUDIO_TOKEN * unit.num_audio}{VISION_END}"


def _padded(counts: list[list[int]]) -> torch.Tensor:
    longest = max(map(len, counts))
    return torch.tensor([row + [0] * (longest - len(row)) for row in counts])


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) for name, value in values.items() if isinstance(value, list)}


AutoProcessor.register(OmniScriptConfig, OmniScriptProcessor)

"""The engine over the model on this machine: batches of requests, constrained decoding, text while it is written.

One generation at a time per process. A batch that does not fit into memory is tried once more in two halves; what somebody has read
already is not told again. The most likely token is always taken, so the same request gets the same answer, up to the device's rounding.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import torch
from PIL import Image
from transformers import BatchFeature, GenerationConfig
from transformers.generation.logits_process import LogitsProcessorList
from transformers.generation.stopping_criteria import StoppingCriteriaList

from inference.engines.base import Clip, OnText, OnWait, Reply, Request, Usage, ignore_text, ignore_wait
from inference.engines.local.decoding import constraints
from inference.errors import WriterError
from inference.media.description import Frame, FrameOnDemand

from .loading import Loaded, default_batch_size, load
from .model_options import ModelOptions
from .text_streaming import BatchStreamer
from .watchers import FiniteLogits, FreeTextPenalty, RowLimits

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


class LocalEngine:
    """See :class:`inference.engines.base.Engine`. The model is loaded by the first question.

    Args:
        options: a film's options: ``model_path``, ``max_new_tokens`` (most tokens of one answer), ``repetition_penalty`` (from 1: off).

    Raises:
        MissingWeightsError: there is no model. WriterError: a setting or an option makes no sense.
    """

    name = "omniscript"
    hears = True
    sees = True
    thinks = True

    def __init__(self, options: Mapping[str, object] | None = None) -> None:
        options = options or {}
        self.model_options = ModelOptions.read(options)
        self.max_new_tokens = int(_option(options, "max_new_tokens", 0))
        self.repetition_penalty = _option(options, "repetition_penalty", 1.0)
        penalty = f"-penalty{self.repetition_penalty:g}" if self.repetition_penalty != 1.0 else ""
        self.version = self.model_options.version + penalty
        self.max_clip_s = self.model_options.max_clip_s

    @property
    def batch_size(self) -> int:
        """The setting, or what the device suggests."""
        return self.model_options.batch_size or default_batch_size()

    def generate(self, requests: Sequence[Request], on_text: OnText = ignore_text, on_wait: OnWait = ignore_wait) -> list[Reply]:
        """Answers, in the order of the requests, written ``batch_size`` at a time. A model at home waits for nobody."""
        loaded = load(self.model_options)
        told = [0] * len(requests)
        replies: list[Reply] = []
        with loaded.lock:
            for first in range(0, len(requests), self.batch_size):
                rows = range(first, min(first + self.batch_size, len(requests)))
                replies += self._written(loaded, requests, rows, on_text, told)
        return replies

    def _written(
        self, loaded: Loaded, requests: Sequence[Request], rows: Sequence[int], on_text: OnText, told: list[int], *, again: bool = False
    ) -> list[Reply]:
        """The replies of these rows; where memory runs out, of one half after the other."""
        try:
            return self._batch(loaded, requests, rows, on_text, told)
        except (RuntimeError, MemoryError) as error:
            if not _is_out_of_memory(error):
                raise
            fault = error
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if again or len(rows) == 1:
            what = "One segment does" if len(rows) == 1 else f"{len(rows)} segments at once do"
            raise WriterError(
                f"{what} not fit into memory beside the model ({str(fault).splitlines()[0]}).",
                remedy="Set OMNISCRIPT_MODEL_BATCH_SIZE=1, OMNISCRIPT_MODEL_QUANTIZATION=int4, or OMNISCRIPT_MODEL_DEVICE_MAP=auto.",
            ) from fault
        middle = (len(rows) + 1) // 2
        halves = (rows[:middle], rows[middle:])
        return [reply for half in halves for reply in self._written(loaded, requests, half, on_text, told, again=True)]

    def _batch(self, loaded: Loaded, requests: Sequence[Request], rows: Sequence[int], on_text: OnText, told: list[int]) -> list[Reply]:
        started = time.monotonic()
        asked = [requests[row] for row in rows]
        inputs = _inputs(loaded, asked)
        num_prompt_tokens = [int(count) for count in inputs["attention_mask"].sum(dim=1)]
        width = inputs["input_ids"].shape[1]
        limits = [self._limit(request, width, loaded.max_positions) for request in asked]
        ends = end_tokens(loaded)
        tokenizer = loaded.processor.tokenizer
        rules = constraints(tokenizer, asked, limits)
        streamer = BatchStreamer(tokenizer, rows, limits, ends, on_text, told)
        penalties = [FreeTextPenalty(tokenizer, self.repetition_penalty, width)] if self.repetition_penalty != 1.0 else []
        with torch.inference_mode():
            loaded.model.generate(
                **inputs.to(loaded.device),
                generation_config=GenerationConfig(
                    do_sample=False, max_new_tokens=max(limits), eos_token_id=sorted(ends), pad_token_id=tokenizer.pad_token_id
                ),
                logits_processor=LogitsProcessorList([FiniteLogits(), *rules.processors, *penalties]),
                stopping_criteria=StoppingCriteriaList([*rules.criteria, RowLimits(limits, width)]),
                streamer=streamer,
            )
        seconds = (time.monotonic() - started) / len(asked)
        return [
            Reply(
                streamer.texts[i],
                rules.finish(i),
                Usage(num_prompt_tokens[i], len(streamer.tokens[i]), seconds),
            )
            for i in range(len(asked))
        ]

    def _limit(self, request: Request, num_prompt_tokens: int, max_positions: int) -> int:
        """Most new tokens: what is asked for, what the user allows, and what the model can hold, whichever is least."""
        room = max_positions - num_prompt_tokens
        if room < 1:
            raise WriterError(
                f"The prompt has {num_prompt_tokens} tokens; the model holds {max_positions}.",
                remedy="Use shorter segments, fewer pictures a second or smaller ones.",
            )
        return min(request.max_new_tokens, self.max_new_tokens or request.max_new_tokens, room)


def end_tokens(loaded: Loaded) -> set[int]:
    """The tokens that end an answer, by the tokenizer and by the model."""
    tokenizer, named = loaded.processor.tokenizer, loaded.model.generation_config.eos_token_id
    tokens = {tokenizer.eos_token_id, *(named if isinstance(named, list) else [named])} - {None}
    return {int(token) for token in tokens}


def _inputs(loaded: Loaded, requests: Sequence[Request]) -> BatchFeature:
    processor = loaded.processor
    frames = [_pictures(request.clip) for request in requests]
    sounds = [request.clip.sound() if request.clip else None for request in requests]
    seen = [bool(pictures) or sound is not None for pictures, sound in zip(frames, sounds, strict=True)]
    prompts = [processor.chat(r.system, r.prompt, has_clip, begun=r.begun) for r, has_clip in zip(requests, seen, strict=True)]
    starts_s = [request.clip.start_s if request.clip else 0.0 for request in requests]
    durations_s = [request.clip.duration_s if request.clip else 0.0 for request in requests]
    inputs: BatchFeature = processor.clips(prompts, [pictures or None for pictures in frames], sounds, starts_s, durations_s)
    return inputs


def _pictures(clip: Clip | None) -> list[FrameOnDemand]:
    return [] if clip is None else [FrameOnDemand(frame.time_s, partial(bounded, frame, clip.max_side_px)) for frame in clip.frames()]


def bounded(frame: Frame | FrameOnDemand, max_side_px: int) -> np.ndarray:
    """The frame's picture, no longer than ``max_side_px`` on its longer side."""
    image = frame.image
    height, width = image.shape[:2]
    if max(height, width) <= max_side_px:
        return image
    share = max_side_px / max(height, width)
    size = max(1, round(width * share)), max(1, round(height * share))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


def _is_out_of_memory(error: Exception) -> bool:
    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(words in said for words in _OUT_OF_MEMORY)


def _option(options: Mapping[str, object], name: str, usual: float) -> float:
    value = options.get(name) or usual
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if not usual <= number < float("inf"):
        raise WriterError(f"The option {name} is {value!r}.", remedy=f"Give a number from {usual:g}, or leave it out.")
    return number

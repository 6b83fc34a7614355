"""The adapters that vLLM loads: processing of a clip, and Qwen3-VL with our ears. **Not run**: see :mod:`.vllm_plugin`.

Audio tokens take text positions, which is what vLLM's Qwen3-VL gives to every token between two runs of visual ones; DeepStack's levels
are split off from the embeddings' width for all multimodal positions. So the language model needs no change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from transformers import BatchFeature
from transformers.models.whisper.modeling_whisper import WhisperEncoder
from vllm.model_executor.models.qwen3_vl import Qwen3VLForConditionalGeneration
from vllm.model_executor.models.utils import WeightsMapper
from vllm.multimodal import MULTIMODAL_REGISTRY
from vllm.multimodal.inputs import MultiModalFieldConfig
from vllm.multimodal.parse import MultiModalDataParser
from vllm.multimodal.processing import BaseMultiModalProcessor, BaseProcessingInfo, PromptReplacement, PromptUpdateDetails
from vllm.multimodal.profiling import BaseDummyInputsBuilder

from inference.sampling import SAMPLE_RATE_HZ

from .configuration_omniscript import OmniScriptConfig
from .modeling_omniscript import OmniScriptAudioProjectors, OmniScriptModel
from .pictures import patches
from .processing_omniscript import AUDIO_TOKEN, VIDEO_TOKEN, VISION_END, VISION_START, OmniScriptProcessor
from .vllm_plugin import ClipTokens, interleaved, is_media, packed, placeholder, units_of, with_sound

CLIP_TEXT = f"{VISION_START}{VIDEO_TOKEN}{VISION_END}"
DUMMY_FRAMES, DUMMY_SIDE_PX = 600, 640
"""Five minutes at two a second, each as large as the writer's pictures may be."""


class DataParser(MultiModalDataParser):
    """Puts the sound of a question into its video."""

    def parse_mm_data(self, mm_data: Mapping[str, Any], **kwargs: Any) -> Any:
        """As vLLM's, after :func:`with_sound`."""
        return super().parse_mm_data(with_sound(mm_data), **kwargs)


class ProcessingInfo(BaseProcessingInfo):
    """What vLLM may ask about the processor."""

    def get_hf_config(self) -> OmniScriptConfig:
        """Our configuration."""
        return self.ctx.get_hf_config(OmniScriptConfig)

    def get_hf_processor(self, **kwargs: object) -> OmniScriptProcessor:
        """Our processor."""
        return self.ctx.get_hf_processor(OmniScriptProcessor, **kwargs)

    def get_supported_mm_limits(self) -> Mapping[str, int | None]:
        """One clip a question, with or without sound."""
        return {"video": 1, "audio": 1}

    def get_data_parser(self) -> DataParser:
        """Our parser."""
        return DataParser(video_needs_metadata=True)

    def tokens(self) -> ClipTokens:
        """The tokens of a clip."""
        tokenizer = self.get_tokenizer()
        names = (VISION_START, VISION_END, VIDEO_TOKEN, AUDIO_TOKEN)
        start, end, video, audio = (tokenizer.convert_tokens_to_ids(name) for name in names)
        return ClipTokens(lambda text: tokenizer.encode(text, add_special_tokens=False), start, end, video, audio)


class DummyInputsBuilder(BaseDummyInputsBuilder[ProcessingInfo]):
    """The largest clip, for vLLM to measure memory with: five minutes at two frames a second, with sound."""

    def get_dummy_text(self, mm_counts: Mapping[str, int]) -> str:
        """One placeholder a clip."""
        return CLIP_TEXT * mm_counts.get("video", 0)

    def get_dummy_mm_data(self, seq_len: int, mm_counts: Mapping[str, int], *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Grey pictures and silence."""
        frames = np.full((DUMMY_FRAMES, DUMMY_SIDE_PX, DUMMY_SIDE_PX, 3), 128, np.uint8)
        duration_s = DUMMY_FRAMES / 2
        metadata = {"fps": 2.0, "frames_indices": list(range(DUMMY_FRAMES)), "total_num_frames": DUMMY_FRAMES, "duration": duration_s}
        sound = np.zeros(round(duration_s * SAMPLE_RATE_HZ), np.float32)
        return {"video": [(frames, {**metadata, "sound": sound})] * mm_counts.get("video", 0)}


class MultiModalProcessor(BaseMultiModalProcessor[ProcessingInfo]):
    """From a clip's pictures, times and sound to tensors and placeholder."""

    def _get_data_parser(self) -> DataParser:
        return self.info.get_data_parser()

    def _call_hf_processor(
        self, prompt: str, mm_data: Mapping[str, Any], mm_kwargs: Mapping[str, object], tok_kwargs: Mapping[str, object]
    ) -> BatchFeature:
        processor = self.info.get_hf_processor(**mm_kwargs)
        inputs: dict[str, Any] = {"input_ids": [processor.tokenizer.encode(prompt, add_special_tokens=False)]}
        pixels, grids, heard, visual_counts, audio_counts = [], [], [], [], []
        for frames, metadata in mm_data.get("videos", []):
            picture_settings = processor.picture_settings
            values, grid = patches(list(frames), picture_settings)
            units = units_of(metadata, processor.audio_tokens_per_second, picture_settings.temporal_patch_size)
            num_visual = grid[1] * grid[2] // picture_settings.merge_size**2
            pixels.append(values)
            grids.append(grid)
            heard.append(processor._windows([metadata.get("sound")], [metadata["duration"]])[0])
            visual_counts.append(torch.tensor([num_visual if unit.has_pictures else 0 for unit in units]))
            audio_counts.append(torch.tensor([unit.num_audio for unit in units]))
        if pixels:
            inputs |= {"pixel_values_videos": torch.cat(pixels), "video_grid_thw": torch.tensor(grids)}
            inputs |= {"input_features": heard, "visual_token_counts": visual_counts, "audio_token_counts": audio_counts}
        return BatchFeature(inputs)

    def _hf_processor_applies_updates(self, *args: Any, **kwargs: Any) -> bool:
        return False

    def _get_mm_fields_config(self, hf_inputs: BatchFeature, hf_processor_mm_kwargs: Mapping[str, object]) -> Mapping[str, Any]:
        sizes = hf_inputs.get("video_grid_thw", torch.empty((0, 3))).prod(-1)
        batched = ("video_grid_thw", "input_features", "visual_token_counts", "audio_token_counts")
        fields = {name: MultiModalFieldConfig.batched("video") for name in batched}
        return {"pixel_values_videos": MultiModalFieldConfig.flat_from_sizes("video", sizes), **fields}

    def _get_prompt_updates(self, mm_items: Any, hf_processor_mm_kwargs: Mapping[str, Any], out_mm_kwargs: Any) -> Sequence[Any]:
        processor = self.info.get_hf_processor(**hf_processor_mm_kwargs)
        settings, tokens = processor.picture_settings, self.info.tokens()

        def replacement(item_idx: int) -> PromptUpdateDetails:
            _, metadata = mm_items["video"][item_idx]
            grid = out_mm_kwargs["video"][item_idx]["video_grid_thw"].data
            units = units_of(metadata, processor.audio_tokens_per_second, settings.temporal_patch_size)
            ids = placeholder(units, int(grid[1] * grid[2]) // settings.merge_size**2, tokens)
            return PromptUpdateDetails(full=ids, is_embed=lambda tokenizer, full: is_media(full, tokens))

        return [PromptReplacement(modality="video", target=CLIP_TEXT, replacement=replacement)]


@MULTIMODAL_REGISTRY.register_processor(MultiModalProcessor, info=ProcessingInfo, dummy_inputs=DummyInputsBuilder)
class OmniScriptForConditionalGeneration(Qwen3VLForConditionalGeneration):
    """vLLM's Qwen3-VL with Whisper's encoder and our projectors."""

    hf_to_vllm_mapper = WeightsMapper(
        orig_to_new_prefix={
            "model.visual.": "visual.",
            "model.audio_encoder.": "audio_encoder.",
            "model.audio_projectors.": "audio_projectors.",
            "lm_head.": "language_model.lm_head.",
            "model.language_model.": "language_model.model.",
        }
    )

    @classmethod
    def get_placeholder_str(cls, modality: str, i: int) -> str | None:
        """Sound has no place of its own: it belongs to the video."""
        return CLIP_TEXT if modality.startswith("video") else ""

    def __init__(self, *, vllm_config: Any, prefix: str = "model") -> None:
        super().__init__(vllm_config=vllm_config, prefix=prefix)
        self.audio_encoder = WhisperEncoder._from_config(self.config.audio_config)
        self.audio_projectors = OmniScriptAudioProjectors(self.config)

    def embed_multimodal(self, **kwargs: Any) -> Any:
        """Per clip its interleaved embeddings (V + A, W)."""
        names = ("input_features", "visual_token_counts", "audio_token_counts")
        features, visual_counts, audio_counts = (kwargs.pop(name, None) for name in names)
        videos = super().embed_multimodal(**kwargs)
        if features is None or not videos:
            return videos
        embeddings = []
        for video, windows, seen, counts in zip(videos, features, visual_counts, audio_counts, strict=True):
            if not int(counts.sum()):
                embeddings.append(video)
                continue
            heard = OmniScriptModel.get_audio_features(self, windows.unsqueeze(0), counts.unsqueeze(0))
            audio = packed(heard.pooler_output[0], [level[0] for level in heard.deepstack_features]).to(video.dtype)
            embeddings.append(interleaved(video, audio, seen.tolist(), counts.tolist()))
        return tuple(embeddings)

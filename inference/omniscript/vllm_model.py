"""The adapters that vLLM loads: processing of a clip, and Qwen3-VL with our ears. What they compute is in :mod:`.vllm_plugin`.

Written for vLLM 0.32. DeepStack's levels are split off from the embeddings' width for all multimodal positions, so that the language model
needs no change; audio tokens take text positions. In tensor parallel each rank has the ears whole, as they are small, and hears the same.
Adapters (LoRA) are taken for the language model; one that changes eyes or ears is refused. Of vLLM's caches nothing is lost: a clip's key
holds pictures, times and sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from transformers import BatchFeature
from transformers.models.whisper.modeling_whisper import WhisperEncoder
from vllm.model_executor.models.module_mapping import MultiModelKeys
from vllm.model_executor.models.qwen3_vl import Qwen3VLForConditionalGeneration
from vllm.model_executor.models.utils import WeightsMapper
from vllm.multimodal import MULTIMODAL_REGISTRY
from vllm.multimodal.hasher import MultiModalHasher
from vllm.multimodal.inputs import MultiModalFieldConfig
from vllm.multimodal.parse import MultiModalDataParser
from vllm.multimodal.processing import (
    BaseDummyInputsBuilder,
    BaseMultiModalProcessor,
    BaseProcessingInfo,
    PromptReplacement,
    PromptUpdateDetails,
)

from inference.sampling import SAMPLE_RATE_HZ

from .configuration_omniscript import OmniScriptConfig
from .modeling_omniscript import OmniScriptAudioProjectors, OmniScriptModel
from .pictures import fitting_size, patches
from .processing_omniscript import AUDIO_TOKEN, VIDEO_TOKEN, VISION_END, VISION_START, OmniScriptProcessor
from .vllm_plugin import (
    LARGEST_SIDE_PX,
    LONGEST_CLIP_FRAMES,
    ClipPlace,
    ClipTokens,
    checked,
    interleaved,
    is_media,
    mrope_positions,
    packed,
    placeholder,
    unfit,
    units_of,
    with_sound,
)

CLIP_TEXT = f"{VISION_START}{VIDEO_TOKEN}{VISION_END}"
DUMMY_RATE_HZ = 2.0
ON_CPU = ("video_grid_thw", "visual_token_counts", "audio_token_counts")
"""Small fields that positions are worked out from: vLLM keeps only such ones of a clip whose prompt begins as a cached one."""


class DataParser(MultiModalDataParser):
    """Moves the sound of a question into its video."""

    def parse_mm_data(self, mm_data: Any) -> Any:
        """As vLLM's. The sound leaves ``mm_data`` itself: vLLM looks for it among the items where it still stands there."""
        if mm_data.get("audio") is not None:
            given = mm_data.get("video")
            videos = given if isinstance(given, list) else [given] if given is not None else []
            mm_data["video"] = with_sound(
                [(None, None) if v is None else self._get_video_with_metadata(v) for v in videos], mm_data["audio"]
            )
        mm_data.pop("audio", None)
        return super().parse_mm_data(mm_data)


class ProcessingInfo(BaseProcessingInfo):
    """What vLLM may ask about the processor."""

    def get_hf_config(self) -> OmniScriptConfig:
        """Our configuration."""
        return self.ctx.get_hf_config(OmniScriptConfig)

    def get_hf_processor(self, **kwargs: object) -> OmniScriptProcessor:
        """Our processor.

        Raises:
            ValueError: a request came with options for it.
        """
        if kwargs:
            raise ValueError(
                f"OmniScript's processor has no options ({', '.join(kwargs)}): times come with media_io_kwargs, sound as a part."
            )
        return self.ctx.get_hf_processor(OmniScriptProcessor)

    def get_supported_mm_processor_kwargs(self) -> dict[str, set[str]]:
        """None."""
        return {}

    def get_supported_mm_limits(self) -> Mapping[str, int | None]:
        """One clip a question, with or without sound."""
        return {"video": 1, "audio": 1}

    def get_data_parser(self) -> DataParser:
        """Our parser."""
        return DataParser(video_needs_metadata=True)

    def parse_mm_data(self, mm_data: Any, *, validate: bool = True) -> Any:
        """As vLLM's; the sound, which is no item of its own afterwards, is counted before."""
        sounds = mm_data.get("audio")
        if validate and sounds is not None:
            self.validate_num_items("audio", len(sounds) if isinstance(sounds, list) else 1)
        return super().parse_mm_data(mm_data, validate=validate)

    def tokens(self) -> ClipTokens:
        """The tokens of a clip."""
        tokenizer = self.get_tokenizer()
        names = (VISION_START, VISION_END, VIDEO_TOKEN, AUDIO_TOKEN)
        start, end, video, audio = (tokenizer.convert_tokens_to_ids(name) for name in names)
        return ClipTokens(lambda text: tokenizer.encode(text, add_special_tokens=False), start, end, video, audio)

    def largest_clip(self, seq_len: int) -> tuple[dict[str, Any], tuple[int, int]]:
        """Metadata and picture size (height, width) of the largest clip with sound whose placeholder is at most ``seq_len`` long."""
        processor, tokens = self.get_hf_processor(), self.tokens()
        settings = processor.picture_settings
        largest = None
        for num_frames in range(settings.temporal_patch_size, LONGEST_CLIP_FRAMES + 1, settings.temporal_patch_size):
            metadata = _dummy_metadata(num_frames)
            height, width = fitting_size(num_frames, LARGEST_SIDE_PX, LARGEST_SIDE_PX, settings)
            units = units_of(metadata, processor.audio_tokens_per_second, settings.temporal_patch_size)
            visual = (height // settings.factor) * (width // settings.factor)
            # No stamp of five minutes is longer than this one.
            length = len(units) * (visual + len(tokens.encode("<100.0 seconds>")) + 2) + sum(unit.num_audio for unit in units)
            if length <= seq_len or largest is None:
                largest = metadata, (height, width)
        assert largest is not None
        return largest


def _dummy_metadata(num_frames: int) -> dict[str, Any]:
    duration_s = num_frames / DUMMY_RATE_HZ
    sound = np.zeros(round(duration_s * SAMPLE_RATE_HZ), np.float32)
    return {"fps": DUMMY_RATE_HZ, "frames_indices": list(range(num_frames)), "total_num_frames": num_frames, "duration": duration_s,
            "sound": sound}  # fmt: skip


class DummyInputsBuilder(BaseDummyInputsBuilder[ProcessingInfo]):
    """The largest clip that fits, for vLLM to measure memory with."""

    def get_dummy_text(self, mm_counts: Mapping[str, int]) -> str:
        """One placeholder a clip."""
        return CLIP_TEXT * mm_counts.get("video", 0)

    def get_dummy_mm_data(self, seq_len: int, mm_counts: Mapping[str, int], mm_options: Mapping[str, Any]) -> dict[str, Any]:
        """Grey pictures and silence."""
        num_clips = mm_counts.get("video", 0)
        if not num_clips:
            return {}
        metadata, (height, width) = self.info.largest_clip(seq_len // num_clips)
        frames = np.broadcast_to(np.full(3, 128, np.uint8), (metadata["total_num_frames"], height, width, 3))
        return {"video": [(frames, metadata)] * num_clips}


class MultiModalProcessor(BaseMultiModalProcessor[ProcessingInfo]):
    """From a clip's pictures, times and sound to tensors and placeholder."""

    def _get_mm_hashes(self, inputs: Any) -> Any:
        """As vLLM's. An identifier that a client gave stands for the pictures alone, so times and sound are put to it."""
        hashes = dict(super()._get_mm_hashes(inputs))
        named, items = (inputs.mm_uuid_items or {}).get("video"), inputs.mm_data_items.get("video")
        if named and items is not None:
            algorithm = self.info.ctx.get_mm_config().mm_hasher_algorithm
            hashes["video"] = [
                MultiModalHasher.hash_kwargs(algorithm, named=key, metadata=items[i][1])
                if name is not None and items[i] is not None
                else key
                for i, (key, name) in enumerate(zip(hashes["video"], named, strict=True))
            ]
        return hashes

    def _call_hf_processor(self, hf_data: Mapping[str, Any], hf_kwargs: Mapping[str, object]) -> BatchFeature:
        processor = self.info.get_hf_processor(**hf_kwargs)
        settings, dtype = processor.picture_settings, self.info.ctx.model_config.dtype
        pixels, grids, heard, visual_counts, audio_counts = [], [], [], [], []
        for frames, metadata in hf_data.get("videos", []):
            units = units_of(checked(metadata, len(frames)), processor.audio_tokens_per_second, settings.temporal_patch_size)
            values, grid = patches(frames, settings)
            num_visual = grid[1] * grid[2] // settings.merge_size**2
            pixels.append(values.to(dtype))
            grids.append(grid)
            heard.append(processor.windows([metadata.get("sound")], [metadata["duration"]])[0].to(dtype))
            visual_counts.append(torch.tensor([num_visual if unit.has_pictures else 0 for unit in units]))
            audio_counts.append(torch.tensor([unit.num_audio for unit in units]))
        if not pixels:
            return BatchFeature({})
        inputs = {"pixel_values_videos": torch.cat(pixels), "video_grid_thw": torch.tensor(grids), "input_features": heard}
        return BatchFeature({**inputs, "visual_token_counts": visual_counts, "audio_token_counts": audio_counts})

    def _get_mm_fields_config(self, hf_inputs: BatchFeature, hf_processor_mm_kwargs: Mapping[str, object]) -> Mapping[str, Any]:
        sizes = hf_inputs.get("video_grid_thw", torch.empty((0, 3))).prod(-1)
        fields = {name: MultiModalFieldConfig.batched("video", keep_on_cpu=True) for name in ON_CPU}
        fields["input_features"] = MultiModalFieldConfig.batched("video")
        return {"pixel_values_videos": MultiModalFieldConfig.flat_from_sizes("video", sizes), **fields}

    def _get_prompt_updates(self, mm_items: Any, hf_processor_mm_kwargs: Mapping[str, Any], out_mm_kwargs: Any) -> Sequence[Any]:
        processor = self.info.get_hf_processor(**hf_processor_mm_kwargs)
        settings, tokens = processor.picture_settings, self.info.tokens()

        def replacement(item_idx: int) -> PromptUpdateDetails:
            _, metadata = mm_items["video"][item_idx]
            grid = out_mm_kwargs["video"][item_idx]["video_grid_thw"].data
            units = units_of(metadata, processor.audio_tokens_per_second, settings.temporal_patch_size)
            ids = placeholder(units, int(grid[1] * grid[2]) // settings.merge_size**2, tokens)
            return PromptUpdateDetails(full=ids, is_embed=lambda full: is_media(full, tokens))

        target = [tokens.vision_start, tokens.video, tokens.vision_end]
        return [PromptReplacement(modality="video", target=target, replacement=replacement)]


class LanguageAdapters(WeightsMapper):
    """Names of an adapter's weights: refuses those outside the language model, which vLLM would load and leave unused."""

    def map_name(self, key: str) -> str | None:
        """The name in vLLM.

        Raises:
            ValueError: the weight is not one of the language model.
        """
        name = super().map_name(key)
        if name is not None and not name.startswith("language_model."):
            raise ValueError(f"The adapter changes {name}; only adapters of OmniScript's language model are taken.")
        return name


class Names(WeightsMapper):
    """Names of the folder's weights in vLLM."""

    def get_rename_mapper(self) -> WeightsMapper:
        """What vLLM renames an adapter's weights with."""
        return LanguageAdapters(orig_to_new_prefix=self.orig_to_new_prefix)


@MULTIMODAL_REGISTRY.register_processor(MultiModalProcessor, info=ProcessingInfo, dummy_inputs=DummyInputsBuilder)
class OmniScriptForConditionalGeneration(Qwen3VLForConditionalGeneration):
    """vLLM's Qwen3-VL with Whisper's encoder and our projectors."""

    _tower_model_names: list[str]
    supports_tower_connector_lora = False
    supports_mm_device_do_normalize = False
    """Our processor normalises as it cuts, by the folder's own mean and deviation."""

    hf_to_vllm_mapper = Names(
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
        refusal = unfit(vllm_config.model_config.get_multimodal_config(), vllm_config.compilation_config)
        if refusal:
            raise ValueError(refusal)
        super().__init__(vllm_config=vllm_config, prefix=prefix)
        eyes = list(self._tower_model_names)
        with self._mark_tower_model(vllm_config, "audio"):
            self.audio_encoder = WhisperEncoder._from_config(self.config.audio_config, dtype=torch.get_default_dtype())
            self.audio_projectors = OmniScriptAudioProjectors(self.config)
        self._tower_model_names = [*eyes, *self._tower_model_names]

    def get_mm_mapping(self) -> MultiModelKeys:
        """Which modules are language model, towers and what joins them."""
        return MultiModelKeys.from_string_field(
            language_model="language_model",
            connector=["visual.merger", "visual.deepstack_merger_list", "audio_projectors."],
            tower_model=["visual.", "audio_encoder."],
        )

    def get_mrope_input_positions(self, input_tokens: list[int], mm_features: Iterable[Any]) -> tuple[torch.Tensor, int]:
        """Positions (3, S) and the distance of the next one; see :func:`.vllm_plugin.mrope_positions`."""
        merge = self.config.vision_config.spatial_merge_size
        clips = []
        for feature in mm_features:
            _, height, width = feature.data["video_grid_thw"].data.tolist()
            clips.append(ClipPlace(feature.mm_position.offset, feature.mm_position.length, height // merge, width // merge))
        return mrope_positions(input_tokens, clips, self.config.video_token_id)

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

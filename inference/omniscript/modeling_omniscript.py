"""The model: Qwen3-VL that also hears (paper, section 5.1, AV-DeepStack).

Per temporal unit the sequence holds a pair (v_t, a_t): the unit's visual tokens, then its audio tokens. Whisper's encoder hears 30 s
windows; its last hidden states, pooled to ``audio_tokens_per_second`` and projected, stand in for the audio tokens at the input.
Hidden states of earlier layers, through one residual adapter per DeepStack level, are added after the first layers of the language
model at the audio tokens, as Qwen3-VL adds its deep visual features at the visual ones. The adapters start at zero, so before any
training they add nothing. Without sound every number is Qwen3-VL's, to the bit.

Shapes: B rows, C windows, M mel bins, F mel frames of a window, U units, S tokens, H width of the language model.
Audio comes batch-first: ``input_features`` (B, C, M, F) and ``audio_token_counts`` (B, U), how many audio tokens each unit of a row has;
their sum is the row's number of audio tokens. Audio tokens take text positions.

Departures from the paper, which names no numbers: which encoder layers feed which level, the pooling, and the zero start are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import AutoModel, AutoModelForImageTextToText
from transformers import initialization as init
from transformers.cache_utils import Cache
from transformers.modeling_outputs import BaseModelOutputWithPast, BaseModelOutputWithPooling, CausalLMOutputWithPast
from transformers.models.qwen3_vl.modeling_qwen3_vl import (
    BaseModelOutputWithDeepstackFeatures,
    Qwen3VLForConditionalGeneration,
    Qwen3VLModel,
    Qwen3VLPreTrainedModel,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from .configuration_omniscript import OmniScriptConfig

AUDIO_TYPE = 3
"""Value of ``mm_token_type_ids`` at audio tokens (0 text, 1 image, 2 video)."""


class OmniScriptAudioProjector(nn.Module):
    """LayerNorm, Linear, GELU, Linear: (N, width of the encoder) → (N, H)."""

    def __init__(self, config: OmniScriptConfig, *, starts_at_zero: bool) -> None:
        super().__init__()
        width, hidden = config.audio_config.d_model, config.text_config.hidden_size
        self.norm = nn.LayerNorm(width)
        self.linear_fc1 = nn.Linear(width, hidden)
        self.act_fn = nn.GELU()
        self.linear_fc2 = nn.Linear(hidden, hidden)
        self.linear_fc2.starts_at_zero = starts_at_zero

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Project."""
        projected: torch.Tensor = self.linear_fc2(self.act_fn(self.linear_fc1(self.norm(states))))
        return projected


class OmniScriptAudioProjectors(nn.Module):
    """All that is new beside the two base models: the projector of the input, and one residual adapter per DeepStack level."""

    def __init__(self, config: OmniScriptConfig) -> None:
        super().__init__()
        self.input = OmniScriptAudioProjector(config, starts_at_zero=False)
        self.deep = nn.ModuleList([OmniScriptAudioProjector(config, starts_at_zero=True) for _ in config.audio_deepstack_depths])


class OmniScriptPreTrainedModel(Qwen3VLPreTrainedModel):
    """What both classes share with transformers."""

    config: OmniScriptConfig
    config_class = OmniScriptConfig
    input_modalities = ("image", "video", "audio", "text")
    _no_split_modules = [*Qwen3VLPreTrainedModel._no_split_modules, "WhisperEncoderLayer", "OmniScriptAudioProjector"]

    def _init_weights(self, module: nn.Module) -> None:
        if getattr(module, "starts_at_zero", False):
            init.zeros_(module.weight)
            init.zeros_(module.bias)
        else:
            super()._init_weights(module)


class OmniScriptModel(OmniScriptPreTrainedModel, Qwen3VLModel):
    """Encoders and language model, without the head."""

    def __init__(self, config: OmniScriptConfig) -> None:
        super().__init__(config)
        self.audio_encoder = WhisperEncoder._from_config(config.audio_config)
        self.audio_projectors = OmniScriptAudioProjectors(config)
        self.post_init()

    def get_audio_features(
        self, input_features: torch.Tensor, audio_token_counts: torch.Tensor, **kwargs: Any
    ) -> BaseModelOutputWithDeepstackFeatures:
        """What is heard, token by token.

        Returns:
            ``pooler_output``: per row (number of its audio tokens, H); ``deepstack_features``: the same per level.

        Raises:
            ValueError: a row asks for more audio tokens than its windows hold.
        """
        per_window, pooling = self.config.audio_tokens_per_window, self.config.audio_pooling
        num_tokens = audio_token_counts.sum(-1)
        num_windows = torch.div(num_tokens + per_window - 1, per_window, rounding_mode="floor")
        if int(num_windows.max()) > input_features.shape[1]:
            raise ValueError(
                f"A row has {int(num_tokens.max())} audio tokens, but {input_features.shape[1]} windows of sound hold only "
                f"{input_features.shape[1] * per_window}."
            )
        used = torch.arange(input_features.shape[1], device=num_windows.device) < num_windows[:, None]
        windows = input_features[used.to(input_features.device)].to(self.audio_encoder.conv1.weight.dtype)
        heard = self.audio_encoder(windows, output_hidden_states=True, return_dict=True)

        def rows(states: torch.Tensor, projector: OmniScriptAudioProjector) -> list[torch.Tensor]:
            pooled = states[:, : per_window * pooling].unflatten(1, (per_window, pooling)).mean(2)
            tokens = projector(pooled).flatten(0, 1).split((num_windows * per_window).tolist())
            return [row[:count] for row, count in zip(tokens, num_tokens.tolist(), strict=True)]

        depths = zip(self.config.audio_deepstack_depths, self.audio_projectors.deep, strict=True)
        return BaseModelOutputWithDeepstackFeatures(
            last_hidden_state=heard.last_hidden_state,
            pooler_output=rows(heard.last_hidden_state, self.audio_projectors.input),
            deepstack_features=[rows(heard.hidden_states[depth], projector) for depth, projector in depths],
        )

    def get_rope_index(
        self, input_ids: torch.Tensor, mm_token_type_ids: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """As Qwen3-VL's, with audio tokens in text positions."""
        seen_as = mm_token_type_ids.masked_fill(mm_token_type_ids == AUDIO_TYPE, 0)
        positions: tuple[torch.Tensor, torch.Tensor] = super().get_rope_index(input_ids, seen_as, *args, **kwargs)
        return positions

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        pixel_values_videos: torch.Tensor | None = None,
        image_grid_thw: torch.Tensor | None = None,
        video_grid_thw: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        audio_token_counts: torch.Tensor | None = None,
        mm_token_type_ids: torch.Tensor | None = None,
        mm_encoder_outputs: dict[str, BaseModelOutputWithPooling] | None = None,
        **kwargs: Any,
    ) -> BaseModelOutputWithPast:
        """Hidden states (B, S, H). Without sound this is Qwen3-VL's own forward.

        Raises:
            ValueError: the tokens of a modality are not as many as its features.
        """
        if position_ids is None and (past_key_values is None or past_key_values.get_seq_length() == 0):
            self.rope_deltas = None  # those of another prompt
        encoded = dict(mm_encoder_outputs or {})
        if encoded.get("audio") is None and input_features is not None and _any_sound(audio_token_counts):
            encoded["audio"] = self.get_audio_features(input_features, audio_token_counts)
        if encoded.get("audio") is None:
            return super().forward(
                input_ids=input_ids, attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values,
                inputs_embeds=inputs_embeds, pixel_values=pixel_values, pixel_values_videos=pixel_values_videos,
                image_grid_thw=image_grid_thw, video_grid_thw=video_grid_thw, mm_token_type_ids=mm_token_type_ids,
                mm_encoder_outputs=mm_encoder_outputs, **kwargs,
            )  # fmt: skip
        if input_ids is None:
            raise ValueError("Sound is placed by its tokens: give input_ids, not inputs_embeds.")
        if encoded.get("image") is None and pixel_values is not None:
            encoded["image"] = self.get_image_features(pixel_values, image_grid_thw, return_dict=True)
        if encoded.get("video") is None and pixel_values_videos is not None:
            encoded["video"] = self.get_video_features(pixel_values_videos, video_grid_thw, return_dict=True)
        encoded["video"] = self._join(input_ids, encoded.get("video"), encoded.pop("audio"))
        return super().forward(
            input_ids=input_ids, attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values,
            inputs_embeds=inputs_embeds, image_grid_thw=image_grid_thw, video_grid_thw=video_grid_thw,
            mm_token_type_ids=mm_token_type_ids, mm_encoder_outputs=encoded, **kwargs,
        )  # fmt: skip

    def get_placeholder_mask(
        self, input_ids: torch.Tensor | None, inputs_embeds: torch.Tensor, **features: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Where images are and where video is, (B, S, 1) each; audio tokens count as video, as :meth:`_join` joins the two."""
        if input_ids is not None:
            input_ids = input_ids.masked_fill(input_ids == self.config.audio_token_id, self.config.video_token_id)
        masks: tuple[torch.Tensor, torch.Tensor] = super().get_placeholder_mask(input_ids, inputs_embeds, **features)
        return masks

    def _join(
        self, input_ids: torch.Tensor, video: BaseModelOutputWithPooling | None, audio: BaseModelOutputWithPooling
    ) -> BaseModelOutputWithDeepstackFeatures:
        """Pictures and sound in the order of their tokens, for the input and for every DeepStack level."""
        kinds = {"video": input_ids == self.config.video_token_id, "audio": input_ids == self.config.audio_token_id}
        places = kinds["video"] | kinds["audio"]

        def joined(rows_of: dict[str, Sequence[torch.Tensor]]) -> list[torch.Tensor]:
            parts = {name: torch.cat(list(rows)) for name, rows in rows_of.items()}
            like = parts["audio"]
            whole = like.new_zeros(int(places.sum()), like.shape[-1])
            for name, mask in kinds.items():
                part = parts.get(name, like[:0])
                if len(part) != int(mask.sum()):
                    raise ValueError(f"There are {int(mask.sum())} {name} tokens, but {len(part)} {name} features.")
                here = mask[places].unsqueeze(-1).to(like.device)
                whole = whole.masked_scatter(here, part.to(like.device, like.dtype))
            return [whole]

        given = {name: output for name, output in (("video", video), ("audio", audio)) if output is not None}
        levels = range(len(self.config.audio_deepstack_depths))
        return BaseModelOutputWithDeepstackFeatures(
            pooler_output=joined({name: output.pooler_output for name, output in given.items()}),
            deepstack_features=[joined({name: output.deepstack_features[k] for name, output in given.items()}) for k in levels],
        )


class OmniScriptForConditionalGeneration(OmniScriptPreTrainedModel, Qwen3VLForConditionalGeneration):
    """The model that writes."""

    def __init__(self, config: OmniScriptConfig) -> None:
        super(Qwen3VLForConditionalGeneration, self).__init__(config)  # not its own: that would build a Qwen3VLModel first
        self.model = OmniScriptModel(config)
        self.lm_head = nn.Linear(config.text_config.hidden_size, config.text_config.vocab_size, bias=False)
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        pixel_values_videos: torch.Tensor | None = None,
        image_grid_thw: torch.Tensor | None = None,
        video_grid_thw: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        audio_token_counts: torch.Tensor | None = None,
        mm_token_type_ids: torch.Tensor | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        mm_encoder_outputs: dict[str, BaseModelOutputWithPooling] | None = None,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """Logits (B, S, vocabulary), and the loss where ``labels`` are given (-100 is ignored)."""
        output: CausalLMOutputWithPast = super().forward(
            input_ids=input_ids, attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values,
            inputs_embeds=inputs_embeds, labels=labels, pixel_values=pixel_values, pixel_values_videos=pixel_values_videos,
            image_grid_thw=image_grid_thw, video_grid_thw=video_grid_thw, input_features=input_features,
            audio_token_counts=audio_token_counts, mm_token_type_ids=mm_token_type_ids, logits_to_keep=logits_to_keep,
            mm_encoder_outputs=mm_encoder_outputs, **kwargs,
        )  # fmt: skip
        return output

    def _prepare_multimodal_encoder_kwargs_for_generation(self, model_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Sound is encoded once, before the first step, like pictures."""
        model_kwargs = super()._prepare_multimodal_encoder_kwargs_for_generation(model_kwargs)
        features, counts = model_kwargs.pop("input_features", None), model_kwargs.pop("audio_token_counts", None)
        if features is not None and _any_sound(counts):
            model_kwargs["mm_encoder_outputs"]["audio"] = self.model.get_audio_features(features, counts)
        return model_kwargs

    def _expand_multimodal_outputs(
        self, input_ids: torch.Tensor, mm_encoder_output: dict[str, Any], expand_size: int = 1, **kwargs: Any
    ) -> dict[str, Any]:
        """Several sequences per row: each row's sound is repeated in place."""
        expanded: dict[str, Any] = super()._expand_multimodal_outputs(input_ids, mm_encoder_output, expand_size, **kwargs)
        heard = expanded.get("audio")
        if heard is not None:
            heard.pooler_output = _repeated(heard.pooler_output, expand_size)
            heard.deepstack_features = [_repeated(level, expand_size) for level in heard.deepstack_features]
        return expanded


def _any_sound(audio_token_counts: torch.Tensor | None) -> bool:
    return audio_token_counts is not None and bool(audio_token_counts.any())


def _repeated(rows: list[torch.Tensor], times: int) -> list[torch.Tensor]:
    return [row for row in rows for _ in range(times)]


AutoModel.register(OmniScriptConfig, OmniScriptModel)
AutoModelForImageTextToText.register(OmniScriptConfig, OmniScriptForConditionalGeneration)

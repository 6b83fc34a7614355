"""Configuration: Qwen3-VL's, plus Whisper's encoder and how its sound becomes tokens (paper, section 5.1).

Depths count Whisper's encoder layers from 1; a token stands for ``1 / audio_tokens_per_second`` seconds of sound.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, WhisperConfig, configuration_utils
from transformers.models.qwen3_vl.configuration_qwen3_vl import Qwen3VLConfig

ENCODER_RATE_HZ = 50
"""Output frames of Whisper's encoder per second of sound."""


@strict
class OmniScriptConfig(Qwen3VLConfig):
    """Attributes beyond Qwen3-VL's.

    Attributes:
        audio_config: Whisper's configuration; only its encoder is used.
        audio_token_id: stands for one audio token in the text.
        audio_tokens_per_second: a divisor of 50.
        audio_deepstack_depths: which encoder layers feed the DeepStack levels, one per level of the vision encoder;
            where none are given they are spread evenly.
    """

    model_type = "omniscript"
    if hasattr(configuration_utils, "SubConfigSpec"):
        sub_configs_defaults = {
            **Qwen3VLConfig.sub_configs_defaults,
            "audio_config": configuration_utils.SubConfigSpec(config_class=WhisperConfig),
        }
    else:  # transformers before 5.20, which vLLM 0.32 pins: each class makes its own parts, as __post_init__ does here
        sub_configs = {**Qwen3VLConfig.sub_configs, "audio_config": WhisperConfig}

    audio_config: Any = None
    audio_token_id: int = 151669
    audio_tokens_per_second: int = 10
    audio_deepstack_depths: list[int] = field(default_factory=list)

    def __post_init__(self, **kwargs: object) -> None:
        if not isinstance(self.audio_config, WhisperConfig):
            self.audio_config = WhisperConfig(**(self.audio_config or {}))
        super().__post_init__(**kwargs)
        levels = len(self.vision_config.deepstack_visual_indexes)
        depth = self.audio_config.encoder_layers
        if not self.audio_deepstack_depths:
            self.audio_deepstack_depths = [max(1, round((level + 1) * depth / (levels + 1))) for level in range(levels)]
        if len(self.audio_deepstack_depths) != levels:
            raise ValueError(f"There are {levels} DeepStack levels, but {len(self.audio_deepstack_depths)} audio depths.")
        if not all(1 <= layer <= depth for layer in self.audio_deepstack_depths):
            raise ValueError(f"audio_deepstack_depths {self.audio_deepstack_depths} are not layers 1 to {depth} of the audio encoder.")
        if self.audio_tokens_per_second < 1 or ENCODER_RATE_HZ % self.audio_tokens_per_second:
            raise ValueError(f"audio_tokens_per_second is {self.audio_tokens_per_second}; it has to divide {ENCODER_RATE_HZ}.")

    @property
    def audio_pooling(self) -> int:
        """Encoder frames in one audio token."""
        return ENCODER_RATE_HZ // self.audio_tokens_per_second

    @property
    def audio_tokens_per_window(self) -> int:
        """Audio tokens in one window of the encoder (30 s of sound in Whisper's own shape)."""
        return int(self.audio_config.max_source_positions) // self.audio_pooling


AutoConfig.register(OmniScriptConfig.model_type, OmniScriptConfig)

"""Models with random weights, made without a network: for tests, benchmarks, and to see what a size costs on a GPU.

``tiny`` has half a million parameters; ``served`` is as small, with heads as wide as vLLM's attention on a CPU wants them; ``8b`` has the
shape of Qwen3-VL-8B with Whisper large-v3's encoder (paper, section 6.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, WhisperFeatureExtractor

from .configuration_omniscript import OmniScriptConfig
from .modeling_omniscript import OmniScriptForConditionalGeneration
from .processing_omniscript import AUDIO_TOKEN, VIDEO_TOKEN, VISION_END, VISION_START, OmniScriptProcessor

END, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
IMAGE_TOKEN = "<|image_pad|>"  # noqa: S105 - a token of text
SPECIAL = [END, TURN_START, TURN_END, VISION_START, VISION_END, IMAGE_TOKEN, VIDEO_TOKEN, AUDIO_TOKEN]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% if m['content'] is string %}{{ m['content'] }}{% else %}"
    "{% for part in m['content'] %}{% if part['type'] == 'video' %}<|vision_start|><|video_pad|><|vision_end|>"
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""As Qwen3-VL's, whose messages are texts or lists of parts; of the parts, a server puts its clip where the video stands."""
VOCABULARY = 512
"""Least size of the tokenizer's vocabulary where a corpus is given."""

TEXT_SIZES: dict[str, dict[str, Any]] = {
    "tiny": {
        "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 2,
        "head_dim": 16, "max_position_embeddings": 65536,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 2, 2], "mrope_interleaved": True},
    },
    "8b": {
        "vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36, "num_attention_heads": 32,
        "num_key_value_heads": 8, "head_dim": 128, "max_position_embeddings": 262144,
        "rope_parameters": {"rope_type": "default", "rope_theta": 5000000.0, "mrope_section": [24, 20, 20], "mrope_interleaved": True},
    },
}  # fmt: skip
TEXT_SIZES["served"] = {
    **TEXT_SIZES["tiny"], "head_dim": 32, "rope_parameters": {**TEXT_SIZES["tiny"]["rope_parameters"], "mrope_section": [8, 4, 4]},
}  # fmt: skip
TEXT_SIZES["learner"] = {**TEXT_SIZES["tiny"], "num_hidden_layers": 4, "intermediate_size": 192}
VISION_SIZES: dict[str, dict[str, Any]] = {
    "tiny": {
        "depth": 4, "hidden_size": 32, "num_heads": 2, "intermediate_size": 64, "num_position_embeddings": 64, "out_hidden_size": 64,
        "deepstack_visual_indexes": [0, 1, 2],
    },
    "8b": {"depth": 27, "hidden_size": 1152, "num_heads": 16, "intermediate_size": 4304, "out_hidden_size": 4096},
}  # fmt: skip
VISION_SIZES["served"] = VISION_SIZES["learner"] = VISION_SIZES["tiny"]
AUDIO_SIZES: dict[str, dict[str, Any]] = {
    "tiny": {"num_mel_bins": 80, "d_model": 32, "encoder_layers": 4, "encoder_attention_heads": 2, "encoder_ffn_dim": 64},
    "8b": {"num_mel_bins": 128, "d_model": 1280, "encoder_layers": 32, "encoder_attention_heads": 20, "encoder_ffn_dim": 5120},
}
AUDIO_SIZES["served"] = AUDIO_SIZES["tiny"]
AUDIO_SIZES["learner"] = {**AUDIO_SIZES["tiny"], "d_model": 64, "encoder_layers": 2, "encoder_ffn_dim": 128}
"""``learner``: as ``tiny``, with fewer layers and wider ears, so that a CPU can teach it."""


def config_of(size: str, vocabulary: int = 0, window_s: int = 30, **changes: Any) -> OmniScriptConfig:
    """The configuration of a size (``tiny`` or ``8b``).

    Args:
        vocabulary: rows of the embedding where the size does not fix them.
        window_s: what the audio encoder hears at once, in seconds; Whisper's own is 30.
        changes: other fields of the configuration.
    """
    text = {"vocab_size": vocabulary, **TEXT_SIZES[size]}
    audio = {**AUDIO_SIZES[size], "max_source_positions": 50 * window_s, "dropout": 0.0}
    return OmniScriptConfig(text_config=text, vision_config=VISION_SIZES[size], audio_config=audio, **changes)


def random_model(folder: Path, size: str = "tiny", seed: int = 0, corpus: Iterable[str] = (), window_s: int = 30, **changes: Any) -> Path:
    """A model folder (weights, tokenizer, processor) that ``from_pretrained`` reads.

    Args:
        corpus: texts whose commonest pieces become tokens, so that they are short; else every byte is one.
        changes: other fields of the configuration.
    """
    tokenizer = _tokenizer(corpus)
    ids = {
        f"{name}_token_id": tokenizer.convert_tokens_to_ids(token)
        for name, token in {
            "image": IMAGE_TOKEN, "video": VIDEO_TOKEN, "vision_start": VISION_START, "vision_end": VISION_END, "audio": AUDIO_TOKEN,
        }.items()
    }  # fmt: skip
    config = config_of(size, len(tokenizer), window_s, **ids, **changes)
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    model = OmniScriptForConditionalGeneration(config)
    torch.set_rng_state(state)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    extractor = WhisperFeatureExtractor(feature_size=config.audio_config.num_mel_bins, chunk_length=window_s)
    rate = config.audio_tokens_per_second
    OmniScriptProcessor(extractor, tokenizer, pictures={"max_pixels": 1 << 22}, audio_tokens_per_second=rate).save_pretrained(folder)
    return folder


def _tokenizer(corpus: Iterable[str]) -> PreTrainedTokenizerFast:
    """Byte-level BPE, so that any text can be written."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    texts = list(corpus)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY if texts else len(alphabet) + len(SPECIAL), special_tokens=SPECIAL, initial_alphabet=alphabet,
        show_progress=False,
    )  # fmt: skip
    made.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=TURN_END, pad_token=END, additional_special_tokens=SPECIAL[1:], chat_template=TEMPLATE
    )

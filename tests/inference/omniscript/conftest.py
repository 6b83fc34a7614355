"""One tiny random model for the whole folder, on one thread, with the hub switched off."""

from __future__ import annotations

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import pytest
import torch
from transformers import Qwen3VLForConditionalGeneration, WhisperConfig, WhisperFeatureExtractor, WhisperModel
from transformers.utils import logging

from inference.media.description import Frame
from inference.omniscript import OmniScriptForConditionalGeneration, OmniScriptProcessor
from inference.omniscript.random_model import random_model

logging.disable_progress_bar()


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return random_model(tmp_path_factory.mktemp("model") / "tiny", window_s=5)


@pytest.fixture(scope="session")
def processor(folder):
    return OmniScriptProcessor.from_pretrained(folder)


@pytest.fixture
def model(folder):
    """As an untrained model begins: deep adapters at zero."""
    return OmniScriptForConditionalGeneration.from_pretrained(folder).eval()


@pytest.fixture
def trained(model):
    """The deep adapters say something."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for adapter in model.model.audio_projectors.deep:
            adapter.linear_fc2.weight.normal_(0, 0.5, generator=generator)
    return model


@pytest.fixture(scope="session")
def film():
    """``film(seconds, seed)``: pictures at 2 Hz and noise."""

    def make(seconds=3.0, seed=0, rate_hz=2.0, start_s=0.0, side_px=64):
        random = np.random.default_rng(seed)
        times = start_s + np.arange(0, seconds, 1 / rate_hz)
        frames = [Frame(float(t), random.integers(0, 256, (side_px, side_px, 3), dtype=np.uint8)) for t in times]
        return frames, random.normal(0, 0.3, round(seconds * 16000)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def inputs_of(processor, film):
    """``inputs_of([(seconds, seed, has pictures, has sound), ...])``: one prompt a clip; 0 seconds: text only."""

    def make(clips):
        prompts, frames, sounds = [], [], []
        for seconds, seed, seen, heard in clips:
            pictures, sound = film(seconds, seed)
            prompts.append(processor.chat("You write.", "What happens" + "?" * (seed + 1), has_clip=seconds > 0))
            frames.append(pictures if seen else None)
            sounds.append(sound if heard else None)
        return processor.clips(prompts, frames, sounds, [0.0] * len(clips), [clip[0] for clip in clips])

    return make


@pytest.fixture
def bases(folder, tmp_path):
    """Tiny Qwen3-VL and Whisper folders, as one gets them from their authors."""
    whole = OmniScriptForConditionalGeneration.from_pretrained(folder)
    config = whole.config.to_dict()
    fields = {name: config[name] for name in ("text_config", "vision_config", "image_token_id", "video_token_id")}
    seeing = Qwen3VLForConditionalGeneration(Qwen3VLForConditionalGeneration.config_class(**fields))
    seeing.save_pretrained(tmp_path / "qwen", max_shard_size="500KB")
    OmniScriptProcessor.from_pretrained(folder).tokenizer.save_pretrained(tmp_path / "qwen")
    audio = WhisperConfig(
        d_model=32, encoder_layers=4, encoder_attention_heads=2, encoder_ffn_dim=64, decoder_layers=1, decoder_attention_heads=2,
        decoder_ffn_dim=64, vocab_size=100, pad_token_id=0, bos_token_id=0, eos_token_id=0, decoder_start_token_id=0,
        max_source_positions=250,
    )  # fmt: skip
    WhisperModel(audio).save_pretrained(tmp_path / "whisper")
    WhisperFeatureExtractor(feature_size=80, chunk_length=5).save_pretrained(tmp_path / "whisper")
    return tmp_path / "qwen", tmp_path / "whisper"

"""The arithmetic of our plugin for vLLM against our own processor and model: same tokens, same embeddings, same order."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.media.description import Frame
from inference.omniscript import vllm_plugin
from inference.omniscript.random_model import random_model
from inference.omniscript.vllm_plugin import ClipTokens, interleaved, is_media, packed, placeholder, units_of, with_sound

DURATION_S = 7.3
TIMES_S = [0.0, 0.501, 1.001, 1.501, 2.002, 4.004, 4.504]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    from inference.omniscript.modeling_omniscript import OmniScriptForConditionalGeneration
    from inference.omniscript.processing_omniscript import OmniScriptProcessor

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("tiny")
    random_model(folder, size="tiny", seed=0)
    model = OmniScriptForConditionalGeneration.from_pretrained(folder).eval()
    for adapter in model.model.audio_projectors.deep:  # fresh ones add nothing, which would prove nothing
        torch.nn.init.normal_(adapter.linear_fc2.weight)
    return model, OmniScriptProcessor.from_pretrained(folder)


@pytest.fixture(scope="module")
def clip():
    rng = np.random.default_rng(3)
    frames = [rng.integers(0, 255, (64, 96, 3), dtype=np.uint8) for _ in TIMES_S]
    sound = rng.normal(0, 0.1, round(DURATION_S * 16_000)).astype(np.float32)
    metadata = {"fps": 1000.0, "frames_indices": [round(time_s * 1000) for time_s in TIMES_S], "duration": DURATION_S}
    return frames, metadata, sound


@pytest.mark.parametrize("has_sound", [True, False])
def test_tokens_and_embeddings_are_those_of_our_own_model(tiny, clip, has_sound):
    model, processor = tiny
    frames, metadata, sound = clip
    heard = sound if has_sound else None
    shown = [Frame(time_s, image) for time_s, image in zip(TIMES_S, frames, strict=True)]
    inputs = processor.clips([processor.chat("s", "p", True)], [shown], [heard], [0.0], [DURATION_S])

    tokenizer = processor.tokenizer
    names = ("<|vision_start|>", "<|vision_end|>", "<|video_pad|>", "<|audio_pad|>")
    tokens = ClipTokens(
        lambda text: tokenizer.encode(text, add_special_tokens=False), *(tokenizer.convert_tokens_to_ids(name) for name in names)
    )
    media = with_sound({"video": (frames, metadata), "audio": (sound, 16_000)} if has_sound else {"video": [(frames, metadata)]})
    assert "audio" not in media
    units = units_of(media["video"][0][1], processor.audio_tokens_per_second, processor.picture_settings.temporal_patch_size)
    _, height, width = inputs["video_grid_thw"][0].tolist()
    num_visual = height * width // processor.picture_settings.merge_size**2
    ids = placeholder(units, num_visual, tokens)
    whole = inputs["input_ids"][0].tolist()
    begin = whole.index(ids[0])
    assert whole[begin : begin + len(ids)] == ids

    with torch.no_grad():
        encoded = {"video": model.model.get_video_features(inputs["pixel_values_videos"], inputs["video_grid_thw"], return_dict=True)}
        if has_sound:
            encoded["audio"] = model.model.get_audio_features(inputs["input_features"], inputs["audio_token_counts"])
        reached = {}  # what our own model hands to its language model
        hook = model.model.language_model.register_forward_pre_hook(lambda _, args, given: reached.update(given), with_kwargs=True)
        model(**inputs)
        hook.remove()
        embeds, places, levels = (reached[name] for name in ("inputs_embeds", "visual_pos_masks", "deepstack_visual_embeds"))
        wide = {
            name: packed(torch.cat(list(found.pooler_output)), [torch.cat(list(level)) for level in found.deepstack_features])
            for name, found in encoded.items()
        }
    visual_counts = [num_visual if unit.has_pictures else 0 for unit in units]
    audio_counts = [unit.num_audio for unit in units]
    hidden = model.config.text_config.hidden_size
    width = hidden * (1 + len(levels))
    audio = wide.get("audio", torch.zeros(0, width))
    joined = interleaved(wide["video"], audio, visual_counts, audio_counts)
    assert joined.shape == (int(is_media(ids, tokens).sum()), width)
    assert bool((places[0, begin : begin + len(ids)] == is_media(ids, tokens)).all())
    assert torch.equal(joined[:, :hidden], embeds[places])
    for number, level in enumerate(levels, 1):
        assert torch.equal(joined[:, number * hidden : (number + 1) * hidden], level)
    assert (sum(audio_counts) == round(DURATION_S * processor.audio_tokens_per_second)) if has_sound else not sum(audio_counts)


def test_what_does_not_fit_together_is_refused(clip):
    frames, metadata, sound = clip
    with pytest.raises(ValueError, match="2 videos, but 1 sounds"):
        with_sound({"video": [(frames, metadata)] * 2, "audio": [(sound, 16_000)]})
    with pytest.raises(ValueError, match="48000 samples a second"):
        with_sound({"video": [(frames, metadata)], "audio": [(sound, 48_000)]})
    with pytest.raises(ValueError, match="units hold"):
        interleaved(torch.zeros(4, 8), torch.zeros(3, 8), [2, 2], [1, 1])


def test_without_vllm_the_plugin_does_nothing_and_the_entry_point_names_it():
    vllm_plugin.register()
    project = tomllib.loads((Path(__file__).resolve().parents[4] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["vllm.general_plugins"] == {"omniscript": "inference.omniscript.vllm_plugin:register"}

"""The arithmetic of our plugin for vLLM against our own processor and model: same tokens, same embeddings, same order."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from inference.media.description import Frame
from inference.omniscript import vllm_plugin
from inference.omniscript.random_model import random_model
from inference.omniscript.vllm_plugin import (
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
    version_remark,
    with_sound,
)

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
    [(_, told)] = with_sound([(frames, metadata)], (sound, 16_000)) if has_sound else [(frames, metadata)]
    units = units_of(checked(told, len(frames)), processor.audio_tokens_per_second, processor.picture_settings.temporal_patch_size)
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


CASES = {
    "sound": (TIMES_S, DURATION_S, DURATION_S),
    "no sound": (TIMES_S, None, DURATION_S),
    "late pictures": ([2.5, 3.0, 6.0], DURATION_S, DURATION_S),
    "long gaps": ([0.0, 0.5, 6.0, 6.5], DURATION_S, 12.0),
    "one picture": ([1.0], 3.0, DURATION_S),
    "short sound": (TIMES_S, 1.2, DURATION_S),
}


@pytest.mark.parametrize("case", CASES)
def test_positions_are_those_of_our_own_model(tiny, case):
    model, processor = tiny
    times_s, sound_s, duration_s = CASES[case]
    shown = [Frame(time_s, np.zeros((64, 96, 3), np.uint8)) for time_s in times_s]
    heard = None if sound_s is None else np.zeros(round(sound_s * 16_000), np.float32)
    inputs = processor.clips([processor.chat("s", "p", True)], [shown], [heard], [0.0], [duration_s])
    ids, kinds = inputs["input_ids"][0].tolist(), inputs["mm_token_type_ids"]
    reference, delta = model.model.get_rope_index(
        inputs["input_ids"], kinds, video_grid_thw=inputs["video_grid_thw"], attention_mask=inputs["attention_mask"]
    )
    config = model.config
    begin, end = ids.index(config.vision_start_token_id), len(ids) - ids[::-1].index(config.vision_end_token_id)
    _, height, width = inputs["video_grid_thw"][0].tolist()
    merge = config.vision_config.spatial_merge_size
    positions, shift = mrope_positions(ids, [ClipPlace(begin, end - begin, height // merge, width // merge)], config.video_token_id)
    assert torch.equal(positions, reference[:, 0]) and shift == int(delta)
    assert mrope_positions(ids[:begin], [], config.video_token_id)[0].tolist() == [list(range(begin))] * 3


def test_what_does_not_fit_together_is_refused(clip):
    frames, metadata, sound = clip
    with pytest.raises(ValueError, match="2 videos, but 1 sounds"):
        with_sound([(frames, metadata)] * 2, [(sound, 16_000)])
    with pytest.raises(ValueError, match="48000 samples a second"):
        with_sound([(frames, metadata)], (sound, 48_000))
    with pytest.raises(ValueError, match="named by an identifier"):
        with_sound([(None, None)], [(sound, 16_000)])
    with pytest.raises(ValueError, match="units hold"):
        interleaved(torch.zeros(4, 8), torch.zeros(3, 8), [2, 2], [1, 1])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"frames_indices": None}, "7 frames, but its metadata tell the times of 0"),
        ({"frames_indices": [0, 1]}, "7 frames, but its metadata tell the times of 2"),
        ({"fps": 0.0}, "The fps of a video is 0.0"),
        ({"fps": None}, "The fps of a video is None"),
        ({"duration": float("nan")}, "The duration of a video is nan"),
        ({"duration": float("inf")}, "The duration of a video is inf"),
        ({"duration": 1.0}, "outside the video's duration"),
        ({"frames_indices": [-1, 0, 1, 2, 3, 4, 5]}, "outside the video's duration"),
    ],
)
def test_a_video_whose_times_cannot_be_told_is_refused(clip, changes, said):
    _, metadata, _ = clip
    assert checked(metadata, 7) is metadata
    with pytest.raises(ValueError, match=said):
        checked({**metadata, **changes}, 7)


def test_what_the_model_cannot_do_is_refused_at_the_start():
    def started(pruning=False, embeds=False, options=None, graphs=False):
        multimodal = SimpleNamespace(
            is_multimodal_pruning_enabled=lambda: pruning, enable_mm_embeds=embeds, mm_processor_kwargs=options
        )  # fmt: skip
        return unfit(multimodal, SimpleNamespace(cudagraph_mm_encoder=graphs))

    assert not started()
    assert "--video-pruning-rate" in started(pruning=True)
    assert "--enable-mm-embeds" in started(embeds=True)
    assert "--mm-processor-kwargs" in started(options={"fps": 1})
    assert "cudagraph_mm_encoder" in started(graphs=True)


def test_the_plugin_says_which_versions_it_was_tested_with():
    assert version_remark("0.32.0+cpu", "5.19.0") == (
        "info",
        "OmniScript's plugin is tested with vLLM 0.32. This is vLLM 0.32.0+cpu with transformers 5.19.0.",
    )
    for other in ("0.33.0", "0.3.2", "0.320.1", "1.32.0"):
        loudness, sentence = version_remark(other, "5.20.2")
        assert loudness == "warning" and f"vLLM {other} " in sentence and "tested with vLLM 0.32 only" in sentence


def test_without_vllm_the_plugin_does_nothing_and_the_entry_point_names_it():
    vllm_plugin.register()
    project = tomllib.loads((Path(__file__).resolve().parents[4] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["vllm.general_plugins"] == {"omniscript": "inference.omniscript.vllm_plugin:register"}

"""Pictures to the bit, exact times, and sound that is neither lost nor doubled."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoProcessor

from inference.media.description import Frame
from inference.omniscript import OmniScriptProcessor
from inference.omniscript.pictures import PictureSettings, fitting_size, patches
from inference.omniscript.units import make_units


def reference_patches(images, size):
    """Qwen3-VL's recipe spelled out, one patch at a time: resized whole numbers, scaled to -1..1, in blocks of 2 x 2 patches."""
    video = torch.stack([torch.from_numpy(image) for image in images]).permute(0, 3, 1, 2)
    video = torch.nn.functional.interpolate(video, size, mode="bicubic", antialias=True)
    video = (video.float() - torch.tensor(0.5) * 255.0) / (torch.tensor(0.5) * 255.0)
    if len(video) % 2:
        video = torch.cat([video, video[-1:]])
    rows = []
    for t in range(0, len(video), 2):
        for top in range(0, size[0], 32):
            for left in range(0, size[1], 32):
                for y, x in ((0, 0), (0, 16), (16, 0), (16, 16)):
                    block = video[t : t + 2, :, top + y : top + y + 16, left + x : left + x + 16]
                    rows.append(block.transpose(0, 1).reshape(-1))
    return torch.stack(rows)


@pytest.mark.parametrize(("num", "height", "width"), [(4, 90, 160), (3, 64, 64), (1, 200, 50)])
def test_pictures_are_cut_as_the_recipe_says_to_the_bit(num, height, width):
    random = np.random.default_rng(num)
    images = list(random.integers(0, 256, (num, height, width, 3), dtype=np.uint8))
    ours, (t, h, w) = patches(images, PictureSettings(min_pixels=128 * 32 * 32, max_pixels=768 * 32 * 32))
    assert t == (num + 1) // 2 and ours.dtype == torch.float32
    assert torch.equal(ours, reference_patches(images, (h * 16, w * 16)))


@pytest.mark.parametrize(("num", "height", "width"), [(4, 90, 160), (8, 180, 320), (5, 64, 64), (2, 480, 640)])
def test_pictures_are_cut_as_by_the_original(num, height, width):
    pytest.importorskip("torchvision", reason="the original video processor needs torchvision", exc_type=ImportError)
    from transformers.models.qwen3_vl.video_processing_qwen3_vl import Qwen3VLVideoProcessor

    images = np.random.default_rng(num).integers(0, 256, (num, height, width, 3), dtype=np.uint8)
    theirs = Qwen3VLVideoProcessor(cap_pixels_per_frame=True)(
        [images], do_sample_frames=False, video_metadata=[{"fps": 2, "total_num_frames": num}], return_tensors="pt"
    )
    ours, grid = patches(list(images), PictureSettings(min_pixels=128 * 32 * 32, max_pixels=768 * 32 * 32))
    assert [grid] == [tuple(row) for row in theirs["video_grid_thw"].tolist()]
    assert torch.equal(ours, theirs["pixel_values_videos"])


def test_the_pixel_budget_holds_for_a_picture_and_for_a_clip():
    for num in (2, 60, 600):
        height, width = fitting_size(num, 360, 640, PictureSettings())
        assert height * width <= 768 * 32 * 32 and num * height * width <= 25_165_824
    assert fitting_size(2, 2160, 3840, PictureSettings(max_frame_tokens=100))[0] <= 32 * 10
    with pytest.raises(ValueError, match="aspect ratio"):
        fitting_size(2, 40, 40 * 300, PictureSettings())


def test_a_clip_in_words(processor, film):
    frames, sound = film(2.0, start_s=100.0)
    text = processor.chat("S", "Q", has_clip=True, begun="{")
    inputs = processor.clips([text], [frames], [sound], [100.0], [2.0])
    words = processor.tokenizer.decode(inputs["input_ids"][0])
    words = re.sub(r"(?:<\|video_pad\|>)+", "V", words)
    words = words.replace("<|audio_pad|>" * 10, "A")
    assert words == (
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n<0.2 seconds><|vision_start|>VA<|vision_end|>"
        "<1.2 seconds><|vision_start|>VA<|vision_end|>Q<|im_end|>\n<|im_start|>assistant\n{"
    )
    kinds = inputs["mm_token_type_ids"]
    assert int((kinds == 3).sum()) == 20 == int(inputs["audio_token_counts"].sum())
    assert int((kinds == 2).sum()) == int(inputs["video_grid_thw"].prod()) // 4


def stamps(processor, inputs, row=0):
    return [float(seconds) for seconds in re.findall(r"<([\d.]+) seconds>", processor.tokenizer.decode(inputs["input_ids"][row]))]


@pytest.mark.parametrize("source_rate_hz", [23.976, 24.0, 25.0, 60.0])
def test_times_are_those_of_the_pictures_whatever_rate_the_file_claims(processor, film, source_rate_hz):
    """The commonest mistake: pictures picked at 2 Hz from a file of any rate are stamped as if they came at 24 Hz."""
    _, sound = film(6.0)
    picked = [round(t * source_rate_hz) / source_rate_hz for t in np.arange(0, 6, 0.5)]
    frames = [Frame(50 + t, np.zeros((64, 64, 3), np.uint8)) for t in picked]
    inputs = processor.clips([processor.chat("", "Q", True)], [frames], [sound], [50.0], [6.0])
    expected = [(a + b) / 2 for a, b in zip(picked[::2], picked[1::2], strict=True)]
    assert stamps(processor, inputs) == pytest.approx(expected, abs=0.051)
    assert stamps(processor, inputs)[-1] > 5


@settings(deadline=None, max_examples=150)
@given(
    gaps=st.lists(st.floats(0.01, 4.0), max_size=40),
    first=st.floats(-0.2, 3.0),
    duration=st.floats(0.2, 90.0),
    heard=st.floats(0.0, 1.0),
    rate=st.sampled_from([1, 2, 5, 10, 25, 50]),
)
def test_no_sound_is_lost_or_doubled_however_pictures_come(gaps, first, duration, heard, rate):
    times = [t for t in np.cumsum([first, *gaps]).tolist() if t < duration] if gaps else []
    sound_s = duration * heard
    units = make_units(times, duration, sound_s, rate)
    assert sum(unit.num_audio for unit in units) == round(sound_s * rate)
    assert sum(unit.has_pictures for unit in units) == (len(times) + 1) // 2
    position = 0
    for before, after in itertools.pairwise(units):
        assert before.end_s == pytest.approx(after.start_s) or (after.start_s >= sound_s and not after.num_audio)
    for unit in units:
        assert abs(position / rate - min(unit.start_s, sound_s)) <= 0.5 / rate + 1e-9
        position += unit.num_audio
    assert [unit.stamp_s for unit in units] == sorted(unit.stamp_s for unit in units)


def test_times_that_go_back_are_refused():
    with pytest.raises(ValueError, match="go back"):
        make_units([0.0, 1.0, 0.5], 2.0, 2.0, 10)


def test_sound_lies_in_the_window_of_its_second(processor):
    """A beep in second 7 of sound is in the second window of five seconds, two seconds in, and nowhere else."""
    sound = np.zeros(16000 * 9, np.float32)
    sound[16000 * 7 : 16000 * 8] = np.sin(np.arange(16000) * 0.3)
    inputs = processor.clips([processor.chat("", "Q", True)], [None], [sound], [0.0], [9.0])
    assert inputs["input_features"].shape == (1, 2, 80, 500)
    loud = inputs["input_features"][0, 1].max(0).values
    assert loud[205:295].min() > loud[:190].max() and loud[205:295].min() > loud[310:400].max()
    assert inputs["audio_token_counts"].sum() == 90
    assert stamps(processor, inputs) == pytest.approx([n + 0.5 for n in range(9)])


def test_reloaded_by_its_folder_alone(folder, processor, film, tmp_path):
    reloaded = AutoProcessor.from_pretrained(folder)
    assert type(reloaded) is OmniScriptProcessor
    OmniScriptProcessor(processor.feature_extractor, processor.tokenizer, pictures={"max_frame_tokens": 4}).save_pretrained(tmp_path / "p")
    assert OmniScriptProcessor.from_pretrained(tmp_path / "p").picture_settings.max_frame_tokens == 4
    frames, sound = film(2.0)
    arguments = [processor.chat("", "Q", True)], [frames], [sound], [0.0], [2.0]
    ours, theirs = processor.clips(*arguments), reloaded.clips(*arguments)
    assert set(ours) == set(theirs) and all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_footage_cannot_pretend_to_be_a_control_token(processor):
    text = processor.chat("", "read <|im_end|> <|audio_pad|> <|clip|>", has_clip=False)
    ids = processor.clips([text], [None], [None], [0.0], [0.0])["input_ids"]
    assert int((ids == processor.tokenizer.convert_tokens_to_ids("<|audio_pad|>")).sum()) == 0
    assert int((ids == processor.tokenizer.convert_tokens_to_ids("<|im_end|>")).sum()) == 1


def test_a_clip_with_nothing_in_it_is_refused(processor, film):
    with pytest.raises(ValueError, match="needs pictures or sound"):
        processor.clips([processor.chat("", "Q", True)], [None], [None], [0.0], [2.0])
    with pytest.raises(ValueError, match="needs pictures or sound"):
        processor.clips([processor.chat("", "Q", False)], [film(2.0)[0]], [None], [0.0], [2.0])

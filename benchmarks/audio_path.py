"""What hearing costs: one forward of OmniScript with sound ÷ the same forward of Qwen3-VL without, beside the arithmetic.

    python benchmarks/audio_path.py [--size small] [--seconds 10] [--repeats 5] [--device cpu]

Random weights, same pictures, same prompt, so the one difference is the audio encoder, the projectors and the audio tokens. Both are run
in turn, and each ratio is of two neighbours. The arithmetic counts multiply-adds of all matrix products (attention included) of one
forward, as torch counts them while it runs; it knows nothing of memory. Sound of 10 s costs the encoder a whole window of 30 s.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from inference.omniscript import OmniScriptForConditionalGeneration
from inference.omniscript.random_model import AUDIO_SIZES, TEXT_SIZES, VISION_SIZES, config_of

SMALL: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (TEXT_SIZES, {"hidden_size": 512, "intermediate_size": 1536, "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 2,
                  "head_dim": 64, "rope_parameters": {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [12, 10, 10],
                                                      "mrope_interleaved": True}}),
    (VISION_SIZES, {"depth": 8, "hidden_size": 256, "num_heads": 4, "intermediate_size": 1024, "out_hidden_size": 512,
                    "deepstack_visual_indexes": [2, 4, 6]}),
    (AUDIO_SIZES, {"num_mel_bins": 80, "d_model": 384, "encoder_layers": 4, "encoder_attention_heads": 6, "encoder_ffn_dim": 1536}),
]  # fmt: skip
"""Between the tests' size and the real one: Whisper tiny's encoder and a language model in proportion."""
GRID = (20, 36)
"""Patches down and across: 320 x 576 pixels, 180 tokens a unit."""


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=["tiny", "small", "8b"], default="small")
    parser.add_argument("--seconds", nargs="+", type=int, default=[10])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    for sizes, shape in SMALL:
        sizes["small"] = {**sizes["tiny"], **shape}
    device = torch.device(arguments.device)
    if device.type == "cpu":
        torch.set_num_threads(1)
    torch.set_default_dtype(torch.bfloat16 if device.type == "cuda" else torch.float32)
    with device:
        model = OmniScriptForConditionalGeneration(config_of(arguments.size, 1000, **_tokens(arguments.size))).eval()
    torch.set_default_dtype(torch.float32)
    print(f"{arguments.size} on {torch.cuda.get_device_name() if device.type == 'cuda' else 'a CPU, one thread'}\n")
    print("| seconds | tokens without | with | Qwen3-VL | OmniScript | ratio, median (least) | arithmetic |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for seconds in arguments.seconds:
        print(_row(model, seconds, arguments.repeats, device), flush=True)


def _tokens(size: str) -> dict[str, int]:
    names = ("image", "video", "vision_start", "vision_end", "audio")
    return {} if size == "8b" else {f"{name}_token_id": 900 + number for number, name in enumerate(names)}


def _row(model: OmniScriptForConditionalGeneration, seconds: int, repeats: int, device: torch.device) -> str:
    without, heard = _inputs(model, seconds, False, device), _inputs(model, seconds, True, device)
    flops = [_flops(model, inputs) for inputs in (without, heard)]
    for inputs in (without, heard):
        _seconds(model, inputs)
    pairs = [(_seconds(model, without), _seconds(model, heard)) for _ in range(repeats)]
    ratios = [b / a for a, b in pairs]
    plain_s, heard_s = (statistics.median(side) for side in zip(*pairs, strict=True))
    lengths = f"{without['input_ids'].shape[1]} | {heard['input_ids'].shape[1]}"
    measured = f"{plain_s:.3f} s | {heard_s:.3f} s | {statistics.median(ratios):.3f} ({min(ratios):.3f})"
    return f"| {seconds} | {lengths} | {measured} | {flops[1] / flops[0]:.3f} |"


def _inputs(model: OmniScriptForConditionalGeneration, seconds: int, with_sound: bool, device: torch.device) -> dict[str, torch.Tensor]:
    """A clip of one unit a second, two pictures each; the same pictures whether there is sound or not."""
    config, vision = model.config, model.config.vision_config
    rate = config.audio_tokens_per_second if with_sound else 0
    num_visual = GRID[0] * GRID[1] // vision.spatial_merge_size**2
    unit = [7] * 6 + [config.vision_start_token_id] + [config.video_token_id] * num_visual + [config.audio_token_id] * rate
    ids = torch.tensor([[5] * 50 + [*unit, config.vision_end_token_id] * seconds + [5] * 50], device=device)
    kinds = 2 * (ids == config.video_token_id) + 3 * (ids == config.audio_token_id)
    generator = torch.Generator().manual_seed(0)
    patch = 3 * vision.temporal_patch_size * vision.patch_size**2
    pixels = torch.randn(seconds * GRID[0] * GRID[1], patch, generator=generator).to(device, model.dtype)
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "mm_token_type_ids": kinds, "pixel_values_videos": pixels}
    inputs["video_grid_thw"] = torch.tensor([[seconds, *GRID]], device=device)
    if with_sound:
        audio = config.audio_config
        shape = (1, -(-seconds // 30), audio.num_mel_bins, 2 * audio.max_source_positions)
        inputs["input_features"] = torch.randn(shape, generator=generator).to(device, model.dtype)
        inputs["audio_token_counts"] = torch.full((1, seconds), rate, device=device)
    return inputs


@torch.inference_mode()
def _seconds(model: OmniScriptForConditionalGeneration, inputs: dict[str, torch.Tensor]) -> float:
    _wait(model.device)
    started = time.perf_counter()
    model(**inputs, logits_to_keep=1, use_cache=False)
    _wait(model.device)
    return time.perf_counter() - started


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


@torch.inference_mode()
def _flops(model: OmniScriptForConditionalGeneration, inputs: dict[str, torch.Tensor]) -> int:
    if model.device.type == "cpu":
        model.set_attn_implementation("eager")  # torch counts no fused attention there
    with FlopCounterMode(display=False) as counter:
        model(**inputs, logits_to_keep=1, use_cache=False)
    model.set_attn_implementation("sdpa")
    return int(counter.get_total_flops())


if __name__ == "__main__":
    main()

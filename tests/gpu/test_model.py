"""The model on a GPU: `make test-gpu`. Prints what docs/benchmarks.md quotes; skipped with a reason where there is no CUDA device."""

import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")]

from transformers.utils import is_flash_attn_2_available  # noqa: E402

from inference.answers.schema import script_schema  # noqa: E402
from inference.media.description import Frame  # noqa: E402
from inference.omniscript.modeling_omniscript import OmniScriptForConditionalGeneration  # noqa: E402
from inference.omniscript.processing_omniscript import OmniScriptProcessor  # noqa: E402
from inference.omniscript.random_model import config_of, random_model  # noqa: E402

GPU = "cuda:0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return random_model(tmp_path_factory.mktemp("model"))


def clip(processor, num_rows=1, duration_s=8.0, size=(96, 160), rate_hz=2.0):
    """Inputs of noise: pictures at ``rate_hz`` and sound."""
    rng = np.random.default_rng(0)
    times = np.arange(0.0, duration_s, 1 / rate_hz)
    frames = [[Frame(float(t), rng.integers(0, 255, (*size, 3), dtype=np.uint8)) for t in times] for _ in range(num_rows)]
    sounds = [rng.standard_normal(round(duration_s * 16000)).astype(np.float32) * 0.1 for _ in range(num_rows)]
    prompts = [processor.chat("You write scripts.", "Write.", True)] * num_rows
    return processor.clips(prompts, frames, sounds, [0.0] * num_rows, [duration_s] * num_rows)


def loaded(folder, dtype, attention="sdpa"):
    model = OmniScriptForConditionalGeneration.from_pretrained(folder, dtype=dtype, attn_implementation=attention, device_map=GPU)
    return model.eval()


def logits(model, inputs):
    with torch.inference_mode():
        return model(**inputs.to(GPU, dtype=model.dtype)).logits.float().cpu()


def test_bfloat16_says_what_float32_says(folder):
    inputs = clip(OmniScriptProcessor.from_pretrained(folder))
    exact, rounded = logits(loaded(folder, torch.float32), inputs), logits(loaded(folder, torch.bfloat16), inputs)
    error = (exact - rounded).abs().mean() / exact.std()
    agreed = (exact.argmax(-1) == rounded.argmax(-1)).float().mean()
    print(f"\nbfloat16 against float32: mean error {error:.4f} standard deviations of the logits, same best token {agreed:.1%}")
    assert error < 0.05


def test_the_gpu_says_what_the_processor_says(folder):
    inputs = clip(OmniScriptProcessor.from_pretrained(folder))
    on_gpu = logits(loaded(folder, torch.float32), inputs)
    model = OmniScriptForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, device_map="cpu").eval()
    with torch.inference_mode():
        assert torch.allclose(on_gpu, model(**inputs.to("cpu")).logits, atol=2e-3)


@pytest.mark.skipif(not is_flash_attn_2_available(), reason="flash-attn is not installed")
def test_flash_attention_says_what_sdpa_says(folder):
    inputs = clip(OmniScriptProcessor.from_pretrained(folder), num_rows=2)
    ours, theirs = (logits(loaded(folder, torch.bfloat16, name), inputs) for name in ("flash_attention_2", "sdpa"))
    assert (ours - theirs).abs().mean() / theirs.std() < 0.05


@pytest.mark.parametrize("size", [(360, 640)], ids=["640x360"])
def test_five_minutes_at_the_shape_of_8b(folder, size):
    """Random weights of the real shape: memory and time are those of the real model, the answer is noise."""
    if torch.cuda.get_device_properties(0).total_memory < 40e9:
        pytest.skip("needs 40 GB of GPU memory")
    processor = OmniScriptProcessor.from_pretrained(folder)
    tiny = OmniScriptForConditionalGeneration.from_pretrained(folder).config
    ids = {name: getattr(tiny, name) for name in ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")}
    config = config_of("8b", audio_token_id=tiny.audio_token_id, **ids)
    config.audio_config.num_mel_bins = processor.feature_extractor.feature_size
    config._attn_implementation = "sdpa"
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(GPU):
            model = OmniScriptForConditionalGeneration(config).eval()
    finally:
        torch.set_default_dtype(default)
    weights = torch.cuda.memory_allocated()
    inputs = clip(processor, duration_s=300.0, size=size).to(GPU, dtype=torch.bfloat16)
    torch.cuda.reset_peak_memory_stats()
    times = {}
    for num_tokens in (1, 65):
        torch.cuda.synchronize()
        started = time.monotonic()
        with torch.inference_mode():
            model.generate(**inputs, do_sample=False, min_new_tokens=num_tokens, max_new_tokens=num_tokens, pad_token_id=0)
        torch.cuda.synchronize()
        times[num_tokens] = time.monotonic() - started
    print(
        f"\n8B shape on {torch.cuda.get_device_name()}, 300 s at 2 pictures a second, {inputs['input_ids'].shape[1]:,} tokens: "
        f"weights {weights / 2**30:.1f} GiB, peak {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB, "
        f"first token {times[1]:.1f} s, then {64 / (times[65] - times[1]):.0f} tokens/s"
    )
    assert torch.cuda.max_memory_allocated() < 80e9


def test_constrained_answers_on_the_gpu(folder, monkeypatch):
    pytest.importorskip("llguidance")
    from inference.engines.base import Request
    from inference.engines.local.local_engine import LocalEngine

    monkeypatch.setenv("OMNISCRIPT_MODEL_BATCH_SIZE", "2")
    asked = [Request("script", "You write scripts.", f"Write {i}.", None, script_schema(20.0), False, "", 400) for i in range(2)]
    replies = LocalEngine({"model_path": str(folder)}).generate(asked)
    assert all(reply.text.startswith("{") and reply.usage.num_new_tokens for reply in replies)

"""The model: Qwen3-VL's numbers without sound, nothing added by deep adapters at zero, and every legal mixture of inputs."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoConfig, AutoModelForImageTextToText, Qwen3VLForConditionalGeneration

from inference.omniscript import OmniScriptConfig, OmniScriptForConditionalGeneration
from inference.omniscript.random_model import config_of

BOTH, SEEN, HEARD, TEXT = (2.0, 0, True, True), (2.0, 1, True, False), (2.0, 2, False, True), (0, 3, False, False)
MIXTURES = {"both": [BOTH], "seen": [SEEN], "heard": [HEARD], "text": [TEXT], "all": [SEEN, BOTH, TEXT, HEARD, (7.0, 4, True, True)]}
AUDIO = ("input_features", "audio_token_counts")


@torch.no_grad()
def logits(model, inputs):
    return model(**inputs).logits


def written(model, inputs, **options):
    options = {"max_new_tokens": 6, "do_sample": False, "eos_token_id": None, **options}
    return model.generate(**inputs, **options)[:, inputs["input_ids"].shape[1] :]


@pytest.mark.parametrize("clips", [[SEEN], [TEXT], [SEEN, TEXT, (3.0, 7, True, False)]], ids=["seen", "text", "batch"])
@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_without_sound_it_is_qwen3_vl_to_the_bit(folder, inputs_of, clips, attention):
    ours = OmniScriptForConditionalGeneration.from_pretrained(folder, attn_implementation=attention).eval()
    fields = {
        name: getattr(ours.config, name)
        for name in ("text_config", "vision_config", "image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")
    }
    theirs = Qwen3VLForConditionalGeneration._from_config(
        Qwen3VLForConditionalGeneration.config_class(**fields), attn_implementation=attention
    ).eval()
    missing, unexpected = theirs.load_state_dict(ours.state_dict(), strict=False)
    assert not missing and all("audio" in name for name in unexpected)
    inputs = inputs_of(clips)
    assert not set(AUDIO) & set(inputs)
    assert torch.equal(logits(ours, inputs), logits(theirs, inputs))
    assert torch.equal(written(ours, inputs), written(theirs, inputs))


def test_deep_adapters_add_nothing_until_they_are_trained(model, inputs_of):
    inputs = inputs_of([BOTH])
    before = logits(model, inputs)
    with torch.no_grad():
        heard = model.model.get_audio_features(inputs["input_features"], inputs["audio_token_counts"])
        assert all(not row.any() for level in heard.deepstack_features for row in level)
        assert all(row.any() for row in heard.pooler_output)
        for adapter in model.model.audio_projectors.deep:
            adapter.linear_fc2.weight.normal_(0, 0.5)
    assert not torch.allclose(before, logits(model, inputs))


@pytest.mark.parametrize("level", range(3))
def test_each_deep_level_matters(model, inputs_of, level):
    inputs = inputs_of([BOTH])
    before = logits(model, inputs)
    with torch.no_grad():
        model.model.audio_projectors.deep[level].linear_fc2.weight.normal_(0, 0.5)
    assert not torch.allclose(before, logits(model, inputs), atol=1e-4)


@pytest.mark.parametrize("name", MIXTURES)
def test_cached_decoding_is_the_full_forward(trained, inputs_of, name):
    inputs = inputs_of(MIXTURES[name])
    tokens = written(trained, inputs)
    whole = dict(inputs)
    whole["input_ids"] = torch.cat([inputs["input_ids"], tokens], 1)
    for key, filler in (("attention_mask", 1), ("mm_token_type_ids", 0)):
        whole[key] = torch.cat([inputs[key], torch.full_like(tokens, filler)], 1)
    full = logits(trained, whole)[:, inputs["input_ids"].shape[1] - 1 : -1]
    steps = trained.generate(
        **inputs, max_new_tokens=6, do_sample=False, eos_token_id=None, output_logits=True, return_dict_in_generate=True
    ).logits
    torch.testing.assert_close(torch.stack(steps, 1), full, atol=2e-5, rtol=1e-4)


def test_a_left_padded_batch_is_each_alone(trained, inputs_of):
    clips = MIXTURES["all"]
    together = inputs_of(clips)
    batch, tokens = logits(trained, together), written(trained, together)
    for row, clip in enumerate(clips):
        alone = inputs_of([clip])
        own = logits(trained, alone)[0]
        torch.testing.assert_close(batch[row, -len(own) :], own, atol=2e-5, rtol=1e-4)
        assert torch.equal(tokens[row], written(trained, alone)[0])


def test_several_sequences_of_each_row(trained, inputs_of):
    inputs = inputs_of(MIXTURES["all"])
    greedy = written(trained, inputs)
    several = written(trained, inputs, num_beams=3, num_return_sequences=3)
    assert len(several) == 3 * len(greedy)
    sampled = written(trained, inputs, do_sample=True, top_k=1, num_return_sequences=3)
    assert torch.equal(sampled, greedy.repeat_interleave(3, 0))


def test_sound_shorter_than_the_picture(trained, processor, film):
    frames, sound = film(4.0)
    prompt = processor.chat("", "What?", has_clip=True)
    inputs = processor.clips([prompt], [frames], [sound[: 16000 * 3 // 2]], [0.0], [4.0])
    assert inputs["audio_token_counts"].tolist() == [[10, 5, 0, 0]]
    assert torch.isfinite(logits(trained, inputs)).all()


def test_the_order_of_sound_is_heard(trained, processor, film):
    frames, sound = film(2.0)
    prompt = processor.chat("", "What?", has_clip=True)
    first, second = (processor.clips([prompt], [frames], [s], [0.0], [2.0]) for s in (sound, sound[::-1].copy()))
    assert not torch.allclose(logits(trained, first), logits(trained, second), atol=1e-4)


def test_counts_that_do_not_fit_are_named(model, inputs_of):
    inputs = inputs_of([BOTH])
    with pytest.raises(ValueError, match="hold only"):
        model(**{**inputs, "audio_token_counts": inputs["audio_token_counts"] * 100})
    with pytest.raises(ValueError, match="20 audio tokens, but 10 audio features"):
        model(**{**inputs, "audio_token_counts": inputs["audio_token_counts"] // 2})


def test_counts_of_zero_are_no_sound(model, inputs_of):
    inputs = inputs_of([SEEN])
    silent = {**inputs, "input_features": torch.zeros(1, 1, 80, 500), "audio_token_counts": torch.zeros(1, 2, dtype=torch.long)}
    assert torch.equal(logits(model, silent), logits(model, inputs))
    assert torch.equal(written(model, silent), written(model, inputs))


@pytest.mark.filterwarnings("ignore:.gradient_checkpointing_enable. is deprecated:FutureWarning")  # from transformers 5.23
@pytest.mark.parametrize("checkpointing", [False, True])
def test_gradients_reach_every_audio_projector(trained, inputs_of, checkpointing):
    trained.train()
    if checkpointing:
        trained.gradient_checkpointing_enable({"use_reentrant": False})
    inputs = inputs_of([BOTH, SEEN])
    loss = trained(**inputs, labels=inputs["input_ids"]).loss
    loss.backward()
    assert torch.isfinite(loss)
    named = {name: weight for name, weight in trained.named_parameters() if "audio_projectors" in name}
    assert len(named) == 6 * 4
    assert all(weight.grad is not None and weight.grad.any() for weight in named.values())
    assert trained.model.audio_encoder.conv1.weight.grad.any() and trained.model.visual.patch_embed.proj.weight.grad.any()


@pytest.mark.filterwarnings("ignore:.gradient_checkpointing_enable. is deprecated:FutureWarning")  # from transformers 5.23
def test_checkpointing_changes_no_gradient(trained, inputs_of):
    inputs = inputs_of([BOTH])
    trained.train()
    gradients = []
    for checkpointing in (False, True):
        trained.zero_grad()
        if checkpointing:
            trained.gradient_checkpointing_enable({"use_reentrant": False})
        trained(**inputs, labels=inputs["input_ids"]).loss.backward()
        gradients.append(trained.model.audio_projectors.deep[0].linear_fc1.weight.grad.clone())
    torch.testing.assert_close(*gradients)


def test_at_step_zero_the_last_layer_of_each_deep_adapter_learns(model, inputs_of):
    inputs = inputs_of([BOTH])
    model.train()(**inputs, labels=inputs["input_ids"]).loss.backward()
    assert all(adapter.linear_fc2.weight.grad.any() for adapter in model.model.audio_projectors.deep)


def test_saved_and_loaded_it_says_the_same(trained, inputs_of, tmp_path):
    trained.save_pretrained(tmp_path / "saved", max_shard_size="500KB")
    assert len(list((tmp_path / "saved").glob("*.safetensors"))) > 1
    inputs = inputs_of(MIXTURES["all"])
    for loaded in (
        AutoModelForImageTextToText.from_pretrained(tmp_path / "saved"),
        OmniScriptForConditionalGeneration.from_pretrained(tmp_path / "saved", device_map={"": "cpu"}),
    ):
        assert type(loaded) is OmniScriptForConditionalGeneration
        assert torch.equal(logits(loaded.eval(), inputs), logits(trained, inputs))


def test_a_prompt_leaves_nothing_behind_for_the_next(trained, inputs_of):
    text = inputs_of([TEXT])

    def by_hand():
        with torch.no_grad():
            first = trained(input_ids=text["input_ids"], use_cache=True)
            return trained(input_ids=text["input_ids"][:, :1], past_key_values=first.past_key_values).logits

    before = by_hand()
    logits(trained, inputs_of([BOTH]))
    assert torch.equal(by_hand(), before)


def test_bfloat16(folder, inputs_of):
    model = OmniScriptForConditionalGeneration.from_pretrained(folder, dtype=torch.bfloat16).eval()
    inputs = inputs_of([BOTH, SEEN])
    assert logits(model, inputs).dtype == torch.bfloat16 and torch.isfinite(logits(model, inputs)).all()
    assert written(model, inputs).shape == (2, 6)


def test_configuration_says_what_is_wrong(folder):
    config = AutoConfig.from_pretrained(folder)
    assert type(config) is OmniScriptConfig and config.audio_deepstack_depths == [1, 2, 3]
    assert config_of("8b").audio_deepstack_depths == [8, 16, 24]
    for changes, message in (
        ({"audio_tokens_per_second": 7}, "has to divide 50"),
        ({"audio_deepstack_depths": [1, 2]}, "3 DeepStack levels, but 2 audio depths"),
        ({"audio_deepstack_depths": [1, 2, 9]}, "not layers 1 to 4"),
    ):
        with pytest.raises(Exception, match=message):
            config_of("tiny", 300, **changes)


def test_the_real_shape_has_the_real_size():
    with torch.device("meta"):
        model = OmniScriptForConditionalGeneration(config_of("8b"))
    sizes = {name: sum(w.numel() for w in part.parameters()) / 1e6 for name, part in model.model.named_children()}
    assert sizes["audio_encoder"] == pytest.approx(637, abs=1)
    assert sum(w.numel() for w in model.parameters()) / 1e9 == pytest.approx(9.49, abs=0.1)

"""Two base checkpoints become an OmniScript folder; the authors' release would, by one mapping file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file
from transformers import Qwen3VLForConditionalGeneration, WhisperModel

from inference.errors import WeightsError
from inference.omniscript import OmniScriptForConditionalGeneration, OmniScriptProcessor
from inference.omniscript.building import _check_space, build_folder
from inference.omniscript.state_dicts import NameMapping
from omniscript_mam.commands.models import command


def test_a_folder_from_its_bases(bases, tmp_path):
    seeing, hearing = bases
    told = []
    built = build_folder(seeing, hearing, tmp_path / "made", report=lambda share, message: told.append(share))
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 3
    assert built.fresh and all(name.startswith("model.audio_projectors.") for name in built.fresh)
    made, info = OmniScriptForConditionalGeneration.from_pretrained(tmp_path / "made", output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"]
    ours = made.state_dict()
    for name, tensor in Qwen3VLForConditionalGeneration.from_pretrained(seeing).state_dict().items():
        assert torch.equal(ours[name], tensor), name
    for name, tensor in WhisperModel.from_pretrained(hearing).encoder.state_dict().items():
        assert torch.equal(ours[f"model.audio_encoder.{name}"], tensor), name
    for adapter in made.model.audio_projectors.deep:
        assert not adapter.linear_fc2.weight.any() and not adapter.linear_fc2.bias.any() and adapter.linear_fc1.weight.any()
    assert made.model.audio_projectors.input.linear_fc2.weight.any()
    processor = OmniScriptProcessor.from_pretrained(tmp_path / "made")
    assert processor.tokenizer.convert_tokens_to_ids("<|audio_pad|>") == made.config.audio_token_id


def test_building_twice_gives_the_same_weights(bases, tmp_path):
    first, second = (build_folder(*bases, tmp_path / name) for name in ("a", "b"))
    for file in first.folder.glob("*.safetensors"):
        assert file.read_bytes() == (second.folder / file.name).read_bytes()


def test_what_does_not_fit_is_refused(bases, tmp_path):
    seeing, hearing = bases
    output = tmp_path / "made"
    with pytest.raises(WeightsError, match="is not a model folder"):
        build_folder(tmp_path / "nowhere", hearing, output)
    with pytest.raises(WeightsError, match="holds a 'whisper' model, not Qwen3-VL"):
        build_folder(hearing, hearing, output)
    with pytest.raises(WeightsError, match="holds a 'qwen3_vl' model, not Whisper"):
        build_folder(seeing, seeing, output)
    with pytest.raises(WeightsError, match="exists already"):
        build_folder(seeing, hearing, tmp_path)
    other = shutil.copytree(hearing, tmp_path / "other")
    data = json.loads((other / "preprocessor_config.json").read_text())
    (other / "preprocessor_config.json").write_text(json.dumps(data | {"feature_size": 128}))
    with pytest.raises(WeightsError, match="128 mel bins, but the encoder takes 80"):
        build_folder(seeing, other, output)
    with pytest.raises(WeightsError, match=r"needs 1000000000\.0 GB, but only"):
        _check_space(output, 10**18)
    assert not output.exists() and not list(tmp_path.glob(".*.partial"))


def test_a_build_that_fails_leaves_nothing(bases, tmp_path):
    def stop(share, message):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_folder(*bases, tmp_path / "made", report=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["qwen", "whisper"]


def released(folder, target, change=None):
    """The weights of a model folder by the names that the authors may give them."""
    names = {
        "model.audio_encoder.": "speech_encoder.",
        "model.audio_projectors.input.norm.": "model.audio_projector.0.",
        "model.audio_projectors.input.linear_fc1.": "model.audio_projector.1.",
        "model.audio_projectors.input.linear_fc2.": "model.audio_projector.3.",
        "model.visual.": "visual.",
    }
    target.mkdir()
    tensors = {}
    for file in folder.glob("*.safetensors"):
        for name, tensor in load_file(file).items():
            theirs = next((new + name.removeprefix(old) for old, new in names.items() if name.startswith(old)), name)
            if theirs.startswith("model.audio_projectors.deep."):
                theirs = theirs.replace("model.audio_projectors.deep", "model.deepstack_audio_projectors")
                theirs = theirs.replace("norm", "0").replace("linear_fc1", "1").replace("linear_fc2", "3")
            tensors[theirs] = tensor + 1
    (change or (lambda tensors: None))(tensors)
    save_file(tensors, target / "model.safetensors")
    return target


def test_the_release_by_another_name(bases, folder, tmp_path):
    release = released(folder, tmp_path / "release", lambda t: t.update({"whisper.decoder.layers.0.bias": torch.zeros(1)}))
    built = build_folder(*bases, tmp_path / "made", release=release)
    assert not built.fresh and built.ignored == ("whisper.decoder.layers.0.bias",) and set(built.sources) == {"release"}
    ours, theirs = (OmniScriptForConditionalGeneration.from_pretrained(f).state_dict() for f in (built.folder, folder))
    for name, tensor in theirs.items():
        assert torch.equal(ours[name], tensor + 1), name


def test_what_a_release_does_not_explain_is_named(bases, folder, tmp_path):
    strange = released(folder, tmp_path / "strange", lambda t: t.update({"model.gate.weight": torch.zeros(1)}))
    with pytest.raises(WeightsError, match=r"1 weights .* have no place in the model: model\.gate\.weight"):
        build_folder(*bases, tmp_path / "made", release=strange)
    lacking = released(folder, tmp_path / "lacking", lambda t: t.pop("model.audio_projector.1.bias"))
    with pytest.raises(WeightsError, match=r"lacks 1 audio weights .*input\.linear_fc1\.bias"):
        build_folder(*bases, tmp_path / "made", release=lacking)
    wrong = released(folder, tmp_path / "wrong", lambda t: t.update({"lm_head.weight": torch.zeros(2, 2)}))
    with pytest.raises(WeightsError, match=r"1 weights have another shape: lm_head\.weight \(2, 2\)"):
        build_folder(*bases, tmp_path / "made", release=wrong)


def test_rules_of_a_mapping(tmp_path):
    with pytest.raises(WeightsError, match="would become"):
        NameMapping([("a.", "x")]).rename(["ab", "ac"])
    (tmp_path / "rules.json").write_text('{"rules": [{"pattern": "("}]}')
    with pytest.raises(WeightsError, match=r"rules\.json is no mapping of names"):
        NameMapping.read(tmp_path / "rules.json")


def test_the_command(bases, tmp_path):
    arguments = ["build", "--vision-language", str(bases[0]), "--audio", str(bases[1]), "--output", str(tmp_path / "made")]
    result = CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)
    assert "fresh weights, to be trained" in result.output and "model.audio_projectors.deep.0.norm.weight" in result.output
    assert (tmp_path / "made" / "config.json").is_file()


def test_without_the_extra_the_command_says_what_to_install(tmp_path):
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from omniscript_mam.commands.models import command\n"
        "try:\n    command.main(['build', '--vision-language', 'a', '--audio', 'b', '--output', 'c'], standalone_mode=False)\n"
        "except Exception as error:\n    print(type(error).__name__, error.remedy)\n"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert process.stdout.startswith("MissingProgramError") and "omniscript-mam[local]" in process.stdout

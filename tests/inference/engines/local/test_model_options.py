"""Which model folder is used, what its version says, and what a user is told when something is wrong with it."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from inference.engines.local.model_options import ModelOptions, fingerprint, model_folder
from inference.errors import CorruptWeightsError, MissingWeightsError, WriterError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that looks like a model: a configuration and one weights file of two tensors."""
    for name in ("PATH", "DTYPE", "ATTENTION", "DEVICE_MAP", "QUANTIZATION", "BATCH_SIZE", "MAX_CLIP_S"):
        monkeypatch.delenv(f"OMNISCRIPT_MODEL_{name}", raising=False)
    monkeypatch.setenv("OMNISCRIPT_MODELS_DIR", str(tmp_path / "store"))
    made = tmp_path / "model"
    made.mkdir()
    (made / "config.json").write_text(json.dumps({"model_type": "omniscript"}))
    save_file({"first": np.arange(5000, dtype=np.float32), "second": np.zeros((3, 2), np.float32)}, made / "model.safetensors")
    return made


def test_the_folder_is_the_named_one_then_the_environments_then_the_stores(folder, tmp_path, monkeypatch):
    stored = tmp_path / "store" / "omniscript"
    shutil.copytree(folder, stored)
    assert model_folder() == stored
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    monkeypatch.setenv("OMNISCRIPT_MODEL_PATH", str(other))
    assert model_folder() == other
    assert model_folder(str(folder)) == folder
    assert ModelOptions.read({"model_path": str(folder)}).folder == folder


@pytest.mark.parametrize("gone", ["config.json", "model.safetensors"])
def test_a_missing_model_is_said_with_the_remedy(folder, gone):
    (folder / gone).unlink()
    with pytest.raises(MissingWeightsError, match="no OmniScript model") as error:
        model_folder(str(folder))
    assert "--model_path" in error.value.remedy and "models build" in error.value.remedy


def test_the_version_changes_with_the_weights_the_configuration_and_the_precision(folder, monkeypatch):
    options = {"model_path": str(folder)}
    versions = [ModelOptions.read(options).version]
    assert ModelOptions.read(options).version == versions[0]
    tensors = load_file(folder / "model.safetensors")
    tensors["second"][0, 0] = 1e-6
    save_file(tensors, folder / "model.safetensors")
    versions.append(ModelOptions.read(options).version)
    (folder / "config.json").write_text(json.dumps({"model_type": "omniscript", "audio_tokens_per_second": 2}))
    versions.append(ModelOptions.read(options).version)
    monkeypatch.setenv("OMNISCRIPT_MODEL_QUANTIZATION", "int4")
    versions.append(ModelOptions.read(options).version)
    assert versions[3] == f"{versions[2]}-int4"
    assert len(set(versions)) == 4


def test_an_unfinished_copy_is_found_before_it_is_loaded(folder):
    whole = (folder / "model.safetensors").read_bytes()
    for kept in (len(whole) - 10, 40, 3):
        (folder / "model.safetensors").write_bytes(whole[:kept])
        with pytest.raises(CorruptWeightsError):
            fingerprint(folder)


@pytest.mark.parametrize(
    ("name", "value"), [("DTYPE", "int3"), ("ATTENTION", "flash"), ("BATCH_SIZE", "many"), ("BATCH_SIZE", "-1"), ("MAX_CLIP_S", "long")]
)
def test_a_setting_that_makes_no_sense_is_named(folder, monkeypatch, name, value):
    monkeypatch.setenv(f"OMNISCRIPT_MODEL_{name}", value)
    with pytest.raises(WriterError, match=f"OMNISCRIPT_MODEL_{name}"):
        ModelOptions.read({"model_path": str(folder)})

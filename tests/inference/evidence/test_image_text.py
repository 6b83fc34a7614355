"""The optional image-text model, with toy encoders: pictures and words are vectors of red, green and blue."""

import json
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from inference.errors import CorruptWeightsError, MissingWeightsError
from inference.evidence.seeing import see as vision
from inference.evidence.seeing.image_text import PROMPTS as OUR_PROMPTS
from inference.evidence.seeing.image_text import ImageTextModel, image_text_model, prepared

COLOURS = {"forest": (0, 1, 0), "night": (0, 0, 1), "fire": (1, 0, 0), "nothing": (1, 1, 1)}
PROMPTS = {
    "place": {"forest": ("a picture of a forest",), "volcano": ("fire fire",), "": ("nothing",)},
    "time": {"night": ("late at night",), "day": ("fire",), "": ("nothing",)},
}


def save(path, nodes, inputs, output, constants=()):
    graph = helper.make_graph(nodes, "toy", inputs, [output], [numpy_helper.from_array(v, n) for n, v in constants])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


@pytest.fixture
def folder(tmp_path):
    vocabulary = {"[UNK]": 0} | {word: number for number, word in enumerate(COLOURS, 1)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "clip", "text_config": {"max_position_embeddings": 8}}))
    settings = {"size": {"shortest_edge": 8}, "crop_size": {"height": 8, "width": 8}, "image_mean": [0, 0, 0], "image_std": [1, 1, 1]}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(settings))
    (tmp_path / "onnx").mkdir()
    table = np.array([(0, 0, 0), *COLOURS.values()], np.float32)
    save(
        tmp_path / "onnx" / "text_model.onnx",
        [
            helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
            helper.make_node("ReduceMean", ["rows"], ["text_embeds"], axes=[1], keepdims=0),
        ],
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, None])],
        helper.make_tensor_value_info("text_embeds", TensorProto.FLOAT, [1, 3]),
        [("table", table)],
    )
    save(
        tmp_path / "onnx" / "vision_model.onnx",
        [helper.make_node("ReduceMean", ["pixel_values"], ["image_embeds"], axes=[2, 3], keepdims=0)],
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, [1, 3, 8, 8])],
        helper.make_tensor_value_info("image_embeds", TensorProto.FLOAT, [1, 3]),
    )
    return tmp_path


def plain(colour):
    return np.full((90, 160, 3), colour, np.uint8)


def test_a_sure_picture_gets_its_labels_and_decoys_get_none(folder):
    model = ImageTextModel(folder, PROMPTS)
    assert set(model.classify(plain((10, 200, 10)))) == {"forest"}
    assert set(model.classify(plain((10, 10, 200)))) == {"time: night"}
    assert set(model.classify(plain((200, 10, 10)))) == {"volcano", "time: day"}
    assert model.classify(plain((90, 90, 90))) == {}, "grey is nearest to the decoy"
    assert all(0.6 <= share <= 1 for share in model.classify(plain((200, 10, 10))).values())


@pytest.mark.parametrize(
    "name", ["config.json", "preprocessor_config.json", "tokenizer.json", "onnx/vision_model.onnx", "onnx/text_model.onnx"]
)
def test_a_missing_or_broken_file_is_named(folder, name):
    (folder / name).write_bytes(b"not what it says")
    with pytest.raises(CorruptWeightsError, match=name.split("/")[-1]):
        ImageTextModel(folder, PROMPTS)
    (folder / name).unlink()
    with pytest.raises(MissingWeightsError, match=name.split("/")[-1]) as caught:
        ImageTextModel(folder, PROMPTS)
    assert "vision_model.onnx" in caught.value.remedy


def test_an_encoder_of_another_kind_is_refused(folder):
    (folder / "onnx" / "text_model.onnx").write_bytes((folder / "onnx" / "vision_model.onnx").read_bytes())
    with pytest.raises(CorruptWeightsError, match="pixel_values"):
        ImageTextModel(folder, PROMPTS)


def test_pictures_are_cropped_or_squeezed_as_the_model_was_trained():
    halves = np.zeros((40, 80, 3), np.uint8)
    halves[:, :20] = 255
    cropped = prepared(halves, {"size": {"shortest_edge": 8}, "crop_size": 8})
    squeezed = prepared(halves, {"size": {"height": 8, "width": 16}})
    assert cropped.shape == (1, 3, 8, 8) and squeezed.shape == (1, 3, 8, 16)
    assert cropped.max() == -1, "the white side is cut off"
    assert squeezed[0, 0, :, :4].min() == 1 and squeezed[0, 0, :, 4:].max() == -1


def test_our_prompts_have_decoys_in_every_group():
    assert all(labels[""] and len(labels) >= 3 for labels in OUR_PROMPTS.values())


@pytest.mark.models
def test_the_eyes_ask_the_model_that_the_options_name(folder):
    frames = [SimpleNamespace(time_s=i / 4, image=plain((10, 200, 10) if i < 4 else (10, 10, 200))) for i in range(8)]
    spool = SimpleNamespace(has_video=True, frames=lambda start_s, end_s: iter(frames))
    film = SimpleNamespace(spool=spool, options={"image_text_dir": str(folder)})
    evidence = vision.see(film, 0.0, 2.0, [(0.0, 1.0), (1.0, 2.0)])
    assert "forest" in evidence.looks[0].labels and "time: night" in evidence.looks[1].labels
    assert image_text_model(str(folder)) is image_text_model(str(folder)), "loaded once per process"
    with pytest.raises(MissingWeightsError, match="nowhere"):
        vision.see(SimpleNamespace(spool=spool, options={"image_text_dir": "nowhere"}), 0.0, 2.0, [(0.0, 2.0)])

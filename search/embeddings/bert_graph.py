"""A BERT sentence encoder as an ONNX graph, written from its safetensors without torch.

Devlin et al. 2018, with the mean pooling and normalisation of Reimers and Gurevych 2019 inside the graph: token ids in, unit sentence
vectors out. Shapes: B texts, T tokens, H hidden size, A heads.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

OPSET = 17
IR_VERSION = 8


class _GraphWriter:
    """Collects nodes and weights; every method returns the name of the tensor it makes."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, value: np.ndarray | np.floating) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def dense(self, x: str, layer: str) -> str:
        """x·Wᵀ + b with the layer's weight (out, in) and bias."""
        product = self.op("MatMul", x, self.constant(self.weights[f"{layer}.weight"].astype(np.float32).T))
        return self.op("Add", product, self.constant(self.weights[f"{layer}.bias"].astype(np.float32)))

    def layer_norm(self, x: str, layer: str, epsilon: float) -> str:
        scale = self.constant(self.weights[f"{layer}.weight"].astype(np.float32))
        bias = self.constant(self.weights[f"{layer}.bias"].astype(np.float32))
        return self.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)


def write_graph(model_dir: Path, target: Path) -> None:
    """Write ``target`` (ONNX) from ``model_dir``'s ``config.json`` and ``model.safetensors``.

    Inputs ``input_ids`` and ``attention_mask`` are int64 (B, T); output ``vectors`` is float32 (B, H), unit length.
    """
    config = json.loads((model_dir / "config.json").read_text())
    weights = {name.removeprefix("bert."): value for name, value in load_file(model_dir / "model.safetensors").items()}
    writer = _GraphWriter(weights)
    mask = writer.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    x = _embed_tokens(writer, config["layer_norm_eps"])
    bias = _attention_bias(writer, mask)
    for layer in range(config["num_hidden_layers"]):
        x = _encoder_layer(writer, x, bias, f"encoder.layer.{layer}", config)
    _pool(writer, x, mask)
    graph = helper.make_graph(
        writer.nodes,
        "sentence_encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["B", "T"]) for name in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["B", config["hidden_size"]])],
        writer.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def _embed_tokens(writer: _GraphWriter, epsilon: float) -> str:
    """Word + position + segment-0 embeddings, normalised: (B, T, H)."""
    words = writer.op("Gather", writer.constant(writer.weights["embeddings.word_embeddings.weight"].astype(np.float32)), "input_ids")
    segment = writer.weights["embeddings.token_type_embeddings.weight"][0]
    table = (writer.weights["embeddings.position_embeddings.weight"] + segment).astype(np.float32)
    shape = writer.op("Shape", "input_ids")
    length = writer.op("Gather", shape, writer.constant(np.array([1], np.int64)))
    positions = writer.op("Slice", writer.constant(table), writer.constant(np.array([0], np.int64)), length)
    return writer.layer_norm(writer.op("Add", words, positions), "embeddings.LayerNorm", epsilon)


def _attention_bias(writer: _GraphWriter, mask: str) -> str:
    """0 where a token is real, −10000 where it is padding: (B, 1, 1, T)."""
    axes = writer.constant(np.array([1, 2], np.int64))
    padding = writer.op("Sub", writer.constant(np.float32(1.0)), writer.op("Unsqueeze", mask, axes))
    return writer.op("Mul", padding, writer.constant(np.float32(-10000.0)))


def _encoder_layer(writer: _GraphWriter, x: str, bias: str, name: str, config: dict[str, Any]) -> str:
    """Self-attention and feed-forward, each with a residual and a norm after it: (B, T, H) → (B, T, H)."""
    hidden, num_heads, epsilon = config["hidden_size"], config["num_attention_heads"], config["layer_norm_eps"]
    split = writer.constant(np.array([0, 0, num_heads, hidden // num_heads], np.int64))

    def heads(part: str, order: list[int]) -> str:
        return writer.op("Transpose", writer.op("Reshape", writer.dense(x, f"{name}.attention.self.{part}"), split), perm=order)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scale = writer.constant(np.float32((hidden // num_heads) ** -0.5))
    scores = writer.op("Add", writer.op("Mul", writer.op("MatMul", query, key), scale), bias)
    context = writer.op("MatMul", writer.op("Softmax", scores, axis=-1), value)
    joined = writer.op("Reshape", writer.op("Transpose", context, perm=[0, 2, 1, 3]), writer.constant(np.array([0, 0, hidden], np.int64)))
    attended = writer.op("Add", writer.dense(joined, f"{name}.attention.output.dense"), x)
    x = writer.layer_norm(attended, f"{name}.attention.output.LayerNorm", epsilon)
    inner = writer.dense(x, f"{name}.intermediate.dense")
    output = writer.op("Add", writer.dense(_gelu(writer, inner), f"{name}.output.dense"), x)
    return writer.layer_norm(output, f"{name}.output.LayerNorm", epsilon)


def _gelu(writer: _GraphWriter, x: str) -> str:
    """x · ½ · (1 + erf(x / √2)), the exact form."""
    erf = writer.op("Erf", writer.op("Mul", x, writer.constant(np.float32(0.5**0.5))))
    half = writer.op("Mul", x, writer.constant(np.float32(0.5)))
    return writer.op("Mul", half, writer.op("Add", erf, writer.constant(np.float32(1.0))))


def _pool(writer: _GraphWriter, x: str, mask: str) -> None:
    """Mean over real tokens, then length one; names the result ``vectors``."""
    weight = writer.op("Unsqueeze", mask, writer.constant(np.array([2], np.int64)))
    axis = writer.constant(np.array([1], np.int64))
    total = writer.op("ReduceSum", writer.op("Mul", x, weight), axis, keepdims=0)
    mean = writer.op("Div", total, writer.op("ReduceSum", weight, axis, keepdims=0))
    norm = writer.op("ReduceL2", mean, axes=[1], keepdims=1)
    writer.nodes.append(helper.make_node("Div", [mean, norm], ["vectors"]))

"""Small networks of the eyes, loaded once per process, one thread each (the ears use the rest of the processor).

``OMNISCRIPT_VISION_THREADS`` changes the number of threads. Contents: :class:`LiteNetwork` (TensorFlow Lite),
:func:`weights_file`, :func:`network`, :func:`onnx_session`.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy.typing as npt
import onnxruntime
from ai_edge_litert.interpreter import Interpreter

from inference.environment import read_environment
from inference.weights import weights_path

Array = npt.NDArray[Any]


class LiteNetwork:
    """One TensorFlow Lite graph with one input. Safe to share: calls take turns."""

    def __init__(self, path: str) -> None:
        self._interpreter = Interpreter(model_path=path, num_threads=read_environment().num_vision_threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        self._outputs = self._interpreter.get_output_details()
        self._lock = threading.Lock()

    def __call__(self, batch: Array) -> list[Array]:
        """Outputs in the graph's order for an input of the graph's own shape and type."""
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], batch.astype(self._input["dtype"], copy=False))
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(output["index"]).copy() for output in self._outputs]


def weights_file(model: str, file: str) -> Path:
    """One file of a registered model, whether the register knows it as a file or as a folder."""
    path = weights_path(model)
    return path / file if path.is_dir() else path


@cache
def network(model: str, file: str) -> LiteNetwork:
    """A TensorFlow Lite graph of the model register.

    Raises:
        MissingWeightsError: it is not on this machine.
    """
    return LiteNetwork(str(weights_file(model, file)))


@cache
def onnx_session(model: str, file: str) -> Any:
    """An ONNX session of the model register, on the CPU; raises as :func:`network` does."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = read_environment().num_vision_threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(weights_file(model, file)), options, providers=["CPUExecutionProvider"])

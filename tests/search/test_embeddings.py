"""Embedders: what a sentence's vector must be, and what the child process must survive."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from search import EmbeddingError, EmbeddingModelError, EmbeddingTimeoutError, HashedEmbedder, ProcessEmbedder
from search.embeddings import process
from search.embeddings.files import is_mostly_latin

ROOT = Path(__file__).resolve().parents[2]


def cosines(embedder, query: str, others: list[str]) -> np.ndarray:
    vectors = embedder.embed([query, *others])
    return vectors[1:] @ vectors[0]


def test_hashed_vectors_are_unit_and_the_same_in_every_process():
    vectors = HashedEmbedder().embed(["Grug argues", "你好吗", "", "?!"])
    assert vectors.shape == (4, 512) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 0, 0], abs=1e-5)
    code = "from search import HashedEmbedder; print(HashedEmbedder().embed(['Grug argues'])[0, :40].tolist())"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment).stdout
    assert shown.strip() == str(vectors[0, :40].tolist())


def test_hashed_vectors_know_spellings_in_any_script():
    near, far = cosines(HashedEmbedder(), "the sorcerer's apprentices", ["sorcerers apprentice", "a train leaves"])
    assert near > 0.6 > 0.2 > far
    near, far = cosines(HashedEmbedder(), "你昨天去了哪里", ["昨天晚上你去哪里了", "每个星期都写"])
    assert near > 0.5 > far


def test_scripts_that_an_english_model_cannot_read():
    assert is_mostly_latin("Grug ruft: »Nein!«") and is_mostly_latin("42")
    assert not is_mostly_latin("你好 Eep") and not is_mostly_latin("Привет")


def test_a_missing_model_names_its_files_and_the_remedy(tmp_path):
    with pytest.raises(EmbeddingModelError, match=r"model\.safetensors") as caught:
        ProcessEmbedder(tmp_path, tmp_path)
    assert "omniscript models pull" in caught.value.remedy


def fake_model(folder: Path) -> Path:
    """A folder that looks like a model but holds no weights anybody can load."""
    (folder / "config.json").write_text('{"hidden_size": 4, "num_hidden_layers": 1}')
    (folder / "model.safetensors").write_bytes(b"\0" * 16)
    (folder / "tokenizer.json").write_text("{}")
    return folder


def test_a_child_that_cannot_start_says_why(tmp_path):
    embedder = ProcessEmbedder(fake_model(tmp_path), tmp_path / "cache")
    with pytest.raises(EmbeddingError, match="could not start"):
        embedder.embed(["hello"])
    embedder.close()


SLOW_CHILD = """
import base64, json, sys, time
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    texts = json.loads(line)["texts"]
    if texts == ["sleep"]: time.sleep(30)
    if texts == ["die"]: sys.exit(3)
    print(json.dumps({"vectors": base64.b64encode(b"\\0\\0\\x80\\x3f" * 4 * len(texts)).decode()}), flush=True)
"""


@pytest.fixture
def slow(tmp_path):
    embedder = ProcessEmbedder(fake_model(tmp_path), tmp_path / "cache")
    embedder._command = [sys.executable, "-c", SLOW_CHILD]
    yield embedder
    embedder.close()


def test_a_late_answer_is_an_error_and_the_next_call_has_a_new_child(slow):
    assert slow.embed(["one", "two"]).tolist() == [[1.0] * 4] * 2
    began = time.monotonic()
    with pytest.raises(EmbeddingTimeoutError):
        slow.embed(["sleep"], timeout_s=0.3)
    assert time.monotonic() - began < 5
    assert slow.embed(["one"]).shape == (1, 4)


def test_a_child_that_dies_is_started_again(slow):
    with pytest.raises(EmbeddingError, match="ended with status 3"):
        slow.embed(["die"])
    assert slow.embed(["one"]).shape == (1, 4)
    slow._child._process.kill()
    slow._child._process.wait()
    assert slow.embed(["one"]).shape == (1, 4)


def test_waiting_for_a_loading_model_gives_up_the_wait_not_the_child(slow):
    slow._command = [sys.executable, "-c", "import time; time.sleep(1)\n" + SLOW_CHILD]
    with pytest.raises(EmbeddingTimeoutError, match="loading"):
        slow.embed(["one"], timeout_s=0.1)
    first = slow._child
    assert slow.embed(["one"], timeout_s=20).shape == (1, 4) and slow._child is first


def test_a_forked_process_starts_a_child_of_its_own(slow, monkeypatch):
    slow.embed(["one"])
    parent = slow._child
    monkeypatch.setattr(process.os, "getpid", lambda: -1)  # as seen after a fork
    assert slow.embed(["one"]).shape == (1, 4) and slow._child is not parent
    monkeypatch.undo()
    parent.stop()
    slow._child.stop()


def test_the_child_ends_with_its_parent(tmp_path):
    code = f"""
import os, sys
from search import ProcessEmbedder
from pathlib import Path
embedder = ProcessEmbedder(Path({str(fake_model(tmp_path))!r}), Path({str(tmp_path)!r}))
embedder._command = [sys.executable, "-c", {SLOW_CHILD!r}]
embedder.embed(["one"])
print(embedder._child._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT
    )
    child = int(done.stdout)
    deadline = time.monotonic() + 10
    while _is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_running(child)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        return False


def test_searching_loads_no_model_library():
    code = (
        "import sys; from pathlib import Path; import tempfile; from search import *; "
        "options = EmbeddedIndexOptions(Path(tempfile.mkdtemp())); "
        "open_searcher(options, embedder=HashedEmbedder()).search(SearchRequest('Grug at night')); "
        "print([m for m in ('onnxruntime', 'onnx', 'torch', 'transformers', 'tokenizers', 'faiss', 'cv2', 'django') if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert shown.stdout.strip() == "[]"


@pytest.mark.models
class TestSentenceModel:
    """all-MiniLM-L6-v2 through our own ONNX graph."""

    def test_published_cosines(self, sentence_embedder):
        """The hub's own example for this model: "That is a happy person" against three sentences."""
        others = ["That is a happy dog", "That is a very happy person", "Today is a sunny day"]
        assert cosines(sentence_embedder, "That is a happy person", others) == pytest.approx([0.695, 0.943, 0.257], abs=0.002)

    def test_meaning_orders_moments(self, sentence_embedder):
        moments = [
            "Grug shouts at Eep in the cave at night",
            "Grug tells Eep a story in the cave",
            "Eep picks apples by day",
            "A car drives along the coast",
        ]
        found = cosines(sentence_embedder, "Grug argues with Eep at night", moments)
        assert list(np.argsort(-found)) == [0, 1, 2, 3] and found[0] > 0.7 and found[3] < 0.2

    def test_batching_and_order_change_nothing(self, sentence_embedder):
        texts = [f"{'a long and winding ' * (i % 7)}sentence number {i}" for i in range(70)]
        together = sentence_embedder.embed(texts)
        alone = np.concatenate([sentence_embedder.embed([text]) for text in texts[:12]])
        assert np.abs(together[:12] - alone).max() < 1e-4
        assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(70), abs=1e-4)

    def test_the_graph_is_written_once(self, sentence_embedder, model_dir, graph_cache):
        sentence_embedder.embed(["hello"])
        written = list(graph_cache.glob("*.onnx"))
        assert len(written) == 1 and sentence_embedder.model_id.split("@")[1] in written[0].name
        assert not list(graph_cache.glob("*.tmp"))

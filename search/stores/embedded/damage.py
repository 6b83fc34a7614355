"""Damage on disk: found by checksums, and told honestly when a read meets it first.

Every file of a tantivy segment ends with a note (JSON) that has the CRC-32 of what stands before it, the note's length and a magic number.
Rows of the vector file are of length one and carry the key of their text: what is neither was not written by us.
"""

from __future__ import annotations

import functools
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from search.errors import IndexDamagedError, SearchError

FOOTER = struct.Struct("<II")
MAGIC = 1337
BLOCK_BYTES = 1 << 20

Given = ParamSpec("Given")
Told = TypeVar("Told")


def honest(read: Callable[Given, Told]) -> Callable[Given, Told]:
    """A reading function that says :class:`IndexDamagedError` for whatever the files of the index make of it.

    What is read was written by us and asked for by us: a library that cannot make sense of it (it raises, or panics, which Python sees as
    a ``BaseException``) has met damage.
    """

    @functools.wraps(read)
    def told(*args: Given.args, **kwargs: Given.kwargs) -> Told:
        try:
            return read(*args, **kwargs)
        except SearchError:
            raise
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            raise IndexDamagedError(f"The search index cannot be read ({type(error).__name__}: {str(error)[:200]}).") from error

    return told


def damaged_files(text: Path, known: dict[Path, tuple[int, int]]) -> list[Path]:
    """The files of a tantivy folder's present segments that are not as they were written.

    Args:
        text: the folder.
        known: file → (size, time of change in ns) of those that were sound before and need no second look; what is sound is added.
    """
    try:
        segments = [str(segment["segment_id"]).replace("-", "") for segment in json.loads((text / "meta.json").read_text())["segments"]]
    except (OSError, ValueError, KeyError, TypeError):
        return [text / "meta.json"]
    damaged = []
    for segment in segments:
        files = sorted(text.glob(f"{segment}.*"))
        damaged += [file for file in files if not _is_sound(file, known)] if files else [text / segment]
    return damaged if (text / "meta.json").exists() else []


def file_stamp(file: Path) -> tuple[int, int]:
    """What changes with a file's content: size and time of change in ns."""
    state = file.stat()
    return state.st_size, state.st_mtime_ns


def _is_sound(file: Path, known: dict[Path, tuple[int, int]]) -> bool:
    try:
        stamp = file_stamp(file)
        if known.get(file) == stamp:
            return True
        is_sound = _checksum_holds(file, stamp[0])
    except FileNotFoundError:  # a merge took its place
        return True
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if is_sound:
        known[file] = stamp
    return is_sound


def _checksum_holds(file: Path, num_bytes: int) -> bool:
    with file.open("rb") as stream:
        stream.seek(max(0, num_bytes - FOOTER.size))
        note_bytes, magic = FOOTER.unpack(stream.read(FOOTER.size))
        if magic != MAGIC or note_bytes > num_bytes - FOOTER.size:
            return False
        stream.seek(num_bytes - FOOTER.size - note_bytes)
        note: dict[str, Any] = json.loads(stream.read(note_bytes))
        left, checksum = num_bytes - FOOTER.size - note_bytes, 0
        stream.seek(0)
        while left > 0 and (block := stream.read(min(left, BLOCK_BYTES))):
            checksum, left = zlib.crc32(block, checksum), left - len(block)
        return left == 0 and checksum == int(note["crc"])

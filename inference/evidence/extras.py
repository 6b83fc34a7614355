"""The optional packages that observing needs. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from inference.errors import MissingProgramError

REMEDY = 'Run pip install "omniscript-mam[lite]".'


@contextmanager
def small_models() -> Iterator[None]:
    """Says which package is lacking, and how to get it, where a module of the ears or eyes cannot be imported.

    Raises:
        MissingProgramError: a package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"Observing footage needs the Python package {error.name!r}, which is not installed."
        raise MissingProgramError(message, remedy=REMEDY) from error

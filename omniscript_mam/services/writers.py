"""Which writers there are, by name. A writer is loaded once per process, and only in processes that write."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings

from omniscript_mam.errors import SettingError

if TYPE_CHECKING:
    from inference.writers.base import Writer

BUILT_IN = {"lite": "inference.writers.lite.writer:LiteWriter"}
"""Name → ``module:class``. ``OMNISCRIPT_WRITERS`` adds more in the form ``name=module:class``."""


def writer_names() -> list[str]:
    """The names that a job may ask for."""
    return sorted(_register())


@lru_cache(maxsize=4)
def open_writer(name: str) -> Writer:
    """The writer of this name.

    Raises:
        SettingError: there is none, or what OMNISCRIPT_WRITERS names cannot be imported.
    """
    place = _register().get(name)
    if place is None:
        raise SettingError(f"There is no writer “{name}”.", remedy=f"Use one of: {', '.join(writer_names())}.")
    module, _, attribute = place.partition(":")
    try:
        writer: Writer = getattr(import_module(module), attribute)()
    except (ImportError, AttributeError) as error:
        raise SettingError(
            f"The writer “{name}” cannot be loaded: {error}.", remedy="Run `omniscript doctor`; it says what is missing and how to get it."
        ) from error
    return writer


def _register() -> dict[str, str]:
    added = dict(entry.split("=", 1) for entry in settings.OMNISCRIPT_WRITERS if "=" in entry)
    return {**BUILT_IN, **added}

"""Which writers there are, by name. A writer is loaded once per process, and only in processes that write."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from omniscript_mam.conf import conf
from omniscript_mam.errors import SettingError, WriterNameError

if TYPE_CHECKING:
    from inference.writers.base import Writer


def writer_names() -> list[str]:
    """The names that a job may ask for: those of :mod:`inference.writers`, remote ones included, and of OMNISCRIPT_WRITERS."""
    from inference.writers import writer_names

    _register()
    return writer_names()


def check_writer(name: str) -> str:
    """The name as it is; "" passes and means that the archive chooses. Asked before anything is kept or queued.

    Raises:
        WriterNameError: no writer is called so.
    """
    if name and name not in writer_names():
        raise WriterNameError(f"There is no writer “{name[:60]}”.", remedy=f"Use one of: {', '.join(writer_names())}.")
    return name


@lru_cache(maxsize=4)
def open_writer(name: str) -> Writer:
    """The writer of this name.

    Raises:
        WriterError: there is none. MissingProgramError: it needs a package that is not installed.
    """
    from inference.writers import writer

    _register()
    return writer(name)


def _register() -> dict[str, tuple[str, str]]:
    """Add ``name=module:Class`` of OMNISCRIPT_WRITERS to the register of writers.

    Raises:
        SettingError: an entry has another form.
    """
    from inference.writers import WRITERS

    for entry in conf.writers:
        name, _, place = entry.partition("=")
        module, _, attribute = place.partition(":")
        if not (name and module and attribute):
            raise SettingError(f"OMNISCRIPT_WRITERS holds {entry!r}; entries look like name=module:Class.")
        WRITERS[name] = (module, attribute)
    return WRITERS

"""Ways of writing a script. :func:`writer` gives one by name and imports it only then.

``remote`` and ``remote-<endpoint>`` are names too: :mod:`.remote.endpoints` says which endpoints there are.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from inference.errors import MissingProgramError, WriterError

from .base import Film, Plan, PlannedSegment, Report, Writer, no_report

_HOME = __name__.rpartition(".")[0]
"""The package ``inference``, whatever it is called: in a wheel it lies inside ``omniscript_mam``."""

WRITERS: dict[str, tuple[str, str]] = {
    "lite": (f"{__name__}.lite.writer", "LiteWriter"),
    "omniscript": (f"{_HOME}.engines.local.writer", "OmniScriptWriter"),
}
"""Name → module and class."""
EXTRAS = {"omniscript": "local"}
"""Writer → the extra with its packages, where that is called otherwise."""
REMOTE = "remote"


def writer_names() -> list[str]:
    """Every name that :func:`writer` knows. Endpoints that are not declared well are left out; their cards say what is wrong."""
    from ..engines.remote.endpoints import EndpointError, read_endpoints

    try:
        remote = [f"{REMOTE}-{name}" for name, endpoint in read_endpoints().items() if not isinstance(endpoint, EndpointError)]
    except EndpointError:  # the card of "remote" tells it
        remote = []
    return sorted([*WRITERS, REMOTE, *remote])


def writer(name: str) -> Writer:
    """The writer of this name.

    Raises:
        WriterError: no writer is called so, or its endpoint is not declared well.
        MissingProgramError: it needs a Python package that is not installed.
    """
    kind, _, endpoint = name.partition("-")
    if name not in WRITERS and kind != REMOTE:
        raise WriterError(f"There is no writer called {name!r}.", remedy=f"Choose one of: {', '.join(writer_names())}.")
    try:
        if name in WRITERS:
            module, attribute = WRITERS[name]
            return cast(Writer, getattr(import_module(module), attribute)())
        return cast(Writer, import_module(f"{_HOME}.engines.remote.writer").remote_writer(endpoint))
    except ModuleNotFoundError as error:
        raise MissingProgramError(
            f"The writer {name!r} needs the Python package {error.name!r}, which is not installed.",
            remedy=f"Install the extra: pip install 'omniscript-mam[{EXTRAS.get(kind, kind)}]'.",
        ) from error


__all__ = ["WRITERS", "Film", "Plan", "PlannedSegment", "Report", "Writer", "no_report", "writer", "writer_names"]

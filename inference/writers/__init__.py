"""Ways of writing a script. :func:`writer` gives one by name and imports it only then.

Two ways stand here: ``lite`` (small models, no language model) and :mod:`.two_stage` over any text engine: ``omniscript`` with the model on
this machine, ``remote`` and ``remote-<endpoint>`` with one behind an address (:mod:`inference.engines.remote.endpoints` says which there
are). Where a language model cannot write a segment, the lite writer stands in.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from inference.errors import MissingProgramError, MissingWeightsError, WriterError

from .base import Film, Plan, PlannedSegment, Report, Writer, no_report

WRITERS: dict[str, tuple[str, str]] = {
    "lite": (f"{__name__}.lite.writer", "LiteWriter"),
    "omniscript": (__name__, "local_writer"),
}
"""Name → module and what makes the writer there, called without arguments. A site adds its own."""
EXTRAS = {"omniscript": "local"}
"""Writer → the extra with its packages, where that is called otherwise."""
REMOTE = "remote"


def writer_names() -> list[str]:
    """Every name that :func:`writer` knows. Endpoints that are not declared well are left out; their cards say what is wrong."""
    from inference.errors import EndpointError

    from ..engines.remote.endpoints import read_endpoints

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
        return remote_writer(endpoint)
    except ModuleNotFoundError as error:
        raise MissingProgramError(
            f"The writer {name!r} needs the Python package {error.name!r}, which is not installed.",
            remedy=f"Install the extra: pip install 'omniscript-mam[{EXTRAS.get(kind, kind)}]'.",
        ) from error


def local_writer() -> Writer:
    """Two-stage generation with the model on this machine; :mod:`inference.engines.local.model_options` says which that is."""
    from inference.engines.local.local_engine import LocalEngine
    from inference.engines.local.model_options import ModelOptions

    from .lite.writer import LiteWriter
    from .two_stage import TwoStageWriter

    try:
        version = ModelOptions.read().version
    except MissingWeightsError:
        version = ""  # a film's options may name a model; a film without one is refused when its engine is opened
    return TwoStageWriter("omniscript", lambda film: LocalEngine(film.options), version, stand_in=LiteWriter())


def remote_writer(name: str = "") -> Writer:
    """Two-stage generation with the model of an endpoint; of the first one for "".

    Raises:
        EndpointError: the endpoint is not declared well, or its key is not set.
    """
    from inference.engines.remote.endpoints import endpoint_named
    from inference.engines.remote.remote_engine import RemoteEngine

    from .lite.writer import LiteWriter
    from .two_stage import TwoStageWriter

    endpoint = endpoint_named(name)
    engine = RemoteEngine(endpoint)
    return TwoStageWriter(f"{REMOTE}-{endpoint.name}", lambda film: engine, endpoint.version, stand_in=LiteWriter())


__all__ = [
    "WRITERS",
    "Film",
    "Plan",
    "PlannedSegment",
    "Report",
    "Writer",
    "local_writer",
    "no_report",
    "remote_writer",
    "writer",
    "writer_names",
]

"""The remote writer: two-stage generation with a model behind an endpoint."""

from __future__ import annotations

from inference.writers.two_stage.writer import TwoStageWriter

from .endpoints import endpoint_named
from .remote_engine import RemoteEngine


def remote_writer(name: str = "") -> TwoStageWriter:
    """The writer ``remote-<name>``; of the first endpoint for "".

    Raises:
        EndpointError: the endpoint is not declared well, or its key is not set.
    """
    endpoint = endpoint_named(name)
    engine = RemoteEngine(endpoint)
    return TwoStageWriter(f"remote-{endpoint.name}", lambda film: engine, endpoint.version)

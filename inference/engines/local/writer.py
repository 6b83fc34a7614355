"""The writer ``omniscript``: two-stage generation with the model on this machine."""

from __future__ import annotations

from inference.errors import MissingWeightsError
from inference.writers.two_stage import TwoStageWriter

from .local_engine import LocalEngine
from .model_options import ModelOptions


class OmniScriptWriter(TwoStageWriter):
    """See :class:`inference.writers.two_stage.TwoStageWriter`. Which model, and how it is loaded: :mod:`.settings`."""

    def __init__(self) -> None:
        super().__init__("omniscript", lambda film: LocalEngine(film.options), _version())


def _version() -> str:
    try:
        return ModelOptions.read().version
    except MissingWeightsError:
        return ""  # a film's options may name a model; a film without one is refused when its engine is opened

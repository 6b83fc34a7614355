"""Two-stage generation over any language model: plan, write, merge (paper, section 5.3).

*plan* looks at the film coarsely, window by window, and keeps a memory of who is who (:mod:`.planning`, :mod:`.tracking`). *write* looks at
one segment closely and writes its script (:mod:`.writing`). *merge* makes one document of all (:mod:`.merging`). A film may also be written
in one pass (:mod:`.two_stage_options` lists the options). Nothing here knows which model answers, and nothing imports torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import ValidationError

from inference.engines.base import Engine
from inference.errors import WriterError
from inference.film import Film, Report, no_report
from inference.plan import Plan
from inference.writers.base import Writer
from omniscript_mam.script import Script, validate

from .drafts import Draft
from .merging import merge_script
from .planning import make_plan
from .two_stage_options import TwoStageOptions
from .writing import SegmentWriting

VERSION = "tsg1"
"""Changes whenever plans and drafts that were stored before are not to be gone on with."""


class TwoStageWriter:
    """A writer that asks a language model.

    Args:
        name: the writer's name.
        open_engine: the engine for a film. It is called at every stage, so it keeps what is expensive to load.
        version: the model's version, where it is known before there is a film.
        stand_in: who writes a segment that the model cannot write; without one that is an error.
    """

    def __init__(self, name: str, open_engine: Callable[[Film], Engine], version: str = "", stand_in: Writer | None = None) -> None:
        self.name = name
        self.open_engine = open_engine
        self.stand_in = stand_in
        self.version = f"{VERSION}-{version}" if version else VERSION

    def batch_size(self, film: Film) -> int:
        """As many segments as the engine likes at once."""
        return max(1, self.open_engine(film).batch_size)

    def plan(self, film: Film, report: Report = no_report) -> Plan:
        """Segments with plot, characters and relations.

        Raises:
            WriterError, WeightsError, Cancelled
        """
        report(0.0, "reading the film")
        engine = self.open_engine(film)
        return make_plan(film, engine, TwoStageOptions.read(film, engine), report)

    def write(self, film: Film, plan: Plan, index: int, report: Report = no_report) -> str:
        """The segment's :class:`.drafts.Draft` as JSON."""
        return self.write_batch(film, plan, [index], report)[0]

    def write_batch(self, film: Film, plan: Plan, indexes: Sequence[int], report: Report = no_report) -> list[str]:
        """The drafts of several segments, asked for together.

        Raises:
            WriterError: the plan has no such segment, or neither engine nor stand-in can write one.
        """
        for index in indexes:
            if not 0 <= index < len(plan.segments):
                raise WriterError(f"The plan has {len(plan.segments)} segments; there is no segment {index}.")
        engine = self.open_engine(film)
        writing = SegmentWriting(film, engine, TwoStageOptions.read(film, engine), plan, self.stand_in)
        drafts = writing.drafts(indexes, report)
        report(1.0, "written")
        return [draft.to_json() for draft in drafts]

    def merge(self, film: Film, plan: Plan, drafts: Sequence[str], report: Report = no_report) -> Script:
        """One valid Script of all drafts.

        Raises:
            WriterError: a draft is missing or not readable.
        """
        if len(drafts) != len(plan.segments):
            raise WriterError(f"The plan has {len(plan.segments)} segments, but {len(drafts)} drafts were given.")
        try:
            read = [Draft.model_validate_json(draft) for draft in drafts]
        except ValidationError as error:
            message = error.errors()[0]["msg"]
            raise WriterError(f"A draft of the writer {self.name!r} cannot be read: {message}.", remedy="Write it again.") from error
        script = validate(merge_script(film, plan, read))
        report(1.0, "merged")
        return script

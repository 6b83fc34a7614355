"""The main path: a file in, a Script out, by way of survey, plan, write (segment by segment) and merge.

Two ways to use it. :func:`write_script` does everything and keeps a checkpoint of each step as a file, so that a run that was killed goes
on where it stopped; two runs on one folder do no harm, because a checkpoint is written beside its place and renamed into it, and every step
gives the same result each time. A caller that keeps its own checkpoints (the app keeps them in its database) calls the steps:
:func:`open_film`, :func:`survey`, :func:`make_plan`, :func:`write_segment`, :func:`merge`.

Folder layout: ``workdir/<sha256 of the file>/spool`` (the one decode), ``…/<writer>-<version>-<settings>/`` with ``plan.json``,
``draft-00000.json`` …, ``script.json``. Times in seconds from the first displayed frame.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference.checkpoints import Checkpoints
from inference.drafts import Drafts
from inference.errors import Cancelled, InferenceError, WriterError
from inference.evidence.subtitles.files import beside
from inference.film import Film, Live, Report, SentenceVectors, Sidecar, Waits, no_report, not_live, not_waiting
from inference.media import MediaInfo, Spool, probe, survey_chunk, survey_ranges
from inference.media.tracks import heard_in, spoken_of
from inference.plan import Plan, load_plan
from inference.writers import writer as writer_named
from inference.writers.base import BatchWriter, Writer
from omniscript_mam.script import Script, ScriptError, dumps, loads, validate

SHARES = {"probe": 0.02, "survey": 0.18, "plan": 0.10, "write": 0.65, "merge": 0.05}
"""Share of the whole that each stage takes, roughly, for progress bars."""


# The steps ------------------------------------------------------------------------------------------------------------


def open_film(
    path: Path,
    *,
    spool_dir: Path,
    workdir: Path,
    info: MediaInfo | None = None,
    title: str = "",
    languages: Sequence[str] = (),
    options: Mapping[str, object] | None = None,
    live: Live = not_live,
    sidecars: Sequence[Sidecar] = (),
    sentence_vectors: SentenceVectors | None = None,
    waits: Waits = not_waiting,
) -> Film:
    """A film ready for a writer.

    Args:
        info: what :func:`inference.media.probe` said before, to save asking again.
        live: told of events while they are written.
        sidecars: subtitle files that came with it.
        sentence_vectors: what reads the meaning of lines, where there is one.
        waits: told what the writer waits for.

    Raises:
        MediaError: the file is refused or broken.
    """
    info = heard_in(info or probe(path), languages)
    workdir.mkdir(parents=True, exist_ok=True)
    spoken = spoken_of(info, languages)
    opened = Spool(spool_dir, info)
    return Film(path, info, opened, workdir, title, spoken, dict(options or {}), live, tuple(sidecars), waits, sentence_vectors)


def survey(film: Film, index: int | None = None, report: Report = no_report) -> None:
    """Decode one piece of the film into its spool (all missing pieces, if ``index`` is None). Pieces that are there are kept."""
    indexes = range(len(survey_ranges(film.info))) if index is None else [index]
    for done, piece in enumerate(indexes):
        inner = _part(report, done / len(indexes), 1.0 / len(indexes))
        survey_chunk(film.path, film.info, film.spool.spool_dir, piece, inner)
        inner(1.0, f"piece {piece + 1} of {len(survey_ranges(film.info))} read")


def make_plan(film: Film, writer: Writer, report: Report = no_report) -> Plan:
    """The writer's plan, checked.

    Raises:
        WriterError: the segments are not gapless from 0 to the film's end.
    """
    plan = writer.plan(film, report)
    check_plan(plan, film.info.duration_s)
    return plan


def check_plan(plan: Plan, duration_s: float) -> None:
    """Check that the segments are numbered from 0, gapless, and cover the film.

    Raises:
        WriterError: they are not; it names the first segment or the end that is wrong.
    """
    position_s = 0.0
    for number, segment in enumerate(plan.segments):
        if segment.index != number or abs(segment.start_s - position_s) > 0.001 or segment.end_s <= segment.start_s:
            raise WriterError(f"Segment {number} of the plan does not begin where the one before ends ({position_s:g} s).")
        position_s = segment.end_s
    if abs(position_s - duration_s) > 0.001:
        raise WriterError(f"The plan ends at {position_s:g} s, the film at {duration_s:g} s.")


def write_segment(film: Film, plan: Plan, index: int, writer: Writer, report: Report = no_report) -> str:
    """One segment's draft (JSON text).

    Raises:
        InferenceError: the writer cannot write it; :class:`inference.errors.WriterError` where the plan has no such segment.
    """
    return writer.write(film, plan, index, report)


def write_segments(film: Film, plan: Plan, indexes: Sequence[int], writer: Writer, report: Report = no_report) -> Iterator[tuple[int, str]]:
    """The drafts of several segments, each with its index, as they are done: in batches where the writer gains from that.

    Raises:
        InferenceError: as :func:`write_segment`; drafts that came before it stand.
    """
    size = writer.batch_size(film) if isinstance(writer, BatchWriter) else 1
    for first in range(0, len(indexes), size):
        batch = list(indexes[first : first + size])
        inner = _part(report, first / len(indexes), len(batch) / len(indexes))
        if isinstance(writer, BatchWriter) and len(batch) > 1:
            yield from zip(batch, writer.write_batch(film, plan, batch, inner), strict=True)
        else:
            yield batch[0], write_segment(film, plan, batch[0], writer, inner)
        done = first + len(batch)
        report(done / len(indexes), f"segment {batch[-1] + 1} of {len(plan.segments)}")


@dataclass(frozen=True)
class DraftNote:
    """What a draft says of itself: who wrote it, which version, why not who was asked ("" = it did), and what to do about that.

    All is empty for a writer whose drafts say nothing (lite): then the writer is the one that was asked. ``num_tokens`` counts read and
    written ones; ``cost`` is in ``currency``, ``None`` where no price is declared. ``repairs`` are what was cut, repaired, replaced or lost
    (plain JSON: code, place, detail), ``claims`` how much was borne out (:class:`inference.writers.two_stage.drafts.DraftClaims`).
    """

    writer: str = ""
    version: str = ""
    fault: str = ""
    remedy: str = ""
    num_tokens: int = 0
    cost: float | None = None
    currency: str = ""
    repairs: tuple[dict[str, str], ...] = ()
    claims: dict[str, Any] = field(default_factory=dict)


def draft_note(draft: str) -> DraftNote:
    """What a draft says of itself.

    Raises:
        WriterError: it is not JSON text.
    """
    try:
        data = json.loads(draft)
    except ValueError as error:
        raise WriterError("A draft is not JSON.", remedy="Write this segment again.") from error
    if not isinstance(data, dict) or "writer" not in data:
        return DraftNote()
    usage = data.get("usage") or {}
    num_tokens = int(usage.get("num_prompt_tokens", 0)) + int(usage.get("num_new_tokens", 0))
    return DraftNote(
        str(data["writer"]),
        str(data.get("version", "")),
        str(data.get("fault", "")),
        str(data.get("remedy", "")),
        num_tokens,
        usage.get("cost"),
        str(usage.get("currency", "")),
        tuple({name: str(each.get(name, "")) for name in ("code", "place", "detail")} for each in data.get("repairs") or []),
        dict(data.get("claims") or {}),
    )


def merge(film: Film, plan: Plan, drafts: Sequence[str], writer: Writer, report: Report = no_report) -> Script:
    """The script of all drafts, validated.

    Raises:
        WriterError: the writer made a script that breaks a rule.
    """
    try:
        return validate(writer.merge(film, plan, drafts, report))
    except ScriptError as error:
        raise WriterError(f"The writer {writer.name!r} made an invalid script: {error}") from error


# The whole, with checkpoints -----------------------------------------------------------------------------------------------


def write_script(
    path: Path,
    *,
    workdir: Path,
    writer: str | Writer = "lite",
    languages: Sequence[str] = (),
    title: str = "",
    options: Mapping[str, object] | None = None,
    report: Report = no_report,
    cancelled: Callable[[], bool] = lambda: False,
    live: Live = not_live,
    noted: Callable[[DraftNote], None] = lambda note: None,
    sidecars: Sequence[Sidecar] | None = None,
    waits: Waits = not_waiting,
) -> Script:
    """Write the script of a film, going on from whatever an earlier run left in ``workdir``.

    Args:
        writer: a writer, or the name of one.
        report: told the share of the whole and "stage: what".
        cancelled: asked at every report; once it says True the run stops, and finished steps are kept.
        live: told of events while they are written, by writers that can.
        noted: told what each segment's draft says of itself (who wrote it, why not another), in order, before they are merged.
        sidecars: subtitle files that came with the film; those of its name in its folder, if nothing is said.
        waits: told what the writer waits for.

    Raises:
        InferenceError: of the kind that says what went wrong; :class:`Cancelled` when asked to stop.
    """
    made = writer_named(writer) if isinstance(writer, str) else writer
    tell = _Stages(report, cancelled)
    path = Path(path)
    tell.stage("probe")(0.0, path.name)
    home = Path(workdir) / input_hash(path)
    sidecars = [Sidecar(file, file.name) for file in beside(path)] if sidecars is None else sidecars
    steps = Checkpoints(home / _steps_folder(made, languages, title, options, sidecars))
    info = _known_info(Checkpoints(home), path)
    film = open_film(
        path,
        spool_dir=home / "spool",
        workdir=steps.folder,
        info=info,
        title=title,
        languages=languages,
        options=options,
        live=live,
        sidecars=sidecars,
        waits=waits,
    )
    done = steps.read("script.json")
    if done is not None:
        tell.stage("merge")(1.0, "was there already")
        return loads(done)
    survey(film, report=tell.stage("survey"))
    script = _write_missing(film, made, steps, tell, noted)
    steps.write("script.json", dumps(script))
    return script


def _steps_folder(
    writer: Writer, languages: Sequence[str], title: str, options: Mapping[str, object] | None, sidecars: Sequence[Sidecar]
) -> str:
    """The folder of a writer's checkpoints under these settings: other settings, other checkpoints."""
    beside_it = [[sidecar.name, input_hash(sidecar.path)] for sidecar in sidecars]
    settings = [list(languages), title, dict(options or {}), *([beside_it] if beside_it else [])]
    told = json.dumps(settings, sort_keys=True, ensure_ascii=False)
    who = re.sub(r"[^A-Za-z0-9._+-]", "_", f"{writer.name}-{writer.version}")  # a version may name a model, with slashes
    return f"{who}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def _write_missing(film: Film, writer: Writer, steps: Checkpoints, tell: _Stages, noted: Callable[[DraftNote], None]) -> Script:
    """Plan, write and merge, each checkpoint that is there kept as it is."""
    plan = load_plan(steps.read_or_make("plan.json", lambda: make_plan(film, writer, tell.stage("plan")).model_dump_json()))
    drafts = draft_files(steps, len(plan.segments))
    missing = [index for index in range(len(plan.segments)) if not steps.has(draft_name(index))]
    started = len(plan.segments) - len(missing)
    inner = _part(tell.stage("write"), started / len(plan.segments), len(missing) / len(plan.segments))
    for index, draft in write_segments(film, plan, missing, writer, inner):
        if not steps.has(draft_name(index)):
            steps.write(draft_name(index), draft)
    for draft in drafts:
        noted(draft_note(draft))
    return merge(film, plan, drafts, writer, tell.stage("merge"))


def _known_info(known: Checkpoints, path: Path) -> MediaInfo:
    text = known.read("media.json")
    if text is not None:
        try:
            return MediaInfo.from_data(json.loads(text))
        except ValueError:
            pass  # written by another release: ask the file again
    info = probe(path)
    known.write("media.json", json.dumps(info.to_data()))
    return info


def input_hash(path: Path) -> str:
    """SHA-256 of a file, 32 hexadecimal digits of it.

    Raises:
        InferenceError: the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:32]
    except OSError as error:
        raise InferenceError(f"{path.name} cannot be read: {error.strerror}.", remedy="Check the path and its permissions.") from error


def draft_files(steps: Checkpoints, num_drafts: int) -> Drafts:
    """The drafts that a run keeps as files.

    Raises:
        WriterError: a draft that is read is missing (on reading, not here).
    """

    def read(index: int) -> str:
        text = steps.read(draft_name(index))
        if text is None:
            raise WriterError(f"The draft of segment {index} is missing.")
        return text

    return Drafts(num_drafts, read)


def draft_name(index: int) -> str:
    """File name of a segment's draft."""
    return f"draft-{index:05d}.json"


class _Stages:
    """Turns the stages' own shares into shares of the whole, and asks at each report whether to stop."""

    def __init__(self, report: Report, cancelled: Callable[[], bool]) -> None:
        self.report, self.cancelled = report, cancelled

    def stage(self, name: str) -> Report:
        names = list(SHARES)
        before = sum(SHARES[other] for other in names[: names.index(name)])

        def tell(share: float, message: str) -> None:
            if self.cancelled():
                raise Cancelled("The run was stopped.")
            self.report(min(1.0, before + SHARES[name] * min(1.0, max(0.0, share))), f"{name}: {message}" if message else name)

        return tell


def _part(report: Report, offset: float, scale: float) -> Report:
    return lambda share, message: report(offset + scale * share, message)

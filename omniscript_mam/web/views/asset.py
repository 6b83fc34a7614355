"""One asset: the player, the script beside it, and progress while the script is being written."""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from omniscript_mam.errors import NotFoundError
from omniscript_mam.exporters import Deliverable, export, format_named
from omniscript_mam.script import Script
from omniscript_mam.selectors.assets import AssetDetail, asset_detail, get_asset, loss_of, script_revision
from omniscript_mam.selectors.collections import collections, writer_of
from omniscript_mam.selectors.jobs import job_detail, segments_of_script, spending_of_script
from omniscript_mam.selectors.planning import PlannerNotes, planner_notes
from omniscript_mam.selectors.revisions import num_waiting, steps_of
from omniscript_mam.selectors.scripts import current_scripts
from omniscript_mam.services.archive import assets
from omniscript_mam.viewer import SYSTEM, Viewer, viewer_of

from ..presentation.cast import profiles
from ..presentation.clock import Clock, clock_of, seconds_text
from ..presentation.history import revision_lines
from ..presentation.jobs import JobLine, digest, job_line
from ..presentation.moments import high_points, plot
from ..presentation.relations import picture
from ..presentation.screenplay import screenplay
from ..presentation.segments import SegmentNote, notes, spent
from ..presentation.sprites import sheet_of
from ..presentation.timeline import timeline
from ..presentation.values import tones
from .pages import page, render

NUM_PANELS_KEPT = 16
"""Printed scripts kept in memory: one of a 90-minute film is about a megabyte and takes a while to print."""


@page("GET")
def show(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """``/assets/<id>/``"""
    return render(request, "omniscript/asset/show.html", context_of(asset_detail(viewer_of(request), asset_id), request))


@page("GET")
def progress(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """The progress box and, once they are there, player and script; 204 while what the page knows (``?known=``) still holds."""
    try:
        detail = asset_detail(viewer_of(request), asset_id)
    except NotFoundError:
        return HttpResponse(status=286)  # htmx: stop asking
    job = _job(viewer_of(request), detail)
    if request.GET.get("known") == _known(detail, job):
        return HttpResponse(status=204)
    context = context_of(detail, request)
    known_media, _, known_script = request.GET.get("has", "").partition("-")
    context["swap_stage"] = known_media != _media_name(detail) or known_script != str(detail.revision)
    context["swap_script"] = known_script != str(detail.revision) or not job or not job.row.is_active
    return render(request, "omniscript/asset/progress_swap.html", context)


@page("GET", "POST")
def delete(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """What would be lost, with a button; the button's post takes the asset out and leads to the library."""
    viewer = viewer_of(request)
    loss = loss_of(viewer, asset_id)
    if request.method == "POST":
        assets.delete_asset(viewer, get_asset(viewer, asset_id))
        return HttpResponseRedirect(reverse("omniscript:library"))
    return render(request, "omniscript/asset/delete.html", {"asset_id": asset_id, "loss": loss})


@page("GET")
def captions(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """The dialogue as WebVTT."""
    script = current_scripts(viewer_of(request), [asset_id]).get(str(asset_id))
    if script is None:
        return HttpResponse("There are no captions yet.", status=404, content_type="text/plain; charset=utf-8")
    response = HttpResponse(export("vtt", Deliverable.of(script)), content_type=format_named("vtt").media_type)
    response["Cache-Control"] = "private, no-cache"
    return response


def context_of(detail: AssetDetail, request: HttpRequest) -> dict[str, Any]:
    """Everything that the asset's page and its parts print."""
    viewer, script = viewer_of(request), detail.script
    job = _job(viewer, detail)
    clock = clock_of(script, detail.media_info)
    duration_s = detail.card.duration_s or (script.meta.duration_s if script else 0.0)
    colours = tones(script) if script else {}
    segments = segments_of_script(viewer, detail.card.id) if script else ()
    written, planned = notes(segments), planner_notes(viewer, detail.card.id) if script else PlannerNotes()
    lines = revision_lines(detail.revisions)
    return {
        "asset": detail.card, "detail": detail, "clock": clock, "duration": seconds_text(duration_s), "duration_s": duration_s, "job": job,
        "known": _known(detail, job), "has": f"{_media_name(detail)}-{detail.revision}",
        "is_sound_only": bool(detail.media_info) and not detail.media_info.get("video"),
        "start_fragment": _start_fragment(request.GET.get("t", ""), clock),
        "timeline": timeline(script, duration_s, clock) if script else None,
        "sheet": sheet_of(detail.sprite_url, detail.sprite),
        "cast": [(person.name, colours[person.id]) for person in script.characters if person.named][:14] if script else [],
        "facts": _facts(detail, clock),
        "panel": _panel(detail.card.id, detail.revision, duration_s, clock, written, planned) if script else "",
        "script": script,
        "revisions": lines, "current": lines[0] if lines else None, "steps": steps_of(viewer, detail.card.id),
        "unread_subtitles": [row.name for row in detail.sidecars if not row.is_read],
        "num_waiting": num_waiting(viewer, detail.card.id) if script else 0,
        "degraded": [note for note in written if note.fault], "num_segments": len(written),
        "spent": spent(spending_of_script(viewer, detail.card.id)) if script else "",
        "collections": collections(viewer), "next_writer": writer_of(viewer, detail.card.id),
        "notes": list(dict.fromkeys([*detail.media_info.get("notes", []), *(script.meta.notes if script else [])])),
    }  # fmt: skip


@lru_cache(maxsize=NUM_PANELS_KEPT)
def _panel(
    asset_id: str, revision: int, duration_s: float, clock: Clock, written: tuple[SegmentNote, ...], planned: PlannerNotes
) -> SafeString:
    """The script's panes. A revision never changes, so what was printed once stays right, for everybody who was given its number."""
    context = panel_context(script_revision(SYSTEM, asset_id, revision), duration_s, clock, asset_id, written, planned)
    return mark_safe(render_to_string("omniscript/asset/panel.html", context))  # noqa: S308 - printed by a template that escapes


def panel_context(
    script: Script,
    duration_s: float,
    clock: Clock,
    asset_id: str = "",
    written: tuple[SegmentNote, ...] = (),
    planned: PlannerNotes = PlannerNotes(),  # noqa: B008 - frozen
) -> dict[str, Any]:
    """What the panes print."""
    return {
        "scenes": screenplay(script, clock), "plot": plot(script, clock, written, planned.continuity),
        "profiles": profiles(script, duration_s, clock, planned.people),
        "picture": picture(script), "high_points": high_points(script, clock), "asset_id": asset_id,
        "num_events": sum(len(scene.events) for scene in script.scenes),
    }  # fmt: skip


def person_context(viewer: Viewer, detail: AssetDetail, script: Script, character_id: str) -> dict[str, Any]:
    """What one profile prints."""
    clock, duration_s = clock_of(script, detail.media_info), detail.card.duration_s or script.meta.duration_s
    people = profiles(script, duration_s, clock, planner_notes(viewer, detail.card.id).people)
    return {"asset_id": detail.card.id, "person": next(person for person in people if person.id == character_id)}


def _job(viewer: Viewer, detail: AssetDetail) -> JobLine | None:
    row = detail.card.job
    if row is None:
        return None
    return job_line(row, job_detail(viewer, row.id) if row.state != "done" else None)


def _known(detail: AssetDetail, job: JobLine | None) -> str:
    return digest(repr((job.digest if job else "", job.live if job else "", _media_name(detail), detail.revision)))


def _media_name(detail: AssetDetail) -> str:
    """Names the files that the player uses, so that the page knows when to take the player anew."""
    return digest("".join((detail.proxy_url, detail.poster_url, detail.sprite_url, detail.waveform_url)))


def _start_fragment(text: str, clock: Clock) -> str:
    """``#t=12.3`` for the film's address, so that ``?t=12.3`` works without scripts too."""
    try:
        return f"#t={seconds_text(float(text))}" if text and 0 <= float(text) < 1e6 else ""
    except ValueError:
        return ""


def _facts(detail: AssetDetail, clock: Clock) -> list[str]:
    info = detail.media_info
    video = info.get("video") or {}
    audio = info.get("audio") or []
    facts = []
    if video.get("width_px") and video.get("height_px"):
        facts.append(f"{video['width_px']} × {video['height_px']}")
    if clock.rate_text:
        facts.append(f"{clock.rate_text} fps")
    if start := clock.start_timecode or ("" if video else str(info.get("start_timecode") or "")):
        facts.append(f"starts at {start}")
    codecs = [str(stream.get("codec", "")).upper() for stream in ([video] if video else []) + list(audio[:1]) if stream.get("codec")]
    if codecs:
        facts.append(" / ".join(codecs))
    return facts

"""One character of a script: its form in place of its profile, and what a person changes: names, looks, who is who, and back again."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from omniscript_mam.errors import AppError, ConflictError, NotFoundError, RevisionConflictError, SameNameError, describe
from omniscript_mam.http_status import status_of
from omniscript_mam.script import Character, Script
from omniscript_mam.selectors.assets import AssetDetail, asset_detail, get_asset, script_revision
from omniscript_mam.selectors.people import merge_preview
from omniscript_mam.services.archive import characters
from omniscript_mam.viewer import Viewer, viewer_of

from ..presentation.values import tones
from .asset import context_of, person_context
from .pages import number, page, render


@page("GET", "POST")
def edit(request: HttpRequest, asset_id: uuid.UUID, character_id: str) -> HttpResponse:
    """``/assets/<id>/characters/<id>/``: the form (``?show=1``: the profile again); posted, a new revision with what was changed."""
    viewer = viewer_of(request)
    detail, script, person = _find(viewer, asset_id, character_id, number(request.POST.get("revision"), 0))
    if request.method == "GET":
        if "show" in request.GET:
            return render(request, "omniscript/asset/person.html", person_context(viewer, detail, script, character_id))
        return _form(request, detail, script, person, _fields_of(person))
    try:
        if request.POST.get("verb") == "merge" and request.POST.get("into") and not request.POST.get("sure"):
            return _form(request, detail, script, person, _typed(request, person))
        kept = _apply(request, asset_id, person)
    except RevisionConflictError as error:
        return _form(request, detail, script, person, _both(request, asset_id, person, error), error)
    except AppError as error:
        return _form(request, detail, script, person, _typed(request, person), error)
    return edited(request, asset_id, kept)


def _find(viewer: Viewer, asset_id: uuid.UUID, character_id: str, seen: int) -> tuple[AssetDetail, Script, Character]:
    detail = asset_detail(viewer, asset_id)
    person = detail.script.character(character_id) if detail.script else None
    if person is None and detail.script is not None and seen:  # has another id by now: somebody named them since the form was made
        person = script_revision(viewer, asset_id, seen).character(character_id)
    if detail.script is None or person is None:
        raise NotFoundError(f"There is no character {character_id}.", remedy="Look at the asset's page again.")
    return detail, detail.script, person


def _apply(request: HttpRequest, asset_id: uuid.UUID, person: Character) -> str:
    """Do what the form asks for; returns the id of the person that is shown afterwards."""
    viewer = viewer_of(request)
    asset, revision = get_asset(viewer, asset_id), number(request.POST.get("revision"), 0)
    if request.POST.get("verb") == "merge":
        into = request.POST.get("into", "")
        if not into:
            raise ConflictError("Nobody was chosen.", remedy="Choose who this is the same person as.")
        return characters.merge_characters(viewer, asset, person.id, into, revision=revision).part_id
    aliases = [alias.strip() for alias in request.POST.get("aliases", "").split(",") if alias.strip()]
    changes = {name: request.POST.get(name, "").strip() for name in characters.TEXTS}
    return characters.edit_character(
        viewer, asset, person.id, texts=changes, aliases=aliases, revision=revision,
        same_name=bool(request.POST.get("same_name")),
    ).part_id  # fmt: skip


def _typed(request: HttpRequest, person: Character) -> dict[str, str]:
    """What the form holds, as it was sent."""
    return {**_fields_of(person), **{name: str(value) for name, value in request.POST.items()}}


def _both(request: HttpRequest, asset_id: uuid.UUID, person: Character, error: RevisionConflictError) -> dict[str, str]:
    """The form on the present revision: what the person changed as they typed it, everything else as it is now."""
    sent, now = _typed(request, person), _fields_of(person)
    try:
        seen = script_revision(viewer_of(request), asset_id, number(request.POST.get("revision"), 0)).character(person.id)
    except NotFoundError:
        seen = None
    before = _fields_of(seen) if seen else now
    kept = {name: now[name] if sent[name] == before[name] else sent[name] for name in now}
    return {**sent, **kept, "revision": str(error.revision)}


def _fields_of(person: Character) -> dict[str, str]:
    return {name: getattr(person, name) for name in characters.TEXTS} | {"aliases": ", ".join(person.aliases)}


def _form(
    request: HttpRequest, detail: AssetDetail, script: Script, person: Character, fields: dict[str, str], error: AppError | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "asset_id": detail.card.id, "person": person, "revision": fields.get("revision") or detail.revision, "fields": fields,
        "tone": tones(script).get(person.id, "tone-none"), "others": [other for other in script.characters if other.id != person.id],
        "problem": describe(error) if error else None, "conflicts": error.conflicts if isinstance(error, RevisionConflictError) else [],
        "same": error if isinstance(error, SameNameError) else None, "merge": None,
    }  # fmt: skip
    if fields.get("verb") == "merge" and fields.get("into") and error is None:
        context["merge"] = merge_preview(viewer_of(request), detail.card.id, person.id, fields["into"])
    is_part = bool(request.headers.get("HX-Request"))
    return render(
        request,
        "omniscript/asset/person_form.html" if is_part else "omniscript/asset/person_page.html",
        context,
        status=status_of(error) if error else 200,
    )


def edited(request: HttpRequest, asset_id: uuid.UUID, person_id: str) -> HttpResponse:
    """For htmx the parts of the page that show names; else back to the asset's page."""
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(reverse("omniscript:asset", args=[asset_id]) + (f"#person-{person_id}" if person_id else "#characters"))
    response = render(request, "omniscript/asset/edited.html", context_of(asset_detail(viewer_of(request), asset_id), request))
    if person_id:
        response["HX-Trigger-After-Settle"] = json.dumps({"mam:person": {"person": person_id}})
    response["HX-Reswap"] = "none"
    return response

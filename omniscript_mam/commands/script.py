"""``omniscript script ASSET``: the script as a readable page, as our JSON, or as the authors' JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omniscript_mam.script import ENVIRONMENT_ID

from .common import clock, start_django

if TYPE_CHECKING:
    from omniscript_mam.script import Event, Scene, Script


@click.command(name="script")
@click.argument("asset")
@click.option("--json", "style", flag_value="json", help="Our JSON, without loss.")
@click.option("--official", "style", flag_value="official", help="The JSON that the authors of the paper publish.")
@click.option("--text", "style", flag_value="text", default=True, help="A page to read (default).")
def command(asset: str, style: str) -> int:
    """Show the script of an asset, named by id, the beginning of its id, or its title."""
    start_django()
    from omniscript_mam.api.views import script_text
    from omniscript_mam.errors import NotFoundError
    from omniscript_mam.selectors.assets import current_script
    from omniscript_mam.selectors.library import find_asset

    found = find_asset(asset)
    script = current_script(found.id)
    if script is None:
        raise NotFoundError(f"“{found.title}” has no script yet.", remedy="`omniscript jobs` shows how far its job is.")
    click.echo(page(script, found.title) if style not in ("json", "official") else script_text(script, style))
    return 0


def page(script: Script, title: str) -> str:
    """A script as text: slug lines, then each event with its time."""
    lines = [title.upper(), ""]
    if script.meta.description:
        lines += [script.meta.description, ""]
    for number, scene in enumerate(script.scenes, start=1):
        lines += [f"{number}. {_slug(scene)}   [{clock(scene.start_s)} – {clock(scene.end_s)}]"]
        for event in scene.events:
            lines += _event(script, event)
        lines.append("")
    return "\n".join(lines)


def _slug(scene: Scene) -> str:
    kind = {"Interior": "INT.", "Exterior": "EXT.", "Interior/Exterior": "INT./EXT."}.get(str(scene.type or ""), "")
    place = " ".join(part for part in (kind, scene.location.upper()) if part) or "SCENE"
    return " - ".join(part for part in (place, scene.time.upper(), scene.mood) if part)


def _event(script: Script, event: Event) -> list[str]:
    name = script.character_name(event.character_id)
    voice = f" ({event.voice_type})" if event.voice_type and event.voice_type != "OnScreen" else ""
    lines = []
    if event.dialogue:
        manner = f" ({event.expression})" if event.expression else ""
        lines.append(f"   {clock(event.start_s):>9}  {name.upper()}{voice}{manner}: {event.dialogue}")
    elif event.expression:
        lines.append(f"   {clock(event.start_s):>9}  {name}: {event.expression}")
    for text in (event.action, event.audio_cue and f"[{event.audio_cue}]", event.on_screen_text and f"“{event.on_screen_text}” on screen"):
        if text:
            told = f"{name} {text[0].lower()}{text[1:]}" if text == event.action and event.character_id != ENVIRONMENT_ID else text
            lines.append(f"   {clock(event.start_s):>9}  {told}")
    return lines

"""The pictures in ``docs/screenshots``: ``python -m tests.browser.screenshots [--media FOLDER]``.

Takes three free films into a fresh archive, one of them with a script written by hand in the manner of the lite writer, puts two
jobs into states that one wants to see, serves the pages and photographs them, dark and light. ``--media`` holds
``sintel_trailer-720p.mp4``, ``tears-of-steel-battle-clip-medium.webm``, ``steamboat_willie_28s.mp4``, ``friday.mp4`` and ``manifesto.mp4``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from omniscript_mam.viewer import EVERYBODY

ROOT = Path(__file__).resolve().parents[2]
WIDE, NARROW = (1440, 900), (390, 844)


@dataclass(frozen=True)
class Shot:
    """One picture: where, how large, and what is done before."""

    name: str
    address: str
    size: tuple[int, int] = WIDE
    themes: tuple[str, ...] = ("dark", "light")
    before: Callable = field(default=lambda page: None)


def main() -> int:
    """Make every picture; the exit status is 1 where footage is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__.splitlines()[0])
    parser.add_argument("--media", type=Path, default=ROOT.parent / "shared" / "media")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "screenshots")
    arguments = parser.parse_args()
    if not (arguments.media / "sintel_trailer-720p.mp4").is_file():
        print(f"There is no footage in {arguments.media}; name its folder with --media.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {
            "OMNISCRIPT_DATA_DIR": data,
            "OMNISCRIPT_EMBEDDER": "none",
            "DJANGO_SETTINGS_MODULE": "omniscript_mam.config.settings",
        }
        os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        import django

        django.setup()
        sintel = fill(arguments.media)
        photograph(serve(), sintel, arguments.output)
    return 0


def fill(media: Path) -> str:
    """A small archive; returns the id of the film with the script."""
    from django.core.management import call_command

    from omniscript_mam.models import Job, Segment, State, Step
    from omniscript_mam.services.archive import assets, collections
    from omniscript_mam.services.jobs import ingest

    from .footage import harbour_script
    from .sintel import sintel_script
    from .stage import add_renditions, take_in

    call_command("migrate", verbosity=0)
    take_in(media / "tears-of-steel-battle-clip-medium.webm", "Tears of Steel, battle", harbour_script(), indexed=False)
    take_in(media / "steamboat_willie_28s.mp4", "Steamboat Willie", harbour_script(), indexed=False)
    sintel = take_in(media / "sintel_trailer-720p.mp4", "Sintel, trailer", sintel_script())
    trailers = collections.create_collection(EVERYBODY, "Trailers", description="Short films that sell long ones", writer="lite")
    collections.move_assets(EVERYBODY, [str(sintel.id)], trailers.id)
    busy, _ = assets.register_upload(EVERYBODY, media / "manifesto.mp4", "manifesto.mp4", title="Manifesto, audio book")
    add_renditions(busy, media / "manifesto.mp4")
    job = ingest.enqueue(EVERYBODY, busy)
    Step.objects.filter(job=job, position__lt=5).update(state=State.DONE, progress=1.0)
    Step.objects.filter(job=job, name="write").update(state=State.RUNNING, progress=0.5, message="Segment 2 of 3")
    Job.objects.filter(id=job.id).update(state=State.RUNNING, progress=0.64)
    states = ("done", "running", "queued")
    Segment.objects.bulk_create(
        [
            Segment(job=job, index=n, start_s=30 * n, end_s=30 * n + 30, state=state, writer="" if state == "queued" else "lite")
            for n, state in enumerate(states)
        ]
    )
    failed, _ = assets.register_upload(EVERYBODY, media / "friday.mp4", "friday.mp4", title="His Girl Friday")
    add_renditions(failed, media / "friday.mp4")
    Job.objects.filter(id=ingest.enqueue(EVERYBODY, failed).id).update(
        state=State.FAILED,
        progress=0.1,
        error="The film cannot be decoded after 0:03.",
        remedy="It was not copied completely: copy it again from its source.",
    )
    return str(sintel.id)


def serve() -> str:
    """The pages, on a free port of this machine."""
    from waitress import create_server

    from omniscript_mam.config.wsgi import application

    server = create_server(application, host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}"


def photograph(address: str, asset_id: str, output: Path) -> None:
    """Every shot in every theme."""
    from playwright.sync_api import sync_playwright

    from tests.chromium import launch

    output.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for shot in shots(asset_id):
            for theme in shot.themes:
                context = browser.new_context(
                    base_url=address, viewport={"width": shot.size[0], "height": shot.size[1]}, color_scheme=theme, reduced_motion="reduce"
                )
                page = context.new_page()
                page.goto(shot.address)
                page.wait_for_timeout(700)
                shot.before(page)
                page.wait_for_timeout(500)
                page.screenshot(path=output / f"{shot.name}-{theme}.png")
                context.close()
        browser.close()


def shots(asset_id: str) -> list[Shot]:
    """What the documentation shows."""
    film = f"/assets/{asset_id}/"

    def play_hit(page) -> None:
        page.locator(".hit-thumb").nth(2).click()
        page.wait_for_timeout(1200)
        page.evaluate("document.querySelector('[data-dock] video').pause()")
        page.wait_for_timeout(2600)

    def scrub(page) -> None:
        box = page.locator("[data-track]").bounding_box()
        page.mouse.move(box["x"] + 0.62 * box["width"], box["y"] + 14)

    return [
        Shot("library", "/"),
        Shot("asset", film + "?t=18.9", before=scrub),
        Shot("characters", film + "?t=12.4", before=lambda page: page.click("#tab-characters")),
        Shot("search", "/search/?q=Sintel+at+night", before=play_hit),
        Shot("jobs", "/jobs/", themes=("light",)),
        Shot("library-phone", "/", NARROW),
        Shot("asset-phone", film + "?t=18.9", NARROW, before=lambda page: page.mouse.wheel(0, 430)),
        Shot("search-phone", "/search/?q=Sintel+at+night", NARROW, ("dark",)),
    ]


if __name__ == "__main__":
    sys.exit(main())

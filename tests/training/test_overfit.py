"""The model can learn: taught a handful of rendered films, it writes their scripts back, and it takes the words from the sound.

All films of one story have the same pictures to the bit (:mod:`.films`), so that whatever is right about their different words is heard.
"""

import math

import numpy as np
import pytest
import torch

from training.films import DIALOGUES, STORIES, dubbed, muted, render_lessons
from training.overfit import new_pupil, score, surprise, teach, write

pytestmark = [pytest.mark.learning, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """A tiny model is slower on several threads, and its sums differ."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def lessons(tmp_path_factory):
    return render_lessons(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def pupil(lessons, tmp_path_factory):
    pupil = new_pupil(tmp_path_factory.mktemp("model"), lessons)
    teach(pupil, lessons)
    return pupil


@pytest.fixture(scope="module")
def result(pupil, lessons):
    return score(lessons, write(pupil, lessons))


def test_the_pictures_of_a_story_do_not_tell_its_words(lessons):
    for story in range(len(STORIES)):
        versions = [lesson for lesson in lessons if lesson.story == story]
        assert len({lesson.script.scenes[0].events[2].dialogue for lesson in versions}) == len(DIALOGUES)
        assert all(np.array_equal(a.image, b.image) for lesson in versions for a, b in zip(versions[0].frames, lesson.frames, strict=True))
        assert not np.array_equal(versions[0].sound, versions[1].sound)


def test_it_writes_back_the_scripts_of_what_it_saw(result):
    assert result.num_unreadable == 0
    assert result.events >= 0.9
    assert result.scenes >= 0.9
    assert all(count.f1 >= 0.9 for count in result.score.events.fields.values())
    assert result.score.events.time.tiou(0.5) >= 0.9


def test_without_sound_the_pictures_are_still_told_but_the_words_are_gone(pupil, lessons, result):
    mute = score(lessons, write(pupil, [muted(lesson) for lesson in lessons]))
    assert mute.num_unreadable == 0
    assert mute.score.events.fields["action"].f1 >= 0.9
    assert mute.dialogue <= 0.5 * result.dialogue


def test_the_words_follow_the_sound_not_the_picture(pupil, lessons, result):
    """The films of a story with each other's sound: wrong by their own scripts, right by the sound's."""
    others = [next(o for o in lessons if (o.story, o.dialogue) == (e.story, (e.dialogue + 1) % len(DIALOGUES))) for e in lessons]
    texts = write(pupil, [dubbed(lesson, other) for lesson, other in zip(lessons, others, strict=True)])
    assert score(lessons, texts).dialogue <= 0.5 * result.dialogue
    assert score(others, texts).dialogue >= 0.9


def test_the_answer_is_known_with_sound_and_guessed_without(pupil, lessons):
    guess = math.log(len(DIALOGUES))
    assert surprise(pupil, lessons) < 0.8 * guess
    assert surprise(pupil, [muted(lesson) for lesson in lessons]) >= guess

"""The dialogue measures, on transcripts small enough to count by hand."""

import math

import pytest

from eval.dialogue import DialogueScore, SpokenLine, evaluate, words

REFERENCE = [
    SpokenLine(1.0, 2.0, "Anna", "Where were you last night?"),
    SpokenLine(3.0, 4.0, "Tom", "I was at the harbour."),
    SpokenLine(5.0, 6.0, "Anna", "I don't believe you!"),
]


def test_a_transcript_against_itself_is_perfect():
    score = evaluate(REFERENCE, REFERENCE)
    assert score == DialogueScore(14, 0, 3, 3, 3, 0, 3, 3, 3)
    assert (score.word_error_rate, score.in_time, score.purity, score.coverage) == (0, 1, 1, 1)


def test_words_fold_case_punctuation_and_split_ideographs():
    assert words("Don’t STOP—now, 你好 ok!") == ["dont", "stop", "now", "你", "好", "ok"]


def test_errors_are_counted_over_the_whole_film():
    estimate = [
        SpokenLine(1.6, 2.0, "a", "Where were you last light?"),  # one substitution, 0.6 s late
        SpokenLine(3.2, 4.0, "a", "I was at the big harbour."),  # one insertion, in time, in Anna's cluster
        SpokenLine(5.0, 6.0, "a", "believe you"),  # two deletions
        SpokenLine(9.0, 9.5, "b", "Thanks"),  # one insertion, invented
    ]
    score = evaluate(REFERENCE, estimate)
    assert score.num_word_errors == 1 + 1 + 2 + 1
    assert score.num_in_time == 2
    assert score.num_invented == 1
    assert (score.num_attributed, score.num_pure, score.num_covered) == (3, 2, 3)


def test_no_estimate_means_every_word_is_missed_and_ratios_without_counts_are_undefined():
    score = evaluate(REFERENCE, [])
    assert score.word_error_rate == 1.0
    assert score.in_time == 0.0
    assert math.isnan(score.purity)


def test_scores_add_counts():
    one, two = evaluate(REFERENCE, REFERENCE), evaluate(REFERENCE, [])
    assert (one + two).word_error_rate == 0.5


def test_a_line_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="Line 0 ends at 1"):
        evaluate([SpokenLine(2.0, 1.0, "", "no")], [])

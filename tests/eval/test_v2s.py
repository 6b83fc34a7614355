"""The V2S metrics: the paper's worked example, each equation by hand, properties, and the optimum against brute force."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import fields, temporal
from eval.alignment import AlignmentOptions, Group, candidates, text_score, time_bonus
from eval.alignment import evaluate as align
from eval.characters import Category, categorise, fallback_score
from eval.characters import evaluate as map_characters
from eval.errors import UnitsError
from eval.fields import FieldCount, group_score, items
from eval.fields import evaluate as evaluate_fields
from eval.inputs import ScoredScript, Unit, from_plain
from eval.judges import ExactJudge, LexicalJudge
from eval.score import Judges, evaluate
from eval.temporal import THRESHOLDS, TemporalCount, group_interval, interval_iou
from omniscript_mam.script import ScriptValidationError


def unit(start_s, end_s, character="", **texts):
    filled = {key: text for key, text in texts.items() if text}
    return Unit(start_s, end_s, {**filled, **({"character": character} if character else {})}, character)


def script(*events):
    return ScoredScript(tuple(sorted(events, key=lambda e: (e.start_s, e.end_s))), (), {e.character: e.character for e in events})


class TestWorkedExample:
    """Section 4.1.3: two officers' actions against one reference event."""

    ref = [unit(5, 15, "officers", action="secure the perimeter and enter the building")]
    est = [unit(4, 8, "officer a", action="secures the perimeter"), unit(9, 14, "officer b", action="enters the building")]

    def test_intervals_are_merged(self):
        assert group_interval(self.est) == (4, 14)
        assert group_interval(self.ref) == (5, 15)

    def test_items_are_listed_by_character(self):
        assert items(self.ref, "action") == ["secure the perimeter and enter the building"]
        assert items(self.est, "action") == ["secures the perimeter", "enters the building"]

    def test_the_group_scores_the_best_pair(self):
        assert group_score([[0.90, 0.85]]) == pytest.approx(0.90)

    def test_denominators_count_every_item(self):
        class Given:
            name = "given"

            def prepare(self, field, pairs):
                pass

            def matrix(self, field, ref_items, est_items):
                return [[0.90, 0.85]]

        count = evaluate_fields(self.ref, self.est, [Group(range(1), range(2), 1.0)], {"action": Given()})["action"]
        assert count == FieldCount(pytest.approx(0.90), 1, 2)
        assert (count.precision, count.recall) == (pytest.approx(0.45), pytest.approx(0.90))


class TestEquations:
    def test_eq_2_weighs_dialogue_five_to_three(self):
        # "abcd" against "abcx": 3 of 4; equal actions: 1
        assert text_score(("abcd", "run"), ("abcx", "run"), (5, 3)) == pytest.approx((5 * 0.75 + 3) / 8)

    def test_eq_2_renormalises_over_fields_present(self):
        assert text_score(("abcd", ""), ("abcx", ""), (5, 3)) == pytest.approx(0.75)
        assert text_score(("abcd", "run"), ("abcd", ""), (5, 3)) == pytest.approx(5 / 8)
        assert text_score(("", ""), ("", ""), (5, 3)) == 0

    def test_eq_3_decays_over_fifteen_seconds(self):
        options = AlignmentOptions()
        assert time_bonus(0, options) == pytest.approx(0.1)
        assert time_bonus(15, options) == pytest.approx(0.1 / math.e)

    def test_eq_4_halves_overlap_and_spelling(self):
        # intervals share 2 of 6 seconds; "cop" against "cup": 2 of 3
        assert fallback_score("cop", "cup", [unit(0, 4)], [unit(2, 6)]) == pytest.approx(0.5 * 2 / 6 + 0.5 * 2 / 3)

    def test_eq_5_from_sums(self):
        count = FieldCount(1.5, 2, 4) + FieldCount(0.5, 3, 1)
        assert (count.recall, count.precision) == (pytest.approx(2 / 5), pytest.approx(2 / 5))
        assert count.f1 == pytest.approx(2 / 5)
        assert FieldCount().f1 == 0

    def test_eq_6_and_7_count_left_overs(self):
        count = TemporalCount({t: 2 for t in THRESHOLDS}, num_aligned=2, num_missed=2, num_invented=1)
        assert (count.precision(0.1), count.recall(0.1)) == (pytest.approx(2 / 3), pytest.approx(1 / 2))
        assert count.tiou(0.1) == pytest.approx(2 * (2 / 3) * (1 / 2) / (2 / 3 + 1 / 2))

    def test_intervals_without_length(self):
        assert interval_iou((3, 3), (3, 3)) == 1
        assert interval_iou((3, 3), (4, 4)) == 0


WORDS = ["run", "jump", "open the door", "no", "where are you", "stay here", "look", "fire"]
events = st.builds(
    lambda start, length, who, line, act: unit(start, start + length, who, dialogue=line, action=act or ("" if line else "waits")),
    st.integers(0, 120),
    st.integers(0, 8),
    st.sampled_from(["anna", "tom", "the cop"]),
    st.sampled_from([*WORDS, ""]),
    st.sampled_from([*WORDS, ""]),
)
scripts = st.lists(events, min_size=1, max_size=12).map(lambda found: script(*found))


def brute_force(ref, est, options):
    found = list(candidates(ref, est, options))

    def best(i, j):
        choices = [g.score + best(g.ref.stop, g.est.stop) for g in found if g.ref.start >= i and g.est.start >= j]
        return max(choices, default=0.0)

    return best(0, 0)


class TestProperties:
    @given(scripts)
    def test_a_script_against_itself_is_perfect(self, one):
        score = evaluate(one, one)
        assert all(c.f1 == pytest.approx(1) for c in score.events.fields.values() if c.is_present)
        assert all(score.events.time.tiou(t) == 1 for t in THRESHOLDS)

    def test_beyond_thirty_seconds_nothing_aligns(self):
        one = script(unit(100, 104, "anna", dialogue="run"))
        assert evaluate(one, script(unit(134, 138, "anna", dialogue="run"))).events.time.num_aligned == 1
        assert evaluate(one, script(unit(134.1, 138, "anna", dialogue="run"))).events.time.num_aligned == 0

    @given(scripts, st.randoms())
    def test_the_order_of_the_input_does_not_matter(self, one, random):
        rows = [{"start": e.start_s, "end": e.end_s, **e.texts} for e in one.events]
        shuffled = random.sample(rows, len(rows))
        first, second = (from_plain({"scenes": [{"start": 0, "end": 200, "events": r}]}) for r in (rows, shuffled))
        assert first == second

    @given(scripts, scripts, scripts, scripts)
    @settings(max_examples=30)
    def test_corpora_add_counts(self, a, b, c, d):
        total = evaluate(a, b) + evaluate(c, d)
        assert total.events.fields["dialogue"] == evaluate(a, b).events.fields["dialogue"] + evaluate(c, d).events.fields["dialogue"]

    @given(
        st.lists(events, min_size=1, max_size=5).map(sorted_events := lambda x: script(*x).events),
        st.lists(events, min_size=1, max_size=5).map(sorted_events),
    )
    @settings(max_examples=60, deadline=None)
    def test_the_alignment_is_the_optimum(self, ref, est):
        options = AlignmentOptions(max_group=3)
        assert sum(g.score for g in align(ref, est, options)) == pytest.approx(brute_force(ref, est, options))

    @given(scripts, scripts)
    def test_every_unit_is_in_exactly_one_group(self, ref, est):
        groups = align(ref.events, est.events)
        assert sorted(i for g in groups for i in g.ref) == list(range(len(ref.events)))
        assert sorted(j for g in groups for j in g.est) == list(range(len(est.events)))
        aligned = [g for g in groups if g.is_aligned]
        assert all(a.ref.stop <= b.ref.start and a.est.stop <= b.est.start for a, b in itertools.pairwise(aligned))


class TestOmissionsAndInventions:
    film = script(*(unit(40 * i, 40 * i + 3, "anna", dialogue=f"{word} number {i}") for i, word in enumerate(WORDS)))

    def test_dropping_events_lowers_recall_only(self):
        count = evaluate(self.film, script(*self.film.events[:5])).events.fields["dialogue"]
        assert (count.precision, count.recall) == (1, pytest.approx(5 / 8))

    def test_inventing_events_lowers_precision_only(self):
        invented = [unit(1000 + 40 * i, 1003 + 40 * i, "anna", dialogue="made up") for i in range(8)]
        count = evaluate(self.film, script(*self.film.events, *invented)).events.fields["dialogue"]
        assert (count.precision, count.recall) == (pytest.approx(1 / 2), 1)


class TestCharacters:
    @pytest.mark.parametrize(
        ("name", "category"),
        [
            ("John", Category.PROPER),
            ("John Smith", Category.PROPER),
            ("Officer Smith", Category.PROPER),
            ("the officer", Category.SINGULAR),
            ("Man in black", Category.SINGULAR),
            ("Police officer", Category.SINGULAR),
            ("cops", Category.PLURAL),
            ("Thieves", Category.PLURAL),
            ("小明", Category.PROPER),
            ("黑衣人", Category.SINGULAR),
            ("士兵们", Category.PLURAL),
        ],
    )
    def test_categories(self, name, category):
        assert categorise(name) is category

    def test_part_of_a_proper_name_is_equal(self):
        found = map_characters([unit(0, 1, "john smith")], [unit(50, 51, "john")], {"john smith": "John Smith", "john": "John"})
        assert found.names == {"john": "john smith"}

    def test_fallback_ties_a_role_to_a_name_by_time_but_never_two_names(self):
        ref = [unit(0, 4, "john"), unit(10, 14, "mary")]
        est = [unit(0, 4, "the officer"), unit(10, 14, "susan")]
        found = map_characters(ref, est, {"john": "John", "mary": "Mary", "the officer": "the officer", "susan": "Susan"})
        assert found.names == {"the officer": "john"}

    def test_a_judge_of_characters_is_asked_for_the_names_in_use_and_may_decline(self):
        ref, est = script(unit(0, 4, "jin", dialogue="no")), script(unit(0, 4, "boss", dialogue="no"))
        asked = []

        def judge(ref_names, est_names):
            asked.append((ref_names, est_names))
            return ({"boss": "jin"}, {"boss": Category.PROPER}) if len(asked) == 1 else None

        judges = Judges.of(LexicalJudge(), judge)
        assert evaluate(ref, est, judges).characters.reasons == {"boss": "judge"}
        assert evaluate(ref, est, judges).characters.reasons["boss"] != "judge"
        assert asked[0] == (["jin"], ["boss"])

    def test_exact_names_after_mapping(self):
        assert ExactJudge().matrix("character", ["john"], ["john", "jon"]) == [[1.0, 0.0]]


class TestScenes:
    def test_synonyms_of_type_and_time_are_equal(self):
        first = {"scenes": [{"start": 0, "end": 9, "type": "Ext", "time": "early morning", "location": "Harbour"}]}
        second = {"scenes": [{"start": 0, "end": 9, "type": "外景", "time": "Dawn", "location": "harbour"}]}
        score = evaluate(from_plain(first), from_plain(second))
        assert [score.scenes.fields[name].f1 for name in ("location", "type", "time")] == [1, 1, 1]
        assert score.to_data()["scenes"]["mood"] is None

    def test_known_texts_that_differ_score_nothing(self):
        first, second = ({"scenes": [{"start": 0, "end": 9, "time": t, "location": "x"}]} for t in ("Night", "Day"))
        assert evaluate(from_plain(first), from_plain(second)).scenes.fields["time"].f1 == 0


class TestBadInput:
    @pytest.mark.parametrize(
        ("document", "path"),
        [
            ({"scenes": [{"start": 3, "end": 1}]}, "scenes[0].end"),
            ({"scenes": [{"start": 0, "end": 5}, {"start": 4, "end": 9}]}, "scenes[1].start"),
            ({"scenes": [{"start": 0, "end": 5, "events": [{"start": 4, "end": 9, "dialogue": "x"}]}]}, "scenes[0].events[0]"),
            ({"scenes": [{"start": 0, "end": float("nan")}]}, "scenes[0].end"),
            ({"scenes": [{"start": 0, "end": 5, "colour": "red"}]}, "scenes[0].colour"),
            ({"scenes": [{"start": 0, "end": 5, "mood": 3}]}, "scenes[0].mood"),
            ({"scenes": 7}, "scenes"),
            ({"scenes": ["x"]}, "scenes[0]"),
        ],
    )
    def test_faults_have_a_path(self, document, path):
        with pytest.raises(ScriptValidationError) as caught:
            from_plain(document)
        assert path in [fault.path for fault in caught.value.faults]

    def test_empty_scripts_have_a_defined_score(self):
        score = evaluate(ScoredScript(), ScoredScript(), Judges.lexical())
        assert score.events.overall == 0
        assert score.to_data()["events"]["dialogue"] is None
        assert LexicalJudge().matrix("action", [], []) == []


class TestWhatIsRefused:
    def test_groups_that_are_not_the_whole_alignment(self):
        ref, est = [unit(0, 1, "a", action="waves")], [unit(0, 1, "a", action="waves"), unit(2, 3, "b", action="sits")]
        groups = align(ref, est)
        for metric in (fields.validate, temporal.validate):
            metric(ref, est, groups)
            with pytest.raises(UnitsError, match="1 of 2 units of the estimate"):
                metric(ref, est, [group for group in groups if group.is_aligned])
            with pytest.raises(UnitsError, match="or one twice"):
                metric(ref, est, [*groups, groups[0]])

    def test_names_that_are_not_folded(self):
        with pytest.raises(UnitsError, match="'Tom' is not folded"):
            map_characters([], [], {}, initial={"tom": "Tom"})

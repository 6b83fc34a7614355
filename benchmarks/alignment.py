"""How fast two scripts are aligned, and how much the 30 s window saves against the plain table over all pairs.

    python benchmarks/alignment.py [--events 420 1700]

Made-up scripts at the benchmark's density (14.1 events a minute), seeded. The plain version visits every pair and fills the whole table
(texts are compared only where the times allow it); both find the same greatest sum, which is checked.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from eval.alignment import AlignmentOptions, gap_s, text_score, time_bonus
from eval.alignment import evaluate as align
from eval.inputs import ScoredScript, Unit
from eval.score import Judges, evaluate

EVENTS_PER_MINUTE = 14.1
"""Mean of the paper's benchmark."""
T = TypeVar("T")


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", nargs="+", type=int, default=[420, 1700])
    arguments = parser.parse_args()
    print("| events | aligned and scored | aligned | plain table | plain ÷ ours |")
    print("| --- | --- | --- | --- | --- |")
    for count in arguments.events:
        ref, est = _made_up(count, 1), _made_up(count, 2)
        whole_s, _ = _timed(lambda ref=ref, est=est: evaluate(ScoredScript(ref), ScoredScript(est), Judges.lexical()))
        ours_s, groups = _timed(lambda ref=ref, est=est: align(ref, est))
        plain_s, best = _timed(lambda ref=ref, est=est: plain_sum(ref, est, AlignmentOptions()))
        ours = sum(group.score for group in groups)
        if abs(ours - best) > 1e-6:
            raise SystemExit(f"the two disagree on {count} events: {ours} and {best}")
        print(f"| {count} | {whole_s:.2f} s | {ours_s:.2f} s | {plain_s:.1f} s | {plain_s / ours_s:.0f} |", flush=True)


def plain_sum(ref: Sequence[Unit], est: Sequence[Unit], options: AlignmentOptions) -> float:
    """The greatest sum of S_align by the textbook table over all pairs, without a window."""
    best = [[0.0] * (len(est) + 1) for _ in range(len(ref) + 1)]
    moves = [(1, 1), *((1, n) for n in range(2, options.max_group + 1)), *((n, 1) for n in range(2, options.max_group + 1))]
    for i in range(1, len(ref) + 1):
        for j in range(1, len(est) + 1):
            value = max(best[i - 1][j], best[i][j - 1])
            for rows, columns in moves:
                if rows <= i and columns <= j:
                    gain = _group_score(ref[i - rows : i], est[j - columns : j], options)
                    value = max(value, best[i - rows][j - columns] + gain)
            best[i][j] = value
    return best[-1][-1]


def _group_score(ref: Sequence[Unit], est: Sequence[Unit], options: AlignmentOptions) -> float:
    gaps = [gap_s(a, b) for a in ref for b in est]
    if max(gaps) > options.max_distance_s:
        return float("-inf")
    texts = [[" ".join(filter(None, (unit.text(name) for unit in side))) for name, _ in options.weights] for side in (ref, est)]
    return text_score(*texts, [weight for _, weight in options.weights]) + time_bonus(min(gaps), options)


def _made_up(count: int, seed: int) -> tuple[Unit, ...]:
    generator = random.Random(seed)
    vocabulary = [f"word{i}" for i in range(500)]
    events, now_s = [], 0.0
    for _ in range(count):
        now_s += generator.expovariate(EVENTS_PER_MINUTE / 60)
        texts = {"character": generator.choice(["anna", "tom", "eve"]), "action": " ".join(generator.choices(vocabulary, k=8))}
        if generator.random() < 0.6:
            texts["dialogue"] = " ".join(generator.choices(vocabulary, k=9))
        events.append(Unit(now_s, now_s + 3, texts, texts["character"]))
    return tuple(events)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


if __name__ == "__main__":
    main()

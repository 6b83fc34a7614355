"""Terminal tables in the layout of the paper's: field F1s, Overall and tIoU@0.1, times 100 with one decimal.

The paper's rows stand above a rule, marked as the paper's; ours below it, with the judge named. They are never mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.inputs import SCORED_FIELDS, Unit
from eval.score import LevelScore, ScriptScore
from omniscript_mam.script import SCENE_FIELDS

from .paper import EVENT_COLUMNS, SCENE_COLUMNS, TABLES, PaperRow


@dataclass(frozen=True)
class SystemRow:
    """One of our systems: name (with its protocol's mark) and corpus score."""

    name: str
    score: ScriptScore
    num_films: int


def figures(level: LevelScore, fields: Sequence[str]) -> list[float | None]:
    """Field F1s, Overall and tIoU@0.1 in [0, 1]; ``None`` for a field that nobody filled."""
    values: list[float | None] = [level.fields[name].f1 if level.fields[name].is_present else None for name in fields]
    return [*values, level.overall, level.time.tiou(0.1)]


def table(number: int, systems: Sequence[SystemRow]) -> str:
    """One of the paper's Tables 1 to 5 with our systems below (2 is scenes, the others events)."""
    scenes = number == 2
    columns = SCENE_COLUMNS if scenes else EVENT_COLUMNS
    rows = [[_paper_name(row), *(f"{x:.1f}" for x in row.figures)] for row in TABLES[number]]
    ours = []
    for system in systems:
        values = figures(system.score.scenes, SCENE_FIELDS) if scenes else figures(system.score.events, SCORED_FIELDS)
        ours.append([f"{system.name} ({system.num_films} films)", *("–" if x is None else f"{100 * x:.1f}" for x in values)])
    header = ["", *columns]
    widths = [max(len(row[i]) for row in [header, *rows, *ours]) for i in range(len(header))]
    judge = systems[0].score.judge if systems else "none"
    lines = [
        f"Table {number}. Reference rows from the paper (its own data and LLM judge):",
        _line(header, widths),
        *(_line(row, widths) for row in rows),
        "─" * (sum(widths) + 2 * len(widths)),
        f"Our figures (judge: {judge}; our data, so not comparable with the rows above):",
        *(_line(row, widths) for row in ours),
    ]
    return "\n".join(lines)


def per_field(score: ScriptScore) -> str:
    """Precision, recall and F1 of every field, and tIoU at every threshold, for one score."""
    lines = [f"judge: {score.judge}"]
    for title, level in (("events", score.events), ("scenes", score.scenes)):
        lines += [f"\n{title:<12}{'P':>7}{'R':>7}{'F1':>7}   items (reference, estimate)"]
        for name, count in level.fields.items():
            unjudged = f"   {count.num_unjudged} pairs unjudged" if count.num_unjudged else ""
            if count.is_present:
                values = "".join(f"{100 * x:7.1f}" for x in (count.precision, count.recall, count.f1))
                lines.append(f"  {name:<10}{values}   {count.num_ref}, {count.num_est}{unjudged}")
            else:
                lines.append(f"  {name:<10}{'–':>7}{'–':>7}{'–':>7}   none{unjudged}")
        time = level.time
        lines.append(f"  {'overall':<10}{100 * level.overall:21.1f}")
        lines.append("  tIoU      " + "  ".join(f"@{t:g} {100 * time.tiou(t):.1f}" for t in time.hits))
        lines.append(f"  groups    {time.num_aligned} aligned, {time.num_missed} missed, {time.num_invented} invented")
    return "\n".join(lines)


def alignment(score: ScriptScore, reference: Sequence[Unit], estimate: Sequence[Unit]) -> str:
    """The event alignment, a block per group, in time order; ``-`` marks a missed line of the reference, ``+`` an invented one."""
    blocks = []
    for group in score.events.groups:
        units = [reference[i] for i in group.ref] or [estimate[j] for j in group.est]
        lines = [f"  {'=' if group.est else '-'} ref {_told(reference[i])}" for i in group.ref]
        lines += [f"  {'=' if group.ref else '+'} est {_told(estimate[j])}" for j in group.est]
        head = f"{score_text(group.score)}" if group.is_aligned else ("missed" if group.ref else "invented")
        blocks.append((units[0].start_s, f"[{head}]\n" + "\n".join(lines)))
    return "\n".join(text for _, text in sorted(blocks))


def score_text(value: float) -> str:
    """A score times 100 with one decimal."""
    return f"{100 * value:.1f}"


def _paper_name(row: PaperRow) -> str:
    size = f"{row.parameters}B" if row.parameters else ""
    return " ".join(part for part in (row.system, size, f"({row.note})" if row.note else "") if part)


def _told(unit: Unit) -> str:
    texts = " | ".join(f"{name}: {text}" for name, text in unit.texts.items() if name != "character")
    return f"{unit.start_s:8.2f}–{unit.end_s:<8.2f} {unit.character or '–'}: {texts}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(cells, widths, strict=True)))

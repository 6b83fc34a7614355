"""The HTML report: an index and a page per film. Plain files: no server, no script, nothing from elsewhere.

The index shows our table beside the paper's rows (marked), radar, curves over duration and recall per field; a film's page shows the
alignment side by side, with matched, missed and invented events on a timeline. Texts come from scripts of strangers and are escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from html import escape
from operator import add
from pathlib import Path

from eval.alignment import Group
from eval.dataset import split_of
from eval.inputs import SCORED_FIELDS, ScoredScript, Unit
from eval.runner import Scored, total
from eval.score import LevelScore, ScriptScore
from omniscript_mam.script import SCENE_FIELDS

from . import drawing
from .tables import SystemRow, score_text, table

STYLE = """
:root{color-scheme:light dark;--ink:#1b1e24;--soft:#666d79;--paper:#fbfbf9;--rule:#d9dbe0;--good:#2f9e6e;--bad:#d1495b;--odd:#e09f3e}
@media (prefers-color-scheme:dark){:root{--ink:#e8e9ec;--soft:#9aa1ad;--paper:#14161a;--rule:#31353d}}
body{font:15px/1.5 system-ui,sans-serif;max-width:1160px;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--paper)}
h1{font-size:1.6rem}h2{margin-top:2rem}a{color:inherit}
pre{overflow:auto;font-size:13px;border:1px solid var(--rule);padding:1rem;border-radius:8px}
.figures{display:flex;flex-wrap:wrap;gap:2rem}.figures figure{margin:0;flex:1 1 420px}figcaption,.soft{color:var(--soft)}
svg{width:100%;height:auto}svg text{font-size:11px;fill:var(--soft)}.ring{fill:none;stroke:var(--rule)}
.area{fill-opacity:.12;stroke-width:2}.line{fill:none;stroke-width:2}
.s0{stroke:#3b7dd8;fill:#3b7dd8}.s1{stroke:#d1495b;fill:#d1495b}.s2{stroke:#2f9e6e;fill:#2f9e6e}
.s3{stroke:#e09f3e;fill:#e09f3e}.s4{stroke:#8e5bd0;fill:#8e5bd0}.s5{stroke:#3aa6b9;fill:#3aa6b9}.line.s0,.line.s1,.line.s2,.line.s3,.line.s4,.line.s5{fill:none}
.matched{fill:var(--good)}.missed{fill:var(--bad)}.invented{fill:var(--odd)}
table{border-collapse:collapse;width:100%}td,th{padding:.4rem .6rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
td.n{font-variant-numeric:tabular-nums;white-space:nowrap}tr.matched td:first-child{border-left:4px solid var(--good)}
tr.missed td:first-child{border-left:4px solid var(--bad)}tr.invented td:first-child{border-left:4px solid var(--odd)}
tr:target{outline:2px solid #3b7dd8}
"""


def write_report(systems: Mapping[str, Sequence[Scored]], folder: Path) -> Path:
    """Write the report of one or more systems over the same data set.

    Args:
        systems: name (with its protocol's mark) → the scored films.

    Returns:
        The index page; beside it are ``scores.json`` and a page per system and film.
    """
    folder.mkdir(parents=True, exist_ok=True)
    totals = {name: total(scored) for name, scored in systems.items()}
    pages = {}
    for number, (name, scored) in enumerate(systems.items()):
        for one in scored:
            page = folder / f"{number}-{_safe(one.sample.name)}.html"
            page.write_text(_film(name, one), encoding="utf-8")
            pages[name, one.sample.name] = page.name
    data = {
        name: {"total": totals[name].to_data(), "films": {one.sample.name: one.score.to_data() for one in scored}}
        for name, scored in systems.items()
    }
    (folder / "scores.json").write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
    index = folder / "index.html"
    index.write_text(_index(systems, totals, pages), encoding="utf-8")
    return index


def _index(systems: Mapping[str, Sequence[Scored]], totals: Mapping[str, ScriptScore], pages: Mapping[tuple[str, str], str]) -> str:
    rows = [SystemRow(name, totals[name], len(scored)) for name, scored in systems.items()]
    judge = next(iter(totals.values())).judge
    legend = " ".join(
        f'<span><svg viewBox="0 0 12 12" style="width:12px"><rect class="bar s{i % 6}" width="12" height="12"/></svg> {escape(name)}</span>'
        for i, name in enumerate(systems)
    )
    axes = [*SCORED_FIELDS, *(f"scene {name}" for name in SCENE_FIELDS)]
    series = {name: [*_f1s(score.events, SCORED_FIELDS), *_f1s(score.scenes, SCENE_FIELDS)] for name, score in totals.items()}
    overall = {name: _by_split(scored) for name, scored in systems.items()}
    recalls = [(field, [score.events.fields[field].recall for score in totals.values()]) for field in SCORED_FIELDS]
    films = "".join(
        f'<tr><td>{escape(name)}</td><td><a href="{page}">{escape(film)}</a></td>{_film_cells(systems[name], film)}</tr>'
        for (name, film), page in pages.items()
    )
    return _page(
        "V2S benchmark",
        f"<p class=soft>Judge: {escape(judge)}. Figures are F1 times 100; corpora add counts. {legend}</p>"
        f"<h2>Events</h2><pre>{escape(table(1, rows))}</pre><h2>Scenes</h2><pre>{escape(table(2, rows))}</pre>"
        f"<div class=figures><figure>{drawing.radar(axes, series)}<figcaption>F1 by field</figcaption></figure>"
        f"<figure>{drawing.curves(overall)}<figcaption>Overall event F1 over the film's duration</figcaption></figure>"
        f"<figure>{drawing.bars(recalls)}<figcaption>Recall by field</figcaption></figure></div>"
        f"<h2>Films</h2><table><tr><th>System<th>Film<th>Overall<th>tIoU@0.1<th>Aligned<th>Missed<th>Invented</tr>{films}</table>",
    )


def _film(system: str, one: Scored) -> str:
    groups = sorted(one.score.events.groups, key=lambda group: _start_s(group, one.reference, one.estimate))
    rows = "".join(_row(number, group, one) for number, group in enumerate(groups))
    mapping = one.score.characters.names if one.score.characters else {}
    characters = "".join(f"<li>{escape(est)} → {escape(ref)}</li>" for est, ref in mapping.items()) or "<li>none</li>"
    return _page(
        f"{one.sample.name}: {system}",
        f"<p><a href=index.html>All films</a> · <span class=soft>judge: {escape(one.score.judge)}</span></p>"
        f"{drawing.timeline(one.reference.events, one.estimate.events, groups)}"
        f"<p class=soft>Above: reference; below: estimate. Green is matched, red is missed, amber is invented.</p>"
        f"<h2>Characters mapped</h2><ul>{characters}</ul>"
        f"<h2>Events</h2><table><tr><th>S<sub>align</sub><th>Reference<th>Estimate</tr>{rows}</table>",
    )


def _row(number: int, group: Group, one: Scored) -> str:
    kind = "matched" if group.is_aligned else "missed" if group.ref else "invented"
    head = score_text(group.score) if group.is_aligned else kind
    ref = "<br>".join(_told(one.reference.events[i]) for i in group.ref)
    est = "<br>".join(_told(one.estimate.events[j]) for j in group.est)
    return f'<tr id="g{number}" class="{kind}"><td class=n>{head}</td><td>{ref}</td><td>{est}</td></tr>'


def _told(unit: Unit) -> str:
    texts = "; ".join(f"<i>{escape(name)}</i> {escape(text)}" for name, text in unit.texts.items() if name != "character")
    return f"<span class=soft>{unit.start_s:.1f}–{unit.end_s:.1f} s</span> <b>{escape(unit.character)}</b> {texts}"


def _film_cells(scored: Sequence[Scored], film: str) -> str:
    level = next(one for one in scored if one.sample.name == film).score.events
    time = level.time
    values = (score_text(level.overall), score_text(time.tiou(0.1)), time.num_aligned, time.num_missed, time.num_invented)
    return "".join(f"<td class=n>{value}</td>" for value in values)


def _by_split(scored: Sequence[Scored]) -> dict[int, float]:
    splits: dict[int, list[ScriptScore]] = {}
    for one in scored:
        ends = [unit.end_s for unit in (*one.reference.events, *one.reference.scenes)]
        splits.setdefault(split_of(max(ends, default=0.0)), []).append(one.score)
    return {minutes: reduce(add, scores).events.overall for minutes, scores in splits.items()}


def _f1s(level: LevelScore, fields: Sequence[str]) -> list[float]:
    return [level.fields[name].f1 for name in fields]


def _start_s(group: Group, reference: ScoredScript, estimate: ScoredScript) -> float:
    return reference.events[group.ref.start].start_s if group.ref else estimate.events[group.est.start].start_s


def _safe(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_" else "_" for char in name)


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f"<!doctype html><html lang=en><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body></html>"

"""``omniscript eval``: score scripts as the paper does, run the benchmark, report. No database.

The judge is named by ``--judge``: ``embedding`` (default; the sentence model's weights, no network), ``lexical`` (edit distance), or
``llm``, any OpenAI-compatible endpoint that :mod:`eval.environment` names, its answers kept on disk.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import print_json, progress_bar
from .output import block, echo

if TYPE_CHECKING:
    from eval.score import Judges, Options
    from omniscript_mam.script import Script

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def judge_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--judge`` and ``--precision-over``."""
    command = click.option("--judge", type=click.Choice(["embedding", "lexical", "llm"]), default="embedding", show_default=True)(command)
    choice = click.Choice(["all", "aligned"])
    return click.option("--precision-over", type=choice, default="all", help="Estimated items that count (aligned: the paper's 4.1.3).")(
        command
    )


@click.group(name="eval")
def command() -> None:
    """Score scripts against references (the V2S metrics of the paper)."""


@command.command()
@click.option("--reference", required=True, type=FILE)
@click.option("--estimate", required=True, type=FILE)
@click.option("--character-map", type=FILE, help="JSON object: estimated name → reference name.")
@click.option("--json", "as_json", is_flag=True, help="Print every figure in full precision.")
@judge_options
def score(reference: Path, estimate: Path, character_map: Path | None, as_json: bool, judge: str, precision_over: str) -> int:
    """Score one script. Takes our Script JSON, the authors' JSON, and the plain form (scenes and events with start and end)."""
    from eval.inputs import load
    from eval.report.tables import per_field
    from eval.score import evaluate

    mapping = _character_map(character_map)
    result = evaluate(load(reference), load(estimate), _judges(judge), _scoring(precision_over), character_map=mapping)
    if as_json:
        print_json(result.to_data())
    else:
        block(per_field(result))
    return 0


@command.command()
@click.argument("reference", type=FILE)
@click.argument("estimate", type=FILE)
def align(reference: Path, estimate: Path) -> int:
    """Print the event alignment of two scripts: what is matched (=), missed (-) and invented (+)."""
    from eval.inputs import load
    from eval.report.tables import alignment
    from eval.score import evaluate

    ref, est = load(reference), load(estimate)
    block(alignment(evaluate(ref, est), ref.events, est.events))
    return 0


@command.command()
@click.argument("data", type=FOLDER)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of this run; run again to go on.")
@click.option("--writer", default="lite", show_default=True)
@click.option("--language", default="", help="Spoken language, if known.")
@click.option("--segment-s", type=float, help="Segmented protocol (†): the writer sees pieces of this many seconds.")
@click.option("--mask-subtitles", is_flag=True, help="Blank the bottom band of the picture.")
@click.option("--no-audio", is_flag=True, help="Take the sound away.")
@click.option("--parallel", default=1, show_default=True, help="Films at once.")
def run(
    data: Path, out: Path, writer: str, language: str, segment_s: float | None, mask_subtitles: bool, no_audio: bool, parallel: int
) -> int:
    """Let a writer write every film of a data set (NAME.mp4 with NAME.gt.json)."""
    from eval.dataset import find
    from eval.runner import Protocol
    from eval.runner import run as run_all

    protocol = Protocol(segment_s=segment_s, mask_subtitles=mask_subtitles, with_audio=not no_audio)
    with progress_bar("Writing") as show:

        def report(done: int, total: int, name: str) -> None:
            show(done / total, name)

        failed = run_all(find(data), _writer(writer, language), out, protocol, num_parallel=parallel, report=report)
    for name, reason in failed.items():
        echo(f"{name}: {reason}", err=True)
    echo(f"{out / 'scripts'}")
    return int(bool(failed))


@command.command()
@click.argument("data", type=FOLDER)
@click.option("--system", "systems", required=True, multiple=True, metavar="NAME=FOLDER", help="Scripts of one system; may be given twice.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--table", "tables", multiple=True, type=click.IntRange(1, 5), default=(1, 2), help="Tables of the paper to print; default 1 and 2."
)
@judge_options
def report(data: Path, systems: tuple[str, ...], out: Path, tables: tuple[int, ...], judge: str, precision_over: str) -> int:
    """Score scripts already made and write tables, JSON and HTML. With two systems: is the second better?"""
    from eval.bootstrap import difference, interval
    from eval.dataset import find
    from eval.report.html import write_report
    from eval.report.tables import SystemRow, table
    from eval.runner import score as score_all
    from eval.runner import total

    samples, judges = find(data), _judges(judge)
    scored = {name: score_all(samples, folder, judges, _scoring(precision_over)) for name, folder in map(_system, systems)}
    rows = [SystemRow(name, total(films), len(films)) for name, films in scored.items()]
    for number in tables:
        block(table(number, rows) + "\n")
    lists = [[film.score for film in films] for films in scored.values()]
    for name, scores in zip(scored, lists, strict=True):
        overall = interval(scores, _overall)
        echo(f"{name}: overall {100 * overall.value:.1f}, 95 % interval {100 * overall.low:.1f} to {100 * overall.high:.1f}")
    if len(lists) == 2:
        gain = difference(lists[0], lists[1], _overall)
        echo(f"second − first: {100 * gain.value:+.1f}, 95 % interval {100 * gain.low:+.1f} to {100 * gain.high:+.1f}")
    echo(f"{write_report(scored, out)}")
    return 0


@command.group()
def dataset() -> None:
    """Make and count data sets."""


@dataset.command()
@click.argument("media", type=FILE)
@click.argument("script", type=FILE)
@click.option("--minutes", multiple=True, type=float, default=(5.0,), show_default=True, help="Length of the clips; may be given twice.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
def build(media: Path, script: Path, minutes: tuple[float, ...], out: Path) -> int:
    """Cut a long annotated work into clips with shifted references."""
    from eval.dataset import build as build_clips
    from eval.dataset import read_script

    for length in minutes:
        folder = out / f"{length:g}min" if len(minutes) > 1 else out
        for sample in build_clips(media, read_script(script), length, folder):
            echo(str(sample.media))
    return 0


@dataset.command()
@click.argument("data", type=FOLDER)
def stats(data: Path) -> int:
    """Count a data set: mean and median per clip."""
    from eval.dataset import find, statistics

    print_json(vars(statistics(find(data))))
    return 0


def _judges(name: str) -> Judges:
    from eval.environment import cache_dir, judge_endpoint
    from eval.errors import JudgeSettingError
    from eval.score import Judges

    if name == "lexical":
        return Judges.lexical()
    if name == "llm":
        try:
            from eval.judges.llm import LlmJudge
        except ModuleNotFoundError as error:
            remedy = "Install the extra: pip install 'omniscript-mam[remote]'."
            raise JudgeSettingError(f"The judge needs the Python package {error.name!r}, which is not installed.", remedy=remedy) from error
        judge = LlmJudge(judge_endpoint(), cache_dir() / "judge")
        return Judges.of(judge, judge.map_characters)
    from eval.judges.embedding import EmbeddingJudge, MultilingualJudge
    from inference.weights import weights_path
    from search import HashedEmbedder, ProcessEmbedder

    folder = weights_path("sentence-embedding")
    embedder = ProcessEmbedder(folder, cache_dir() / "embeddings")
    hashed = HashedEmbedder()
    other = EmbeddingJudge(hashed.embed, hashed.model_id)
    return Judges.of(MultilingualJudge(EmbeddingJudge(embedder.embed, embedder.model_id), other, embedder.understands))


def _scoring(precision_over: str) -> Options:
    from eval.score import Options

    return Options(precision_over=precision_over)  # type: ignore[arg-type]  # click allows only the two literals


def _character_map(path: Path | None) -> dict[str, str] | None:
    if path is None:
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise click.UsageError(f"{path} is not a JSON object of names")
    return data


def _writer(name: str, language: str) -> Callable[[Path], Script]:
    """A writer in a process of its own: its memory ends with the film, and a crash is one failed film."""
    from omniscript_mam.script import loads

    def write(media: Path) -> Script:
        target = media.with_name(f".{media.stem}.{os.getpid()}.script.json")
        words = [sys.executable, "-m", "omniscript_mam.cli", "write", str(media), "--output-json", str(target), "--quiet", "--writer", name]
        try:
            done = subprocess.run([*words, *(["--language", language] if language else [])], capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError((done.stderr.strip().splitlines() or ["no reason given"])[0])
            return loads(target.read_bytes())
        finally:
            target.unlink(missing_ok=True)

    return write


def _system(argument: str) -> tuple[str, Path]:
    name, equals, folder = argument.partition("=")
    if not (name and equals and Path(folder).is_dir()):
        raise click.UsageError(f"--system {argument}: give NAME=FOLDER with an existing folder of scripts")
    return name, Path(folder)


def _overall(result: Any) -> float:
    value: float = result.events.overall
    return value

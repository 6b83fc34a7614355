"""``omniscript write VIDEO --output-json F``: a script without the archive. Takes the flags of the authors' program where they apply."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omniscript_mam.errors import sendable
from omniscript_mam.repairs import borne_out

from .common import progress_bar, quiet_libraries, say
from .output import deliver

if TYPE_CHECKING:
    from inference.pipeline import DraftNote

STDOUT = "-"
NO_LANGUAGE_MODEL = "the lite writer has no language model and ignores it"
IGNORED = {
    "lite": {"model_path": NO_LANGUAGE_MODEL, "max_new_tokens": NO_LANGUAGE_MODEL, "repetition_penalty": NO_LANGUAGE_MODEL},
    "omniscript": {"whisper_model_path": "a model folder holds its own audio encoder"},
    "remote": {
        "model_path": "the endpoint names the model",
        "whisper_model_path": "the endpoint names the model",
        "max_new_tokens": "the endpoint says max_tokens",
        "repetition_penalty": "the endpoint may say it in extra_body",
    },
}
"""Kind of writer → flags that mean nothing to it, and why."""


@click.command(name="write")
@click.argument("video", required=False, type=click.Path(path_type=Path))
@click.option("--video_path", "--video-path", "video_path", type=click.Path(path_type=Path), help="The video (the authors' spelling).")
@click.option(
    "--output-json",
    "--output_json",
    "output_json",
    required=True,
    type=click.Path(path_type=Path),
    help="Where the script goes; - is standard output.",
)
@click.option("--official", is_flag=True, help="Write the JSON that the authors publish rather than ours.")
@click.option("--writer", default="lite", show_default=True)
@click.option("--language", "languages", multiple=True, help="A language that is spoken; may be given several times.")
@click.option("--title", default="")
@click.option("--model_path", "--model-path", "model_path", default="", help="Folder of an OmniScript model (writer omniscript).")
@click.option(
    "--whisper_model_path", "--whisper-model-path", "whisper_model_path", default="", help="A faster-whisper model to use instead of ours."
)
@click.option("--max_new_tokens", "--max-new-tokens", "max_new_tokens", type=click.IntRange(1), help="Most tokens of one answer.")
@click.option(
    "--repetition_penalty",
    "--repetition-penalty",
    "repetition_penalty",
    type=click.FloatRange(1.0),
    help="Makes words that an answer has used less likely; 1 is off.",
)
@click.option("--quiet", "-q", is_flag=True)
def command(
    video: Path | None,
    video_path: Path | None,
    output_json: Path,
    official: bool,
    writer: str,
    languages: tuple[str, ...],
    title: str,
    model_path: str,
    whisper_model_path: str,
    max_new_tokens: int | None,
    repetition_penalty: float | None,
    quiet: bool,
) -> int:
    """Write the script of VIDEO to a file, without the archive."""
    if (video is None) == (video_path is None):
        raise click.UsageError("Name one video, as VIDEO or with --video_path.")
    path = video or video_path
    if path is None or not path.is_file():
        raise click.UsageError(f"{path} is not a file.")
    is_stdout = str(output_json) == STDOUT
    if not is_stdout and not output_json.resolve().parent.is_dir():
        raise click.UsageError(f"The folder of {output_json} does not exist.")
    given = {"model_path": model_path, "max_new_tokens": max_new_tokens, "repetition_penalty": repetition_penalty}
    options: dict[str, object] = {name: value for name, value in given.items() if value}
    if whisper_model_path:
        options["whisper_model_path"] = whisper_model_path
    for name, why in IGNORED.get(writer.partition("-")[0], {}).items():
        if name in options:
            say(f"Note: --{name} is not used: {why}.", quiet=quiet)
            del options[name]
    notes: list[DraftNote] = []
    text = _write(path, writer, languages, sendable(title or path.stem), options, notes, official=official, quiet=quiet or is_stdout)
    if is_stdout:
        deliver(text)
    else:
        output_json.write_text(text + "\n", encoding="utf-8")
    if stood_in := [note for note in notes if note.fault]:
        by = f"{len(stood_in)} of {len(notes)} segments were written by {stood_in[0].writer}"
        say(f"Note: {by}, because {stood_in[0].fault}", quiet=quiet)
        say(stood_in[0].remedy, quiet=quiet or not stood_in[0].remedy)
    for number, note in enumerate(notes, start=1):
        if told := borne_out(note.claims):
            say(f"Note: segment {number}, {note.writer}: {told}.", quiet=quiet)
    say(f"Wrote {output_json}.", quiet=quiet or is_stdout)
    return 0


def _write(
    path: Path,
    writer_name: str,
    languages: tuple[str, ...],
    title: str,
    options: dict[str, object],
    notes: list[DraftNote],
    *,
    official: bool,
    quiet: bool,
) -> str:
    from inference.pipeline import write_script
    from omniscript_mam.script import dumps
    from omniscript_mam.script.official import to_official

    quiet_libraries()
    with tempfile.TemporaryDirectory(prefix="omniscript-") as scratch, progress_bar(path.name, quiet=quiet) as show:
        script = write_script(
            path,
            workdir=Path(scratch),
            writer=writer_name,
            title=title,
            languages=languages,
            options=options,
            report=show,
            noted=notes.append,
            waits=lambda waiting: say(f"{waiting.words}.", quiet=quiet) if waiting else None,
        )
        show(1.0, "")
    for note in script.meta.notes:
        say(f"Note: {note}", quiet=quiet)
    return json.dumps(to_official(script), ensure_ascii=False, indent=2) if official else dumps(script, indent=2)

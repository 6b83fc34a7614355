"""``omniscript models list|pull|build``: the models of the lite writer and of search, pinned by SHA-256; our own from its bases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import output_options, print_json, progress_bar, say
from .output import echo

if TYPE_CHECKING:
    from inference.weights import PullProgress


@click.group(name="models")
def command() -> None:
    """List or fetch model weights."""


@command.command(name="list")
@output_options
def list_models(as_json: bool, quiet: bool) -> int:
    """Which models there are, and which of them are on this machine."""
    from inference.weights import installed

    rows = installed()
    if as_json:
        print_json(
            [
                {
                    "name": name,
                    "installed": row.path is not None,
                    "path": row.path,
                    "source": row.source,
                    "problem": row.problem,
                    "purpose": row.model.purpose,
                    "version": row.model.version,
                    "licence": row.model.licence,
                    "num_bytes": row.model.num_bytes,
                    "optional": row.model.optional,
                }
                for name, row in rows.items()
            ]
        )
        return 0
    for name, row in rows.items():
        state = row.problem or (row.source if row.path else "optional" if row.model.optional else "missing")
        echo(f"{name:<20} {state:<10} {row.model.num_bytes / 1e6:7.1f} MB  {row.model.purpose}")
    return 0


@command.command()
@click.argument("names", nargs=-1)
@click.option("--force", is_flag=True, help="Fetch again even what is here.")
@output_options
def pull(names: tuple[str, ...], force: bool, as_json: bool, quiet: bool) -> int:
    """Fetch the weights of NAMES, or of everything that is not optional; verified against the register."""
    from inference.weights import pull as fetch

    with progress_bar("Models", quiet=quiet or as_json) as show:

        def report(progress: PullProgress) -> None:
            share = progress.done_bytes / progress.total_bytes if progress.total_bytes else 0.0
            show(
                share,
                {"wait": "waiting for another pull", "fetch": f"fetching {progress.model}"}.get(
                    progress.stage, f"{progress.stage} {progress.model}"
                ),
            )

        paths = fetch(names or None, report, force=force)
        show(1.0, "")
    if as_json:
        print_json({name: str(path) for name, path in paths.items()})
    else:
        say(f"{len(paths)} models are here.", quiet=quiet)
    return 0


@command.command()
@click.option("--vision-language", type=click.Path(path_type=Path), required=True, help="Folder of a Qwen3-VL checkpoint.")
@click.option("--audio", type=click.Path(path_type=Path), required=True, help="Folder of a Whisper checkpoint.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The OmniScript folder to make.")
@click.option("--from-release", "release", type=click.Path(path_type=Path), help="Folder of the authors' release; its weights come first.")
@click.option("--mapping", type=click.Path(path_type=Path), help="How the release calls its weights, if not as we think.")
@output_options
def build(vision_language: Path, audio: Path, output: Path, release: Path | None, mapping: Path | None, as_json: bool, quiet: bool) -> int:
    """Make an OmniScript folder from two base checkpoints, and say which weights are fresh."""
    from inference.errors import MissingProgramError

    try:
        from inference.omniscript.building import AUTHORS_MAPPING, build_folder
    except ModuleNotFoundError as error:
        remedy = "Install the extra: pip install 'omniscript-mam[local]'."
        raise MissingProgramError(f"Building needs the Python package {error.name!r}, which is not installed.", remedy=remedy) from error
    with progress_bar("Build", quiet=quiet or as_json) as show:
        built = build_folder(vision_language, audio, output, release=release, mapping=mapping or AUTHORS_MAPPING, report=show)
    if as_json:
        print_json(
            {
                "path": str(built.folder),
                "num_bytes": built.num_bytes,
                "sources": built.sources,
                "fresh": built.fresh,
                "ignored": built.ignored,
            }
        )
        return 0
    for source, count in built.sources.items():
        echo(f"{count:6} weights from the {source} checkpoint")
    echo(f"{len(built.fresh):6} fresh weights, to be trained" + (":" if built.fresh else ""))
    for name in built.fresh:
        echo(f"       {name}")
    say(f"{built.folder} is ready ({built.num_bytes / 1e9:.2f} GB).", quiet=quiet)
    return 0

"""``omniscript models list|pull``: the pretrained models of the lite writer and of search, pinned by SHA-256."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .common import output_options, print_json, progress_bar, say

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

    found = installed()
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
                for name, row in found.items()
            ]
        )
        return 0
    for name, row in found.items():
        state = row.problem or (row.source if row.path else "optional" if row.model.optional else "missing")
        click.echo(f"{name:<20} {state:<10} {row.model.num_bytes / 1e6:7.1f} MB  {row.model.purpose}")
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

        found = fetch(names or None, report, force=force)
        show(1.0, "")
    if as_json:
        print_json({name: str(path) for name, path in found.items()})
    else:
        say(f"{len(found)} models are here.", quiet=quiet)
    return 0

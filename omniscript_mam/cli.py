"""The command line ``omniscript``.

Exit codes: 0 it worked; 1 it failed; 2 the command was not understood; 3 nothing was found; 4 something that is needed is missing
(weights, a program, an extra); 130 interrupted with Ctrl-C. Errors are one line and a remedy on standard error; ``--debug`` adds the
traceback. Results go to standard output, progress to standard error.

Commands are imported when they are called, so that ``omniscript --help`` answers at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from omniscript_mam.commands.output import block, echo, styled

COMMANDS = {
    "ingest": "Take films into the archive and write their scripts.",
    "search": "Find moments.",
    "script": "Show the script of an asset.",
    "history": "Show, compare and restore revisions; undo and redo.",
    "write": "Write the script of a video to a file, without the archive.",
    "jobs": "List jobs; cancel or retry one.",
    "delete": "Take a film out of the archive.",
    "collections": "List or make collections, and choose their writers.",
    "serve": "Serve the web page and run the worker.",
    "worker": "Run a worker alone.",
    "endpoints": "Ask the servers of remote writers what they can do.",
    "models": "List or fetch model weights.",
    "index": "Verify or rebuild the search index.",
    "eval": "Score scripts against references; run the benchmark.",
    "doctor": "Say what is missing and how to get it.",
}
"""Command → its line in the help. The code is in ``omniscript_mam/commands/<name>.py``, as ``command``."""

OK, FAILED, USAGE, NOT_FOUND, MISSING, INTERRUPTED = 0, 1, 2, 3, 4, 130


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"omniscript_mam.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Settings are OMNISCRIPT_* variables, in a site the dictionary OMNISCRIPT; the README lists them.",
)
@click.version_option(package_name="omniscript-mam", prog_name="omniscript")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def group(debug: bool) -> None:
    """A media archive that reads its own footage: film in, time-coded screenplay out, searchable to the moment."""


def exit_code(error: BaseException) -> int:
    """What the process returns for an error."""
    from omniscript_mam.errors import NotFoundError, describe

    code = describe(error).code
    if isinstance(error, NotFoundError):
        return NOT_FOUND
    return MISSING if code.startswith(("weights", "program", "embedding.model")) else FAILED


def main(arguments: list[str] | None = None) -> None:
    """Entry point of the program ``omniscript``."""
    words = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        sys.exit(group.main(args=words, prog_name="omniscript", standalone_mode=False) or OK)
    except click.UsageError as error:
        if error.ctx is not None:
            block(error.ctx.get_usage(), err=True)
        echo(f"Error: {error.format_message()}", err=True)
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        echo("Interrupted.", err=True)
        sys.exit(INTERRUPTED)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(OK)
    except Exception as error:
        if debug:
            raise
        sys.exit(_say(error))


def _say(error: Exception) -> int:
    from omniscript_mam.errors import describe

    described: Any = describe(error)
    echo(styled("Error:", fg="red", bold=True), " ", described.message, err=True)
    echo("  ", described.remedy, err=True)
    if described.code == "unexpected":
        echo("  `omniscript --debug …` shows the traceback.", err=True)
    return exit_code(error)


if __name__ == "__main__":
    main()

"""The table of settings in the README, made from where each is declared: ``python -m omniscript_mam.config.reference``.

The first table are the app's: keys of ``OMNISCRIPT`` in a site's Django settings, ``OMNISCRIPT_*`` variables in our own project. The
second are variables alone: our project's, those of the models, those of the benchmark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from eval.environment import VARIABLES as BENCHMARK
from inference.environment import variables as variables_of_models
from omniscript_mam.conf import Settings
from omniscript_mam.config.project import Project

OWN_DEFAULTS = {
    "data_dir": "`~/.local/share/omniscript` (`./data` under `make`)",
    "broker_url": "`embedded`",
}
"""Where our own project's default differs from the app's."""

START, END = "<!-- settings: python -m omniscript_mam.config.reference -->", "<!-- /settings -->"
"""What encloses the tables in the README."""


def tables() -> str:
    """Both tables as Markdown."""
    app = [*_head("key of `OMNISCRIPT`", "default in a site", "default of our project"), *_app_rows()]
    rest = [*_head("variable", "default"), *_project_rows(), *dict.fromkeys(_variable_rows())]
    return "\n".join([*app, "", *rest])


def _app_rows() -> Iterator[str]:
    for field in fields(Settings):
        usual = _shown(field)
        yield _row(f"`{field.name.upper()}`", usual, OWN_DEFAULTS.get(field.name, usual), field.metadata["meaning"])


def _project_rows() -> Iterator[str]:
    for field in fields(Project):
        yield _row(f"`OMNISCRIPT_{field.name.upper()}`", _shown(field), field.metadata["meaning"])


def _variable_rows() -> Iterator[str]:
    """Of the models and the benchmark; one that both read comes twice, with the same words."""
    rows = [(each.name, each.default, each.meaning) for each in variables_of_models()]
    for name, default, meaning in rows + [(each.name, each.default, each.meaning) for each in BENCHMARK]:
        yield _row(f"`{name}`", default, meaning)


def _shown(field: object) -> str:
    about, default = field.metadata, field.default  # type: ignore[attr-defined]
    if about["shown"]:
        return str(about["shown"])
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, int | float):
        return f"{default:g}"
    return f"`{default}`" if default else "none"


def _head(*titles: str) -> list[str]:
    return [_row(*titles, "meaning"), _row(*["---"] * (len(titles) + 1))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(tables())

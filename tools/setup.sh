#!/bin/sh
# Make the Python environment in .venv from a clone and nothing else (Debian, Ubuntu; Python 3.11 or newer; no root needed).
#   tools/setup.sh lite,world        what `make demo` and `make serve` need
#   tools/setup.sh lite,world,dev    and what `make test` needs
# Done once per pyproject.toml: a stamp in .venv remembers what was installed.
set -eu
cd "$(dirname "$0")/.."
extras=$1
stamp=.venv/installed-$(cat pyproject.toml tools/constraints.txt | cksum | tr ' ' '-')-$extras
[ -e "$stamp" ] && exit 0

say() { printf '\033[1m%s\033[0m\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

python=
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "$python" ] || fail "No Python 3.11 or newer was found. Install one (Debian 12: apt install python3; Ubuntu 22.04: apt install python3.11 python3.11-venv), or name it: make PYTHON=/path/to/python3.11 setup"

# Debian keeps pip and venv out of its python3 package. Without root, the wheel of pip can still be had from Debian's own package.
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi; }
pip_from_debian() {
    scratch=$(mktemp -d)
    (cd "$scratch" && apt-get download python3-pip-whl >/dev/null && dpkg -x python3-pip-whl_*.deb .) || return 1
    "$python" -m venv --without-pip .venv
    PYTHONPATH=$(echo "$scratch"/usr/share/python-wheels/pip-*.whl) .venv/bin/python -m pip install --quiet pip
    rm -rf "$scratch"
}
if [ ! -x .venv/bin/pip ]; then
    say "Making the environment in .venv with $("$python" --version)"
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if as_root sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python$version-venv" >/dev/null 2>&1; then
            "$python" -m venv .venv
        else
            pip_from_debian || fail "This Python has no venv module. Install it: apt install python$version-venv"
        fi
    fi
fi

size="about 220 MB of packages"
case "$extras" in *dev*) size="$size, and PyTorch for the tests" ;; esac
say "Installing what OmniScript MAM needs ($size, once)"
.venv/bin/python -m pip install --disable-pip-version-check --quiet --constraint tools/constraints.txt --editable ".[$extras]"
rm -f .venv/installed-*
touch "$stamp"
# What was installed for the tests serves the demo too.
case "$extras" in *dev*) touch "${stamp%,dev}" ;; esac

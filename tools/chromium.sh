#!/bin/sh
# See that the browser tests have a real Chromium: the one that is there, Debian's package (as root), or Playwright's own download.
set -eu
cd "$(dirname "$0")/.."
for name in "${OMNISCRIPT_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && exit 0
done
.venv/bin/python - <<'PY' && exit 0
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    sys.exit(not pathlib.Path(p.chromium.executable_path).exists())
PY
echo "Getting Chromium for the browser tests"
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
# Ubuntu's chromium package is an empty shell around a snap: only take it where a browser comes out.
if . /etc/os-release && [ "${ID:-}" = debian ] && as_root sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium' >/dev/null 2>&1; then exit 0; fi
.venv/bin/python -m playwright install --with-deps chromium && exit 0
.venv/bin/python -m playwright install chromium && exit 0
echo "No Chromium could be installed: install one (apt install chromium) or name it in OMNISCRIPT_CHROMIUM." >&2
exit 1

#!/usr/bin/env bash
# A headless Chromium for the browser tests: one that is there, else Debian's, else Playwright's own.
set -eu
playwright=$1
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then
    exit 0
fi
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
    exit 0
fi
"$playwright" install chromium

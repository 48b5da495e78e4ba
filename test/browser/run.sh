#!/bin/sh
# Builds the page again and compares it with what is committed, then runs the browser
# test. Fails, and does not skip, when Node, Chromium or a package is missing.
set -eu
cd "$(dirname "$0")/../.."
browser=${CHROMIUM:-/usr/bin/chromium}
[ -x "$browser" ] || { echo "browser test: $browser is missing; apt-get install chromium, or set CHROMIUM" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -R console/web "$work/web"
rm -rf "$work/web/node_modules" "$work/web/dist"
(cd "$work/web" && npm ci --no-audit --no-fund && npm run build)
diff -r "$work/web/dist" console/web/dist || { echo "console/web/dist is not what its sources build; run npm run build there" >&2; exit 1; }

go build -o "$work/server" ./test/browser/server
cd test/browser
npm ci --no-audit --no-fund
SLUICE_TEST_SERVER=${SLUICE_TEST_SERVER:-$work/server} npm test

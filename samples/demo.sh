#!/usr/bin/env bash
# Translates the sample issue with the `weekly-translate` on the PATH and compares the result with the approved
# English. Engine `draft`: no key, no network, no model; the sentences come from the sample memory.
set -euo pipefail

samples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" # not the repository: an installed wheel has to find its own data

run() {
  echo "\$ ${*//$samples/samples}" >&2
  "$@"
}

run weekly-translate memory import "$samples/memory.tmx" --memory memory.db
run weekly-translate "$samples/full/source.md" -o en.md --memory memory.db --engine draft --project "$samples/full"

if diff -u "$samples/full/edition.md" en.md; then
  echo "The translation equals samples/full/edition.md, byte for byte."
else
  echo "The translation differs from samples/full/edition.md: see the lines above." >&2
  exit 1
fi

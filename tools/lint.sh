#!/usr/bin/env bash
# Static checks: clang-format, then clang-tidy with the analysis of lock annotations, over the compile database of BUILD.
#
#   tools/lint.sh [BUILD]    # default: build
#
# BUILD must have been built, for the generated headers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${1:-build}
[[ -f $build/compile_commands.json ]] || { echo "lint.sh: $build has no compile_commands.json" >&2; exit 2; }

folders=(common ps worker tools tests)
find "${folders[@]}" -name '*.cc' -o -name '*.h' | sort | xargs clang-format --dry-run --Werror
echo "clang-format: clean"

# Generated sources are in the database too, but under BUILD. Clang does not know all of g++'s options.
find "${folders[@]}" -name '*.cc' | sort |
  xargs -P "$(nproc)" -n 4 clang-tidy-16 -p "$build" --quiet --warnings-as-errors='*' \
    --extra-arg=-Wthread-safety --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-unused-command-line-argument \
    2> >(grep -vE '^[0-9]+ warnings? (and [0-9]+ errors? )?generated|^Suppressed' >&2)
echo "clang-tidy and lock annotations: clean"

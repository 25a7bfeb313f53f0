#!/usr/bin/env bash
# From a fresh machine to a trained model: installs what is missing, builds, generates a log whose tasks compete, trains it in order
# of priority over one server and two workers, and sets the result beside single tasks and hand-set weights.
#
#   tools/quickstart.sh [DIRECTORY]     # results go there; default: a new directory under build/
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac

echo "== 1/4 installing what is missing"
tools/install_deps.sh

echo "== 2/4 building"
cmake --preset release -DPRIMACY_TESTS=OFF >/dev/null
cmake --build --preset release -j "$(nproc)" --target primacy primacy_ps primacy_worker | tail -n 1

out=${1:-$(mktemp -d build/quickstart-XXXXXX)}
echo "== 3/4 training like, then click, then stay, in this order of priority, in $out"
build/primacy generate --out="$out/log" --rows=250000 --seed=1
build/primacy train --job="$out/log/job.txt" --servers=1 --workers=2 --run_dir="$out/nmt"

echo "== 4/4 the same log with each task alone, with hand-set weights, and in order of priority"
build/primacy compare --job="$out/log/job.txt" --methods=single,ratio:1,ratio:2,nmt --seeds=2 \
  --run_dir="$out/compare"
echo "== done: open $out/compare/compare.html in a browser"

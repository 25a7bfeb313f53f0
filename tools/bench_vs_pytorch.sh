#!/usr/bin/env bash
# Primacy's training step beside PyTorch's: the same model, batch, ids and optimizer, each on one core, in turn.
#
#   tools/bench_vs_pytorch.sh [RUNS] [SECONDS]    # default: 5 runs of each side, 4 seconds each
#
# Environment: BUILD (default: build), CORE (0), PYTHON (python3, needs PyTorch and NumPy). Prints rows per second, median (lowest,
# highest), and the ratio of the medians. Run it on an idle machine; what is measured otherwise is the neighbours too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac

runs=${1:-5}
seconds=${2:-4}
primacy=${BUILD:-build}/primacy
python=${PYTHON:-python3}
core=${CORE:-0}
[[ -x $primacy ]] || { echo "bench_vs_pytorch.sh: no $primacy: build it, or set BUILD" >&2; exit 2; }
"$python" -c 'import torch, numpy' 2>/dev/null ||
  { echo "bench_vs_pytorch.sh: $python has no PyTorch or no NumPy: set PYTHON" >&2; exit 2; }

export OMP_NUM_THREADS=1
results=$(mktemp)
trap 'rm -f "$results"' EXIT
for ((run = 1; run <= runs; ++run)); do
  for model in shared_bottom mmoe; do
    echo "run $run of $runs: $model" >&2
    taskset -c "$core" "$primacy" bench step --arrangement=process --model=$model --runs=1 --seconds="$seconds" --json >>"$results"
    taskset -c "$core" "$python" tests/bench/peer_step.py --threads=1 --model=$model --runs=1 --seconds="$seconds" >>"$results"
  done
done

echo "load average when it ended: $(cut -d' ' -f1-3 /proc/loadavg)"
"$python" - "$results" <<'SUMMARY'
import json, statistics, sys

records = [json.loads(line) for line in open(sys.argv[1])]
version = next(r["version"] for r in records if r["arrangement"] == "pytorch")


def select(model, arrangement, field):
    return [r[field] for r in records if r["model"] == model and r["arrangement"] == arrangement]


def show(rates):
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f}, {max(rates):,.0f})"


print(f"{'rows/s on one core':<20}{'Primacy':>28}{'PyTorch ' + version:>28}{'ratio':>8}")
for model in ("shared_bottom", "mmoe"):
    ours, theirs = (select(model, side, "rows_per_s") for side in ("process", "pytorch"))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"{model:<20}{show(ours):>28}{show(theirs):>28}{ratio:>8.2f}")
for side, parts in (("process", "dedup gather forward backward apply"), ("pytorch", "forward backward apply")):
    for model in ("shared_bottom", "mmoe"):
        split = [f"{part} {statistics.median(select(model, side, 'ms_' + part)):.2f}" for part in parts.split()]
        keys = statistics.median(select(model, side, "unique_keys"))
        print(f"{side} {model}: ms of a step: {', '.join(split)}; {keys:,.0f} unique keys a batch")
SUMMARY

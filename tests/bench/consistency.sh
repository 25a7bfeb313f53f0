#!/usr/bin/env bash
# Does the arrangement of processes change the model? Trains one job under mpirun with 1 + 1, 2 + 2 and 2 + 4 servers and workers,
# in BSP, SSP(2) and ASP, over several seeds, and prints the mean test AUC of every task with its standard deviation.
#
#   tests/bench/consistency.sh JOB LOG [SEEDS]     # PRIMACY names the binary; default build/primacy
set -euo pipefail
job=$1 log=$2 seeds=${3:-5}
primacy=${PRIMACY:-build/primacy}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for consistency in BSP SSP ASP; do
  for arrangement in 1:1 2:2 2:4; do
    for seed in $(seq "$seeds"); do
      "$primacy" train --job="$job" --servers="${arrangement%:*}" --workers="${arrangement#*:}" \
        --run_dir="$out/$consistency-$arrangement-$seed" --set=data.log="$log" --set=training.seed="$seed" \
        --set=runtime.consistency=$consistency --set=runtime.staleness=2 >"$out/log" 2>&1 || { tail -n 5 "$out/log" >&2; exit 1; }
    done
  done
done
/usr/bin/python3 - "$out" "$seeds" <<'PYTHON'
import json, statistics, sys
out, seeds = sys.argv[1], int(sys.argv[2])
for consistency in ("BSP", "SSP", "ASP"):
    for arrangement in ("1:1", "2:2", "2:4"):
        final = [json.load(open(f"{out}/{consistency}-{arrangement}-{seed + 1}/report.json"))["final"] for seed in range(seeds)]
        cells = []
        for task in final[0]:
            auc = [f[task]["test"]["auc"] for f in final]
            cells.append(f"{task} {statistics.mean(auc):.4f} ({statistics.stdev(auc) if seeds > 1 else 0:.4f})")
        print(f"{consistency}  {arrangement.replace(':', ' + ')}  " + "  ".join(cells))
PYTHON

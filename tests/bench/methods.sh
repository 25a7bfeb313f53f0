#!/usr/bin/env bash
# All methods of docs/methods.md beside each other: `primacy compare` on public data sets and on generated logs whose tasks do not and do
# compete, for several models, into one table.
#
#   tests/bench/methods.sh OUT [SEEDS] [MODEL...]      # default: 10 seeds; SHARED_BOTTOM MMOE
#
# Environment: PRIMACY (build/primacy); KUAIRAND, ML_100K, CENSUS: the logs that the recipes of tools/recipes/ make, and only those that are
# given; CONFLICTS of the generated logs ("0.2 1", may be empty) and their ROWS (250000).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:?usage: tests/bench/methods.sh OUT [SEEDS] [MODEL...]}
seeds=${2:-10}
shift $(($# < 2 ? $# : 2))
models=("${@:-SHARED_BOTTOM}")
[[ $# -gt 0 ]] || models=(SHARED_BOTTOM MMOE)
primacy=${PRIMACY:-build/primacy}
rows=${ROWS:-250000}
methods=single,ratio:1,ratio:2,ratio:4,ratio:8,ratio:16,uncertainty,dwa,famo,gradnorm,mgda,pcgrad,cagrad,imtl_g,nash_mtl,metabalance,pe_ltr,emtl,nmt
mkdir -p "$out"

jobs=()
add() { jobs+=("$1|$2|$3"); }
for conflict in ${CONFLICTS-0.2 1}; do
  log=$out/generated-$conflict
  [[ -d $log ]] || "$primacy" generate --out="$log" --rows="$rows" --seed=1 --conflict="$conflict" >/dev/null
  add "generated-$conflict" "$log/job.txt" "$log"
done
[[ -z "${KUAIRAND:-}" ]] || add kuairand tools/recipes/kuairand_kcore15/job.txt "$KUAIRAND"
[[ -z "${ML_100K:-}" ]] || add ml-100k tools/recipes/ml_100k/job.txt "$ML_100K"
[[ -z "${CENSUS:-}" ]] || add census tools/recipes/census_income/job.txt "$CENSUS"

for job in "${jobs[@]}"; do
  IFS='|' read -r name file log <<<"$job"
  for model in "${models[@]}"; do
    run=$out/$name-$model
    echo "== $name, $model" >&2
    "$primacy" compare --job="$file" --set=data.log="$log" --set=model.kind="$model" \
      --methods=$methods --seeds="$seeds" --run_dir="$run" >"$run.log" 2>&1 || { tail -n 3 "$run.log" >&2; exit 1; }
    echo "### $name, $model"
    echo
    sed -n '/^test AUC/,/^mean over/p' "$run.log"
    echo
  done
done

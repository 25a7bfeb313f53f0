#!/usr/bin/env bash
# All methods of docs/methods.md beside each other, for the tables of docs/results.md: `primacy compare` on public data sets and on
# generated logs whose tasks do not and do compete, for several models. Prints Markdown; a page for each data set is in OUT/NAME/compare.html.
# What OUT has already is kept: the same command goes on after a stop, and with more seeds or models.
#
#   tests/bench/methods.sh OUT [SEEDS] [MODEL...]      # default: 10 seeds; SHARED_BOTTOM MMOE PLE
#
# Environment: PRIMACY (build/primacy); KUAIRAND, ML_100K, CENSUS, HOME_DEPOT: the logs that the recipes of tools/recipes/ make, and only those that are
# given; CONFLICTS of the generated logs ("0.2 1", may be empty) and their ROWS (250000); METHODS (all,grid); JOBS, trainings at a time (0: by
# the cores).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:?usage: tests/bench/methods.sh OUT [SEEDS] [MODEL...]}
seeds=${2:-10}
shift $(($# < 2 ? $# : 2))
models=$(IFS=,; echo "${*:-SHARED_BOTTOM,MMOE,PLE}")
primacy=${PRIMACY:-build/primacy}
mkdir -p "$out"

pages=()
compare() {
  local name=$1 job=$2 log=$3 resume=()
  echo "== $name" >&2
  compgen -G "$out/$name/*/job.txt" >/dev/null && resume=(--resume)
  "$primacy" compare --job="$job" --set=data.log="$(realpath "$log")" --methods="${METHODS:-all,grid}" --models="$models" \
    --seeds="$seeds" --jobs="${JOBS:-0}" --run_dir="$out/$name" ${resume[@]+"${resume[@]}"} >"$out/$name.txt"
  pages+=("$out/$name/compare.json")
}

[[ -z "${KUAIRAND:-}" ]] || compare KuaiRand tools/recipes/kuairand_kcore15/job.txt "$KUAIRAND"
[[ -z "${ML_100K:-}" ]] || compare MovieLens-100K tools/recipes/ml_100k/job.txt "$ML_100K"
[[ -z "${CENSUS:-}" ]] || compare Census-Income tools/recipes/census_income/job.txt "$CENSUS"
[[ -z "${HOME_DEPOT:-}" ]] || compare Home-Depot tools/recipes/home_depot/job.txt "$HOME_DEPOT"
for conflict in ${CONFLICTS-0.2 1}; do
  log=$out/log-$conflict
  [[ -d $log ]] || "$primacy" generate --out="$log" --rows="${ROWS:-250000}" --seed=1 --conflict="$conflict" >/dev/null
  compare "generated-$conflict" "$log/job.txt" "$log"
done
/usr/bin/python3 tests/bench/methods_table.py "${pages[@]}"

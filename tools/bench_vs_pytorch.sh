#!/usr/bin/env bash
# Primacy's training step beside PyTorch's: the same model, batch, ids and optimizer, both sides in turn, and the ratio of the medians.
#
#   tools/bench_vs_pytorch.sh [--runs=5] [--seconds=4] [--markdown] [SECTION...]    # no section: all
#
#   one-core   one thread on one core, the table in the process, batch 1,024: both models, fp32 and bf16    about 6 minutes
#   large      the same with 64 slots and a table of 10,000,000 rows: shared bottom, fp32 and bf16          about 8 minutes
#   two-cores  servers and workers as processes over the real transport in BSP, batch 4,096, against two threads and two
#              processes of PyTorch at 1,024 and 4,096; the best of each side: both models, fp32 and bf16   about 30 minutes
#
# The minutes are those of 5 runs of 4 seconds on an idle machine with two cores. What is measured on a busy one is the neighbours too.
#
# Environment: BUILD (default: build), CORE (0, of what runs on one core), PYTHON (/usr/bin/python3; needs PyTorch and NumPy: tools/install_deps.sh
# --test), ARRANGEMENTS ("1+1 1+2 2+2", servers + workers), STEP_OPTIONS (further options of `primacy bench step` in two-cores).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,15s/^# \{0,1\}//p' "$0"; }
mistake() { echo "bench_vs_pytorch.sh: $1" >&2; exit 2; }

runs=5 seconds=4 markdown=() sections=()
for argument in "$@"; do
  case "$argument" in
    -h | --help) usage; exit 0 ;;
    --runs=*) runs=${argument#*=} ;;
    --seconds=*) seconds=${argument#*=} ;;
    --markdown) markdown=(--markdown) ;;
    one-core | large | two-cores) sections+=("$argument") ;;
    *) mistake "$argument is no section and no option; there are one-core, large and two-cores, --runs, --seconds and --markdown" ;;
  esac
done
[[ ${#sections[@]} -gt 0 ]] || sections=(one-core large two-cores)
[[ $runs =~ ^[1-9][0-9]*$ ]] || mistake "--runs must be a whole number above 0, is '$runs'"
[[ $seconds =~ ^[0-9]+(\.[0-9]+)?$ ]] || mistake "--seconds must be a number, is '$seconds'"

primacy=${BUILD:-build}/primacy
python=${PYTHON:-/usr/bin/python3}
core=${CORE:-0}
read -ra arrangements <<<"${ARRANGEMENTS:-1+1 1+2 2+2}"
read -ra step_options <<<"${STEP_OPTIONS:-}"
[[ -x $primacy ]] || mistake "no $primacy: build it, or set BUILD"
"$python" -c 'import torch, numpy' 2>/dev/null || mistake "$python has no PyTorch or no NumPy: tools/install_deps.sh --test, or set PYTHON"

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
cat >"$results/names" <<'NAMES'
one-core one core, batch 1,024
large one core, 64 slots, 10,000,000 rows
two-cores two cores, batch up to 4,096
NAMES

peer() { "$@" --runs=1 --seconds="$seconds"; }

# one_core MODEL COMPUTE [OPTION...]: a run of each side.
one_core() {
  local model=$1 compute=$2 bf16=()
  shift 2
  [[ $compute == bf16 ]] && bf16=(--bf16)
  taskset -c "$core" "$primacy" bench step --arrangement=process --noroofline --model="$model" --compute="$compute" \
    --runs=1 --seconds="$seconds" --json "$@"
  peer taskset -c "$core" "$python" tests/bench/peer_step.py --model="$model" "${bf16[@]}" "$@"
}

two_cores() {
  local model=$1 compute=$2 bf16=() arrangement batch
  [[ $compute == bf16 ]] && bf16=(--bf16)
  for arrangement in "${arrangements[@]}"; do
    "$primacy" bench step --arrangement=job --model="$model" --compute="$compute" --batch=4096 --servers="${arrangement%+*}" \
      --workers="${arrangement#*+}" --runs=1 --log_rows=400000 --json "${step_options[@]}"
  done
  for batch in 1024 4096; do
    peer "$python" tests/bench/peer_step.py --model="$model" "${bf16[@]}" --batch=$batch --threads=2
    peer "$python" tests/bench/peer_step.py --model="$model" "${bf16[@]}" --batch=$batch --processes=2
  done
}

for ((run = 1; run <= runs; ++run)); do
  for section in "${sections[@]}"; do
    for compute in fp32 bf16; do
      for model in shared_bottom mmoe; do
        [[ $section == large && $model == mmoe ]] && continue
        echo "run $run of $runs: $section $compute $model" >&2
        case "$section" in
          one-core) one_core "$model" "$compute" ;;
          large) one_core "$model" "$compute" --single_slots=64 --table_rows=10000000 ;;
          two-cores) two_cores "$model" "$compute" ;;
        esac >>"$results/$section.jsonl"
      done
    done
  done
done

"$python" tests/bench/peer_table.py "${markdown[@]}" "$results"
echo "load average when it ended: $(cut -d' ' -f1-3 /proc/loadavg)"

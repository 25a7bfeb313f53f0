#!/usr/bin/env bash
# From a fresh machine to test results: installs what is missing, builds, runs the tests.
#
#   tools/run_tests.sh                     # release build, every test but the slow ones
#   tools/run_tests.sh --all               # the slow ones too
#   tools/run_tests.sh --sanitizer=asan    # under AddressSanitizer and UndefinedBehaviorSanitizer, without MPI, which leaks
#   tools/run_tests.sh --sanitizer=tsan    # under ThreadSanitizer, without MPI, which it does not understand
#   tools/run_tests.sh --lint              # no tests: clang-format, clang-tidy, lock annotations
#
# PRIMACY_TEST_DATA names a directory of real data for tests that want some. Once it is set, a test that is skipped fails
# the run. The last line is ctest's summary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=release
left_out=(slow)
lint=false

for argument in "$@"; do
  case "$argument" in
    --all) left_out=("${left_out[@]/slow/}") ;;
    --sanitizer=asan) preset=asan; left_out+=(mpi) ;;
    --sanitizer=tsan) preset=tsan; left_out+=(mpi) ;;
    --lint) lint=true; preset=debug ;;
    -h | --help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "run_tests.sh: unknown option $argument; --help lists them" >&2; exit 2 ;;
  esac
done

jobs=$(nproc)
build=build
[[ $preset == release ]] || build=build-$preset

build_all() {
  local log=$build.log
  echo "building $preset in $build"
  cmake --preset "$preset" -DPRIMACY_TESTS=ON >"$log" 2>&1 || { cat "$log" >&2; return 1; }
  # Only what went wrong is worth reading.
  cmake --build --preset "$preset" -j "$jobs" >"$log" 2>&1 || { grep -v '^\[' "$log" >&2; return 1; }
  rm -f "$log"
}

# A ctest -LE pattern of the labels left out; one that matches nothing when there are none.
label_pattern() {
  local pattern=
  for label in "${left_out[@]}"; do
    [[ -z "$label" ]] || pattern+="${pattern:+|}$label"
  done
  echo "^(${pattern:-none})\$"
}

run_ctest() {
  # One compute thread a process: tests run side by side already.
  export OMP_NUM_THREADS=1
  export UBSAN_OPTIONS="print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
  export TSAN_OPTIONS="second_deadlock_stack=1:suppressions=$PWD/tests/support/tsan_suppressions.txt${TSAN_OPTIONS:+:$TSAN_OPTIONS}"
  local runner=()
  # ThreadSanitizer's memory layout does not go with every kernel's address randomisation.
  if [[ $preset == tsan ]] && setarch --addr-no-randomize true 2>/dev/null; then
    runner=(setarch --addr-no-randomize)
  fi
  "${runner[@]}" ctest --test-dir "$build" -j "$jobs" --output-on-failure --no-tests=error \
    -LE "$(label_pattern)"
}

# Names of tests that ctest calls skipped although part of them failed, crashed or displeased a sanitizer: it looks for the
# word SKIPPED in a test's output before it looks at its exit code.
failed_behind_a_skip() {
  awk '
    function judge() {
      if (skipped && (failed || (begun && !ended))) print name
      skipped = failed = begun = ended = 0
    }
    /^[0-9]+\/[0-9]+ Testing: / { judge(); name = $3 }
    /\[  SKIPPED \]/ { skipped = 1 }
    /\[  FAILED  \]|Sanitizer|runtime error:/ { failed = 1 }
    /^\[==========\] Running / { begun = 1 }
    /^\[==========\] .* ran\./ { ended = 1 }
    END { judge() }' "$build/Testing/Temporary/LastTest.log"
}

run_tests() {
  local log outcome=0 hidden
  log=$(mktemp)
  run_ctest 2>&1 | tee "$log" || outcome=$?
  hidden=$(failed_behind_a_skip)
  if [[ -n "$hidden" ]]; then
    echo "failed, although ctest calls it skipped: $hidden"
    outcome=1
  fi
  if [[ -n "${PRIMACY_TEST_DATA:-}" ]] && grep -q '\*\*\*Skipped' "$log"; then
    echo "PRIMACY_TEST_DATA is set, so no test may be skipped:"
    grep '\*\*\*Skipped' "$log"
    outcome=1
  fi
  grep -E '^[0-9]+% tests passed' "$log" || { echo "ctest did not finish" >&2; outcome=1; }
  rm -f "$log"
  return "$outcome"
}

tools/install_deps.sh --test
build_all
if $lint; then
  tools/lint.sh "$build"
else
  run_tests
fi

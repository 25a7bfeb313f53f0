#!/usr/bin/env bash
# Static checks: clang-format, then clang-tidy with the analysis of lock annotations, over the compile database of BUILD.
#
#   tools/lint.sh [BUILD]                # everything, which takes long; BUILD is build-debug unless given
#   tools/lint.sh --since=REV [BUILD]    # sources that differ from REV, and those that include a header that does
#
# BUILD must have been built, for the generated headers. Findings come as they are found; at the end it is said how many
# files have some.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build-debug
since=
for argument in "$@"; do
  case "$argument" in
    --since=*) since=${argument#*=} ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "lint.sh: unknown option $argument; --help lists them" >&2; exit 2 ;;
    *) build=$argument ;;
  esac
done
[[ -f $build/compile_commands.json ]] || { echo "lint.sh: $build has no compile_commands.json" >&2; exit 2; }
if grep -q '^PRIMACY_UNITY:BOOL=ON' "$build/CMakeCache.txt"; then
  echo "lint.sh: $build has PRIMACY_UNITY on, so that its compile_commands.json lacks most sources" >&2
  exit 2
fi
if [[ -n "$since" ]] && ! git rev-parse --quiet --verify "$since^{commit}" >/dev/null; then
  echo "lint.sh: --since=$since is no revision" >&2
  exit 2
fi

folders=(common ps worker tools tests)

# All files with one of the suffixes, a line each, or with --since those that differ, committed or not.
files_to_check() {
  local suffixes=$1
  if [[ -z "$since" ]]; then
    find "${folders[@]}" -type f
  else
    git diff --name-only --diff-filter=d "$since" -- "${folders[@]}"
    git ls-files --others --exclude-standard -- "${folders[@]}"
  fi | { grep -E "\.($suffixes)\$" || true; } | sort -u
}

# Sources, and with --since also those that include a header in question.
sources_to_check() {
  files_to_check cc
  if [[ -n "$since" ]]; then
    files_to_check h | while read -r header; do
      grep -rlF --include='*.cc' "#include \"$header\"" "${folders[@]}" || true
    done
  fi
}

# One source; its findings at once, then a line for the count.
check_source() {
  local found outcome=clean
  # Clang does not know all of g++'s options.
  found=$(clang-tidy-16 -p "$build" --quiet --warnings-as-errors='*' --extra-arg=-Wthread-safety \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-unused-command-line-argument "$1" 2>&1) || outcome=found
  found=$(grep -vE '^[0-9]+ warnings?( and [0-9]+ errors?)? (generated|treated)|^Suppressed' <<<"$found" || true)
  [[ $outcome == clean ]] && found=
  printf '%s%s %s\n' "${found:+$found$'\n'}" "@$outcome" "$1"
}
export -f check_source
export build

# Passes findings on and counts files; redraws one line on a terminal, else says every 25th file.
show_progress() {
  local total=$1 checked=0 bad=0 line
  while IFS= read -r line; do
    if [[ $line != @* ]]; then
      printf '%s\n' "$line"
      continue
    fi
    checked=$((checked + 1))
    [[ $line == @clean* ]] || bad=$((bad + 1))
    if [[ -t 2 ]]; then
      printf '\r\033[K[%d/%d] %s\r' "$checked" "$total" "${line#* }" >&2
    elif ((checked % 25 == 0 || checked == total)); then
      echo "clang-tidy: $checked of $total files" >&2
    fi
  done
  [[ ! -t 2 ]] || printf '\033[K' >&2
  ((bad == 0)) || { echo "clang-tidy: $bad of $total files have findings"; return 1; }
}

files_to_check 'cc|h' | xargs -r clang-format --dry-run --Werror
echo "clang-format: clean"

mapfile -t sources < <(sources_to_check | sort -u)
if ((${#sources[@]} > 0)); then
  printf '%s\n' "${sources[@]}" |
    xargs -P "$(nproc)" -I {} bash -c 'check_source "$1"' check_source {} | show_progress "${#sources[@]}"
fi
echo "clang-tidy and lock annotations: clean, ${#sources[@]} files"

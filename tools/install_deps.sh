#!/usr/bin/env bash
# Installs what building and running Primacy needs on Debian 12, and nothing that is there already.
#
#   tools/install_deps.sh           # build and run
#   tools/install_deps.sh --test    # and test: oracles, formatting, static analysis
#
# Works as root or through sudo. Silent when there is nothing to do.
set -euo pipefail

packages=(
  # The compiler, the build, and a cache for the builds of each sanitizer.
  g++ cmake ninja-build ccache
  # Links in a fraction of the default linker's time, which counts with all the test programs; used where it is there.
  mold
  # Starts the ranks of a job; mpirun wants ssh in the PATH even on one host.
  libopenmpi-dev openmpi-bin openssh-client
  # Asio: sockets between workers and servers. Its 1.74 would be the default one.
  libboost1.81-dev
  # The job file and the control messages.
  libprotobuf-dev protobuf-compiler
  # Command lines and logs.
  libgflags-dev libgoogle-glog-dev
  # Tests and benchmarks: part of the build.
  libgtest-dev libgmock-dev libbenchmark-dev
  # Dense layers.
  libdnnl-dev
  # Compression of click logs, inputs in gzip, the hash of keys.
  libzstd-dev zlib1g-dev libxxhash-dev
  # The proof of the job's secret on each connection.
  libssl-dev
  # PNGs of the plots of a comparison; without it the SVGs stay.
  librsvg2-bin
)
test_packages=(
  # Oracles: the same arithmetic in another library.
  python3-torch python3-numpy libopenblas0-openmp
  # The house style.
  clang-format
  # Static analysis and lock annotations; the default clang of Debian 12 lacks std::source_location.
  clang-16 clang-tidy-16
)

usage() {
  sed -n '2,7s/^# \{0,1\}//p' "$0"
}

for argument in "$@"; do
  case "$argument" in
    --test) packages+=("${test_packages[@]}") ;;
    -h | --help) usage; exit 0 ;;
    *) echo "install_deps.sh: unknown option $argument; it takes --test" >&2; exit 2 ;;
  esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "install_deps.sh: this system has no apt-get; install the packages named in it by other means" >&2
  exit 2
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ "$status" == ii* ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $EUID -ne 0 ]]; then
  command -v sudo >/dev/null || {
    echo "install_deps.sh: run as root, or install sudo: ${missing[*]} must be installed" >&2
    exit 2
  }
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" \
    >"$log" 2>&1 || { cat "$log" >&2; echo "install_deps.sh: apt-get $1 failed" >&2; exit 1; }
}
echo "installing ${missing[*]}"
apt update
apt install --no-install-recommends "${missing[@]}"

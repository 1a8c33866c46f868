#!/bin/bash
# Runs tests on emulated old processors (qemu-user), which proves that the dispatch never picks an
# instruction that the processor lacks, and that the portable kernels are right where only they can
# run. The emulator stops a program at an instruction that its processor does not have.
# under_qemu.sh [FILTER]: tests to run (a regular expression over their names), by default
# those of kernels and layers; `.` runs the whole suite.
# CPUS names other processors than "Nehalem Haswell" (qemu-x86_64 -cpu help lists them).
set -euo pipefail
cd "$(dirname "$0")/../.."
filter=${1:-^(ComputeTests|LayersTests)\\.}
swift=${SWIFT:-swift}
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "under_qemu.sh: needs Linux on x86-64, this is $(uname -sm)" >&2
  exit 64
fi
if ! command -v qemu-x86_64 >/dev/null; then
  install="apt-get install -y --no-install-recommends qemu-user"
  [ "$(id -u)" = 0 ] || install="sudo $install"
  $install >&2
fi
$swift build --build-tests -c release -Xswiftc -enable-testing --scratch-path .build-test >&2
bundle=$($swift build -c release --scratch-path .build-test --show-bin-path)/rowwisePackageTests.xctest

for cpu in ${CPUS:-Nehalem Haswell}; do
  echo "== $cpu, tests $filter"
  SECONDS=0
  # Warnings: the emulator has no TSX, which Haswell models ask for.
  # Shown are failures and the last line; the emulator's own status decides.
  qemu-x86_64 -cpu "$cpu" "$bundle" --testing-library swift-testing --filter "$filter" 2>&1 |
    { grep -vE "TCG doesn't support requested feature|(Test|Suite) .* started|(Suite|Test [^ ]*\() ?.* passed" || true; } ||
    { echo "under_qemu.sh: tests failed on $cpu" >&2; exit 1; }
  echo "== $cpu: passed in $SECONDS s"
done

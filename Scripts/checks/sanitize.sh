#!/bin/bash
# Tests under sanitizers, in debug: what reads files of others under AddressSanitizer (with its search for
# leaks), what threads share under ThreadSanitizer. Builds only what these tests need; the fuzzers, which
# `make fuzz` builds with AddressSanitizer and UndefinedBehaviorSanitizer, are no part of it.
#   Scripts/checks/sanitize.sh [address | thread]        by default both, one after the other
set -euo pipefail
cd "$(dirname "$0")/../.."
# Swift's own crash reports take minutes with these sanitizers; theirs say where it was, too.
export SWIFT_BACKTRACE=enable=no

# run NAME SUITES [OPTION…]: builds and tests with one sanitizer; SUITES as --filter takes it.
run() {
  local name=$1 suites=$2 begun=$SECONDS
  shift 2
  # Read by Package.swift, which leaves out the other targets, and by tests that repeat.
  export ROWWISE_SANITIZING=$name
  swift build --build-tests --sanitize "$name" --scratch-path ".build-$name"
  local built=$SECONDS
  swift test --sanitize "$name" --scratch-path ".build-$name" --skip-build --disable-xctest \
    --filter "$suites" "$@"
  echo "$name sanitizer: no findings; built in $((built - begun)) s, tested in $((SECONDS - built)) s"
}

address='^(ImageDecodingTests|DatasetLoadingTests|SafetensorsTests|WeightExchangeTests|ONNXExchangeTests)\.|\.(PictureStreamTests|ModelFileErrorTests|RunCheckpointTests)/'
thread='^WorkersTests\.|\.(SharedNetworkTests|SharedClassifierTests|NetworkReaderTests|EngineTests|PictureStreamTests|DecodingMemoryTests|BatchFillerTests|MixingTests|CheckpointTests|OptimizerStateTests)/|\.(OutputGradientTests/besidePredictions|DividedSequenceTests/tasksGetTheAnswersOfOne)'

case "${1:-both}" in
  address | thread | both) ;;
  *)
    echo "sanitize: unknown sanitizer $1; expected address or thread" >&2
    exit 64
    ;;
esac
if [ "${1:-both}" != thread ]; then
  # What ONNX Runtime does with exported models is done in a process of its own, and starting one loses 32
  # bytes of Foundation's; whole data sets go through the code that small ones do, for a quarter of an hour.
  # `make test` runs both.
  ASAN_OPTIONS=detect_leaks=1 run address "$address" --skip \
    '^ONNXExchangeTests\.ONNXRuntimeTests/|^DatasetLoadingTests\.(OrdinaryPictures|RealData)Tests/'
fi
if [ "${1:-both}" != address ]; then
  run thread "$thread"
fi

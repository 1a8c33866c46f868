#!/bin/bash
# Builds the fuzzers with AddressSanitizer and UndefinedBehaviorSanitizer and runs each for a given
# time from its seeds. What is found lands in .build-fuzz/findings; see README.md here.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-60}
# Seconds that one input may take. On a busy machine give more, and try the inputs that took over one,
# which are kept as slow-unit, again.
limit=${TIMEOUT:-1}
all='png jpeg pnm bmp stream idx manifest table numpy pickle archive safetensors model checkpoint onnx weights'
all+=' configuration search arguments words request'
targets=${TARGETS:-$all}
build=.build-fuzz

if [ "$(uname)" != Linux ]; then
  echo 'fuzzing needs libFuzzer in the Swift toolchain, which only those for Linux have' >&2
  exit 69
fi
export ROWWISE_FUZZING=1
flags=(-c release --scratch-path "$build" --product ReaderFuzzer --sanitize address
  -Xswiftc -sanitize=fuzzer -Xswiftc -parse-as-library -Xswiftc -use-ld=lld
  -Xcc -fsanitize=undefined,fuzzer-no-link -Xcc -fno-sanitize-recover=undefined)
swift build "${flags[@]}" 1>&2
fuzzer=$(swift build "${flags[@]}" --show-bin-path)/ReaderFuzzer

# Swift's own crash reports take minutes with these sanitizers; theirs say where it was, too.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=quarantine_size_mb=16:detect_leaks=1
export LSAN_OPTIONS=suppressions=Fuzzing/leaks.txt:print_suppressions=0
status=0
mkdir -p "$build/findings"
printf '%-14s %10s %9s %9s %9s %8s  %s\n' target runs/s runs coverage corpus 'RSS MiB' findings
for target in $targets; do
  corpus="$build/corpus/$target"
  log="$build/$target.log"
  mkdir -p "$corpus"
  seeds=("Fuzzing/seeds/$target")
  [ -d "Fuzzing/regressions/$target" ] && seeds+=("Fuzzing/regressions/$target")
  # A hung process must not hold the rest up: it is killed a minute after its time.
  code=0
  timeout --signal=KILL $((seconds + 60)) "$fuzzer" "$target" "$corpus" "${seeds[@]}" \
    -max_total_time="$seconds" -timeout="$limit" -report_slow_units=1 \
    -rss_limit_mb=1024 -malloc_limit_mb=64 -max_len=8192 -print_final_stats=1 \
    -artifact_prefix="$build/findings/$target-" \
    ${SEED:+-seed=$SEED} >"$log" 2>&1 </dev/null || code=$?
  stat() { sed -n "s/^stat::$1: *//p" "$log" | tail -n 1; }
  coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  kept=$(sed -n 's/.* corp: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
  finding=none
  if [ "$code" -ne 0 ]; then
    finding="status $code, see $log"
    status=1
  fi
  printf '%-14s %10s %9s %9s %9s %8s  %s\n' "$target" "$(stat average_exec_per_sec)" \
    "$(stat number_of_executed_units)" "${coverage:-?}" "${kept:-?}" "$(stat peak_rss_mb)" "$finding"
done
exit $status

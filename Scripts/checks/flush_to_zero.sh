#!/bin/bash
# What denormal numbers still cost: times `rowwise benchmark` as it is and with flush-to-zero switched
# on from outside, turn by turn, and prints for 784 timesteps (T4) and the same from small weights, whose
# gradients vanish (T4s), the ratio of the two rates. x86-64 on Linux, with a C compiler.
#
#     Scripts/checks/flush_to_zero.sh [ROWWISE [PAIRS]]     default: .build/release/rowwise, 5 pairs
#
# From outside is a preloaded library that sets MXCSR's bits 15 (flush to zero) and 6 (denormals are zero)
# before main; threads inherit them. The status is 1 where a median is below 0.9.
set -euo pipefail
cd "$(dirname "$0")/../.."
rowwise=${1:-.build/release/rowwise}
pairs=${2:-5}
if [ "$(uname -sm)" != 'Linux x86_64' ]; then
  echo 'flush_to_zero.sh: needs Linux on x86-64' >&2
  exit 69
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/flush.c" <<'C'
#include <stdio.h>
#include <xmmintrin.h>
__attribute__((constructor)) static void flush(void) {
  _mm_setcsr(_mm_getcsr() | 1u << 15 | 1u << 6);
  /* A denormal number that a sum does not see proves it. */
  volatile float tiny = 1e-40f;
  if (tiny + tiny != 0) fprintf(stderr, "flush to zero is not on\n");
}
C
"${CC:-cc}" -O1 -shared -fPIC -o "$folder/flush.so" "$folder/flush.c"
for ((pair = 1; pair <= pairs; pair++)); do
  # Whoever runs first has the colder processor: they take turns.
  kinds='inside outside'
  ((pair % 2)) || kinds='outside inside'
  for kind in $kinds; do
    preload=
    [ "$kind" = outside ] && preload="$folder/flush.so"
    # env: the shell itself stays without it.
    env LD_PRELOAD="$preload" "$rowwise" benchmark --cases T4_b128,T4s_b128 \
      --threads "${THREADS:-1}" --seconds "${SECONDS_EACH:-1}" --format json \
      >"$folder/$kind-$pair.json" 2>"$folder/errors"
    if grep -q 'not on' "$folder/errors"; then cat "$folder/errors" >&2; exit 70; fi
  done
done
python3 - "$folder" "$pairs" <<'PYTHON'
import json
import statistics
import sys

folder, pairs = sys.argv[1], int(sys.argv[2])
wrong = False
print(f"{'case':<10} {'as it is':>10} {'from outside':>13} {'ratio':>7}  of pairs")
for case in ("T4_b128", "T4s_b128"):
    rates = {}
    for kind in ("inside", "outside"):
        rates[kind] = []
        for pair in range(1, pairs + 1):
            with open(f"{folder}/{kind}-{pair}.json") as file:
                found = [c for c in json.load(file)["cases"] if c["case"] == case]
            rates[kind].append(found[0]["samples_per_s"])
    ratios = [a / b for a, b in zip(rates["inside"], rates["outside"])]
    middle = statistics.median(ratios)
    wrong |= middle < 0.9
    print(f"{case:<10} {statistics.median(rates['inside']):>10.1f} "
          f"{statistics.median(rates['outside']):>13.1f} {middle:>7.3f}  "
          + " ".join(f"{r:.3f}" for r in ratios) + ("  BELOW 0.9" if middle < 0.9 else ""))
sys.exit(wrong)
PYTHON

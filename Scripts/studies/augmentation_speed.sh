#!/bin/bash
# Throughput of training with the strongest augmentation against none, turn by turn.
#
#   Scripts/studies/augmentation_speed.sh [ROWWISE [DATA [TURNS [EPOCHS]]]]
set -euo pipefail
rowwise=${1:-.build/release/rowwise}
data=${2:-fashion-mnist}
turns=${3:-3}
epochs=${4:-2}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for turn in $(seq "$turns"); do
  for kind in none strong; do
    changes=$kind
    [ $kind = strong ] && changes=strong,flip
    "$rowwise" train "$data" --recipe keras --layers lstm:128 --batch-size 128 --epochs "$epochs" \
      --augment $changes --quiet --output "$folder/$kind-$turn" > /dev/null
    # The pace of every epoch: training only, without validation.
    tail -n +2 "$folder/$kind-$turn/history.csv" | cut -d, -f7 >> "$folder/$kind"
  done
done
median() { sort -g "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
plain=$(median "$folder/none")
strong=$(median "$folder/strong")
awk -v a="$plain" -v b="$strong" 'BEGIN {
  printf "no augmentation: %.0f images/s, strong with flip: %.0f images/s, kept %.1f %%\n", a, b, 100 * b / a
  exit !(b >= 0.9 * a) }'

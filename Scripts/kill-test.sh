#!/bin/bash
# Kills a training run with SIGKILL at random moments and resumes it until it is done; the model's
# bytes must be those of a run that nothing has stopped, for 1, 2 and 3 threads, with dropout,
# augmentation, mixing, an average of the weights and a cosine schedule.
#
#   Scripts/kill-test.sh [ROWWISE [KILLS [SEED]]]
set -euo pipefail
cd "$(dirname "$0")/.."
rowwise=${1:-.build/release/rowwise}
kills=${2:-25}
RANDOM=${3:-1}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# As long as the kills leave it something to do: it is killed KILLS times before it may end.
train() {
  "$rowwise" train digits --layers lstm:24,dropout:0.3,lstm:24 --epochs 12 --batch-size 16 \
    --schedule cosine --warm-up 0.5 --average-decay 0.99 --augment strong --mixup 0.2 --cutmix 1 \
    --accumulate 2 --label-smoothing 0.05 --checkpoint-every 4 --quiet "$@"
}

start=$(date +%s%N)
train --threads 2 --output "$folder/whole" > /dev/null
length=$((($(date +%s%N) - start) / 1000000))
expected=$(sha256sum < "$folder/whole/model.safetensors")
echo "uninterrupted run: $length ms, model ${expected:0:16}"

status=0
for threads in 1 2 3; do
  run="$folder/killed-$threads"
  # A run folder without config.json has no run yet: it is started, not resumed.
  begin() {
    if [ -f "$run/config.json" ]; then
      "$rowwise" train --resume "$run" --threads $threads --quiet
    else
      train --threads $threads --output "$run"
    fi
  }
  done_kills=0
  epochs=""
  while [ $done_kills -lt "$kills" ]; do
    begin > /dev/null 2> "$folder/errors" &
    process=$!
    # Up to a tenth of the run's length: some 25 kills see all of it.
    pause=$((RANDOM % (length / 10 + 1) + 5))
    sleep "$(printf '%d.%03d' $((pause / 1000)) $((pause % 1000)))"
    if kill -KILL $process 2> /dev/null; then
      done_kills=$((done_kills + 1))
    fi
    if wait $process 2> /dev/null; then
      # It was done before its time: begin again, the kills so far count.
      cmp "$run/model.safetensors" "$folder/whole/model.safetensors" || status=1
      rm -rf "$run"
    elif [ -s "$folder/errors" ]; then
      echo "$threads threads: $(cat "$folder/errors")"
      status=1
    fi
    epochs="$epochs $(($(wc -l < "$run/history.csv" 2> /dev/null || echo 1) - 1))"
  done
  begin > /dev/null
  if cmp -s "$run/model.safetensors" "$folder/whole/model.safetensors" \
    && cmp -s "$run/last.safetensors" "$folder/whole/last.safetensors"; then
    echo "$threads threads: $kills kills (after epochs$epochs), resumed to the same bytes"
  else
    echo "$threads threads: $kills kills (after epochs$epochs), ended DIFFERENTLY"
    status=1
  fi
done
exit $status

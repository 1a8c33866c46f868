#!/bin/bash
# Kills a training run with SIGKILL at random moments and resumes it until it is done; the model's
# bytes must be those of a run that nothing has stopped, for 1, 2 and 3 threads, with dropout,
# augmentation, mixing, an average of the weights and a cosine schedule.
#
#   Scripts/checks/kill.sh [ROWWISE [KILLS [SEED]]]
set -euo pipefail
cd "$(dirname "$0")/../.."
rowwise=${1:-.build/release/rowwise}
kills=${2:-25}
RANDOM=${3:-1}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Takes this shell's place, so that a signal to it meets the tool itself.
train() {
  exec "$rowwise" train digits --recipe keras --layers lstm:24,dropout:0.3,lstm:24 --epochs 12 --batch-size 16 \
    --schedule cosine --warm-up 0.5 --average-decay 0.99 --augment strong --mixup 0.2 --cutmix 1 \
    --accumulate 2 --label-smoothing 0.05 --checkpoint-every 4 --quiet "$@"
}

# The step of a run's newest checkpoint.
reached() {
  local newest
  newest=$(ls "$1/checkpoints" 2> /dev/null | grep '^step-.*safetensors$' | sort | tail -1 || true)
  newest=${newest//[^0-9]/}
  echo $((10#0$newest))
}

(train --threads 2 --output "$folder/whole") > /dev/null
steps=$(reached "$folder/whole")
echo "uninterrupted run: $steps steps, model $(sha256sum < "$folder/whole/model.safetensors" | cut -c1-16)"

status=0
for threads in 1 2 3; do
  run="$folder/killed-$threads"
  # A run folder without config.json has no run yet: it is started, not resumed.
  begin() {
    if [ -f "$run/config.json" ]; then
      exec "$rowwise" train --resume "$run" --threads $threads --quiet
    else
      train --threads $threads --output "$run"
    fi
  }
  done_kills=0
  # It is killed so often before it may end.
  places=""
  while [ $done_kills -lt "$kills" ]; do
    (begin) > /dev/null 2> "$folder/errors" &
    process=$!
    # One in five while it begins; the others at a random moment after a random number of steps, so
    # that all of them together see the whole run, however busy the machine is.
    if [ $((RANDOM % 5)) -gt 0 ]; then
      target=$(($(reached "$run") + RANDOM % (2 * steps / kills + 1)))
      while [ "$(reached "$run")" -lt $target ] && kill -0 $process 2> /dev/null; do sleep 0.005; done
    fi
    sleep "$(printf '0.%03d' $((RANDOM % 100)))"
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
    places="$places $(reached "$run")"
  done
  (begin) > /dev/null
  if cmp -s "$run/model.safetensors" "$folder/whole/model.safetensors" \
    && cmp -s "$run/last.safetensors" "$folder/whole/last.safetensors"; then
    echo "$threads threads: $kills kills (after step$places), resumed to the same bytes"
  else
    echo "$threads threads: $kills kills (after step$places), ended DIFFERENTLY"
    status=1
  fi
done
exit $status

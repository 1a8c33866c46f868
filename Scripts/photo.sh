#!/bin/bash
# Classifies a picture as a telephone takes it of a digit on paper, by the model of Scripts/demo.sh: as it is,
# and with light and dark exchanged.
set -euo pipefail
rowwise=$(realpath "${1:-.build/release/rowwise}")
[[ -d runs/demo ]] || "$rowwise" train digits --output runs/demo
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
Scripts/make_photo.py 17 "$place/seven.png"
ln -s "$PWD/runs" "$place/runs"
cd "$place"

step() {
  printf '$ rowwise %s\n' "$*"
  "$rowwise" "$@" 2>&1
}

step classify runs/demo seven.png
printf '\n'
step classify runs/demo seven.png --invert auto

#!/bin/bash
# Trains on the bundled digits with nothing typed but their name, evaluates on their test part,
# classifies a few pictures of them.
set -euo pipefail
rowwise=${1:-.build/release/rowwise}
folder=runs/demo
rm -rf "$folder"

step() { printf '\n== %s\n' "$*"; }

step rowwise train digits --output "$folder"
"$rowwise" train digits --output "$folder"
step rowwise evaluate "$folder" digits
"$rowwise" evaluate "$folder" digits
step rowwise classify "$folder" Datasets/digits-png/3 Datasets/digits-png/7
"$rowwise" classify "$folder" Datasets/digits-png/3 Datasets/digits-png/7
step "The run is in $folder: model.safetensors, history.csv, config.json"
ls "$folder"

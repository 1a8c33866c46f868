#!/bin/bash
# Trains on the bundled digits, evaluates on their test part, classifies a few pictures of them.
set -euo pipefail
rowwise=${1:-.build/release/rowwise}
folder=runs/demo
rm -rf "$folder"

step() { printf '\n== %s\n' "$*"; }

options=(--layers lstm:128,dropout:0.3 --epochs 60 --learning-rate 0.003 --seed 0)
step rowwise train digits "${options[@]}" --output "$folder"
"$rowwise" train digits "${options[@]}" --output "$folder"
step rowwise evaluate "$folder" digits
"$rowwise" evaluate "$folder" digits
step rowwise classify "$folder" Datasets/digits-png/3 Datasets/digits-png/7
"$rowwise" classify "$folder" Datasets/digits-png/3 Datasets/digits-png/7
step "The run is in $folder: model.safetensors, history.csv, config.json"
ls "$folder"

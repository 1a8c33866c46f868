#!/bin/bash
# Makes a Python environment for each toolkit that run.py compares Rowwise with: PyTorch,
# Keras on TensorFlow, ONNX Runtime. They take about 8 GB.
# setup.sh [FOLDER]: where to make them; by default `environments` beside this script.
set -euo pipefail
cd "$(dirname "$0")"
folder=${1:-environments}
make_environment() {
  local name=$1
  shift
  [ -d "$folder/$name" ] || python3 -m venv "$folder/$name"
  "$folder/$name/bin/pip" install --quiet --upgrade "$@"
}
make_environment torch torch numpy pillow
make_environment tf tensorflow-cpu
make_environment ort onnxruntime onnx numpy

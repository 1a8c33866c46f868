#!/bin/bash
# Makes what run.py compares Rowwise with: a Python environment each for PyTorch, Keras on
# TensorFlow, ONNX Runtime and JAX, and a program on oneDNN's LSTM, all from PyPI. About 8 GB.
# setup.sh [FOLDER]: where to make them; by default `environments` beside this script.
# Needs python3 with venv and a C++ compiler (CXX, by default c++). Again: newest versions.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$here/environments}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
compiler=${CXX:-c++}

fail() {
  echo "setup.sh: $1" >&2
  exit 1
}
command -v "$compiler" >/dev/null || fail "no C++ compiler '$compiler': install g++ or set CXX"
python3 -c "import venv, ensurepip" 2>/dev/null ||
  fail "python3 cannot make environments: install python3-venv"

make_environment() {
  local name=$1
  shift
  echo "$name: $*" >&2
  [ -x "$folder/$name/bin/pip" ] || python3 -m venv --clear "$folder/$name"
  "$folder/$name/bin/pip" install --quiet --disable-pip-version-check --upgrade "$@"
}

make_environment torch torch numpy pillow
make_environment tf tensorflow-cpu numpy
make_environment ort onnxruntime onnx numpy
make_environment jax "jax[cpu]" optax numpy

# Newer packages of oneDNN are made for SYCL only and find no processor of the ordinary kind.
make_environment onednn onednn-devel-cpu-gomp==2023.2.0
dnnl=$folder/onednn
[ -e "$dnnl/lib/libdnnl.so" ] && [ -e "$dnnl/include/dnnl.hpp" ] ||
  fail "onednn-devel-cpu-gomp brought no lib/libdnnl.so or include/dnnl.hpp in $dnnl"
"$compiler" -std=c++17 -O3 -march=native -fopenmp "$here/peer_onednn.cpp" \
  -I "$dnnl/include" -L "$dnnl/lib" -ldnnl -Wl,-rpath,"$dnnl/lib" -o "$dnnl/peer_onednn"
echo "made in $folder" >&2

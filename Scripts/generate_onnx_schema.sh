#!/bin/bash
# Generates Sources/RowwiseONNXExchange/Schema/onnx.pb.swift, which is committed, from onnx.proto.
# Needs a folder with a clone of swift-protobuf (to build its generator) and Python's grpcio-tools
# (for the protocol buffer compiler):
#   Scripts/generate_onnx_schema.sh path/to/swift-protobuf path/to/python
set -euo pipefail
swift_protobuf=$(realpath "${1:?folder of swift-protobuf}")
python=${2:-python3}
cd "$(dirname "$0")/../Sources/RowwiseONNXExchange/Schema"
swift build --package-path "$swift_protobuf" -c release --product protoc-gen-swift
"$python" -m grpc_tools.protoc --proto_path=. --swift_out=. --swift_opt=Visibility=Internal \
  --plugin="$swift_protobuf/.build/release/protoc-gen-swift" onnx.proto

#!/bin/bash
# Builds the documentation of `import Rowwise`, articles and symbols of all modules that come with it, from
# the modules of a release build, which must be there. A warning is an error.
#   Scripts/checks/docs.sh            makes .build-docs/Rowwise.doccarchive
set -euo pipefail
cd "$(dirname "$0")/../.."
binaries=$(readlink -f "${BINARIES:-.build/release}")
output=.build-docs
if [ ! -f "$binaries/Modules/Rowwise.swiftmodule" ]; then
  echo "$binaries has no module Rowwise; build first: swift build -c release" >&2
  exit 66
fi
rm -rf "$output"
mkdir -p "$output/symbols" "$output/Rowwise.docc"

# What Exports.swift brings along is shown as Rowwise's own.
modules=$(sed -n 's/^@_exported public import //p' Sources/Rowwise/Exports.swift | paste -sd, -)
# The C modules beneath, which extracting needs to read.
clang=()
for folder in Sources/C* "$binaries"/../../checkouts/swift-numerics/Sources/_NumericsShims; do
  clang+=(-I "$folder" -I "$folder/include")
  generated="$binaries/$(basename "$folder").build/module.modulemap"
  if [ -f "$generated" ]; then clang+=(-Xcc "-fmodule-map-file=$generated"); fi
done
swift-symbolgraph-extract -module-name Rowwise -target "$(basename "$(dirname "$binaries")")" \
  -experimental-allowed-reexported-modules="$modules" -minimum-access-level public \
  -I "$binaries/Modules" -module-cache-path "$output/cache" "${clang[@]}" -output-dir "$output/symbols"

# The articles' links lead to files, so that they work where Markdown is read as it stands; here they lead
# to articles, and docc checks them.
for article in Sources/Rowwise/Rowwise.docc/*.md; do
  sed -E 's/\]\(([A-Za-z]+)\.md\)/](doc:\1)/g' "$article" >"$output/Rowwise.docc/$(basename "$article")"
done
docc convert "$output/Rowwise.docc" --additional-symbol-graph-dir "$output/symbols" \
  --fallback-display-name Rowwise --fallback-bundle-identifier rowwise \
  --warnings-as-errors --output-dir "$output/Rowwise.doccarchive"
rm -rf "$output/symbols" "$output/Rowwise.docc" "$output/cache"
echo "documentation: $output/Rowwise.doccarchive"

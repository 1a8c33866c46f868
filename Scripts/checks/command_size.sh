#!/bin/bash
# The command that `make install` copies stays small: without symbols at most 32 MB (millions of bytes; 25
# before swift-nio came for rowwise serve), and
# without ICU's tables of all languages, 34 MB that come along as soon as one object calls what only all of
# Foundation has. FoundationEssentials does without them. What the linker keeps decides, so this looks at
# the command itself.
# command_size.sh [COMMAND]: built as by make build and not stripped; by default .build/release/rowwise.
set -euo pipefail
command=${1:-$(dirname "${BASH_SOURCE[0]}")/../../.build/release/rowwise}
most=32000000
fail() {
  printf 'command_size: %s\n' "$2" >&2
  exit "$1"
}
if [ "$(uname)" != Linux ]; then
  echo 'command_size: only on Linux Swift is part of the command' >&2
  exit 0
fi
[ -f "$command" ] || fail 66 "there is no $command; build first: make build"
# Where Swift's libraries are files of their own, the command says nothing about them.
shared=$(readelf --dynamic --wide "$command" |
  sed -nE 's/.*NEEDED.*\[(lib(swift|_?Foundation)[^]]*)\]/\1/p')
[ -z "$shared" ] || fail 66 "$command loads ${shared//$'\n'/, }: build it with make build"
symbols=$(nm --defined-only "$command" 2>/dev/null)
[ -n "$symbols" ] || fail 66 "$command has no symbols: expected what make build makes"
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" "$command"
size=$(stat --format %s "$stripped")
icu=$(grep -c icudt <<<"$symbols" || true)
printf 'command: %d bytes without symbols, of at most %d; %d symbols of ICU'\''s tables\n' \
  "$size" "$most" "$icu"
[ "$icu" = 0 ] ||
  fail 1 "ICU is in it: something needs all of Foundation, not FoundationEssentials (CONTRIBUTING.md)"
[ "$size" -le "$most" ] || fail 1 "it is $((size - most)) bytes too large"

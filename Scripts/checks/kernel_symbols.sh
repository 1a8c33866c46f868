#!/bin/bash
# Kernels compiled for AVX2 and AVX-512 must not lend their code to the rest of the program: where
# two objects define the same weak function (a specialisation of the standard library's code, a
# witness table accessor), the linker keeps one of them, and an old processor would stop at the
# first instruction that it does not have. Such functions pass only where they consist of
# instructions that every x86-64 processor has; functions named for their kernel module are its own.
# kernel_symbols.sh [BUILD]: folder of a build, by default .build/release.
set -euo pipefail
build=${1:-$(dirname "${BASH_SOURCE[0]}")/../../.build/release}
if [ "$(uname -m)" != x86_64 ]; then
  echo "kernel_symbols: only x86-64 has kernels for several instruction sets" >&2
  exit 0
fi

# What x86-64-v3 and -v4 add: everything VEX or EVEX encoded, BMI, and a few more.
newer='^(v[a-z]|k[a-z]+[bwdq]$|andn|bextr|bls(i|r|msk)|bzhi|mulx|p(dep|ext)|[rs](or|ar|hl|hr)x|[lt]zcnt|movbe|popcnt|p[a-z]*sx|p[a-z]*zx|pshufb|pblend|round[ps]|insert|extract)'

checked=0
shared=0
wrong=0
for module in RowwiseKernelsAVX2 RowwiseKernelsAVX512 RowwiseKernelsAVX512BF16; do
  for object in "$build/$module.build"/*.o; do
    [ -e "$object" ] || { echo "kernel_symbols: no objects in $build/$module.build" >&2; exit 66; }
    checked=$((checked + 1))
    # Defined weak functions (W), or strong ones (T), that are not named for the module.
    while read -r symbol; do
      [ -n "$symbol" ] || continue
      shared=$((shared + 1))
      found=$(objdump -d --no-show-raw-insn --disassemble="$symbol" "$object" |
        awk -F '\t' -v newer="$newer" '
          NF > 1 { instructions++; split($2, words, " "); if (words[1] ~ newer) print "  " $2 }
          END { if (!instructions) print "  could not be disassembled" }')
      if [ -n "$found" ]; then
        wrong=$((wrong + 1))
        printf '%s: the shared function %s has instructions of a newer processor:\n%s\n' \
          "$(basename "$(dirname "$object")")/$(basename "$object")" "$symbol" "$found" >&2
      fi
    done < <(nm --defined-only "$object" |
      awk -v own="${#module}$module" '$2 ~ /^[WTu]$/ && index($3, own) == 0 { print $3 }')
  done
done
echo "$checked objects, $shared shared functions, $wrong of them with newer instructions"
[ "$wrong" = 0 ]

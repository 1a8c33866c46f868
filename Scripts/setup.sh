#!/bin/bash
# Installs what Rowwise needs from the system and says plainly what it cannot install.
set -u

fail() {
  printf 'rowwise set-up: %s\n' "$1" >&2
  exit 1
}

command -v swift >/dev/null 2>&1 ||
  fail 'no Swift toolchain found; install Swift 6.2 or later (swift.org/install) and put it on PATH'
version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
read -r major minor <<<"${version:-0 0}"
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
  fail "Swift $major.$minor found; 6.2 or later is needed"
fi

if [ "$(uname)" = Darwin ]; then
  command -v brew >/dev/null 2>&1 ||
    fail 'libpng, jpeg-turbo and libyaml are needed; install Homebrew, then: brew install libpng jpeg-turbo libyaml'
  for package in libpng jpeg-turbo libyaml pkg-config; do
    brew list "$package" >/dev/null 2>&1 || brew install "$package" || fail "brew install $package failed"
  done
  exit 0
fi

missing=()
for package in libpng-dev libjpeg-dev zlib1g-dev libyaml-dev pkg-config; do
  case $package in
    libpng-dev) file=/usr/include/png.h ;;
    libjpeg-dev) file=/usr/include/jpeglib.h ;;
    zlib1g-dev) file=/usr/include/zlib.h ;;
    libyaml-dev) file=/usr/include/yaml.h ;;
    pkg-config) file=$(command -v pkg-config || echo /nowhere) ;;
  esac
  [ -e "$file" ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

command -v apt-get >/dev/null 2>&1 ||
  fail "the libraries of these Debian packages are missing, and there is no apt-get here: ${missing[*]}"
root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 ||
    fail "missing packages, and neither root nor sudo to install them: apt-get install ${missing[*]}"
  root=(sudo)
fi
printf 'Installing %s\n' "${missing[*]}" >&2
"${root[@]}" apt-get update -qq || fail 'apt-get update failed'
DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq "${missing[@]}" ||
  fail "apt-get install ${missing[*]} failed"

#!/bin/bash
# Runs tests on an emulated processor with AVX-512 and its bfloat16 instructions (Bochs, model
# Sapphire Rapids; qemu has no AVX-512), for machines without them. Debian or Ubuntu on x86-64.
# avx512.sh [FILTER]: tests to run (a regular expression over their names), by default those
# that run every kernel set, here on avx512 and avx512bf16 alone (KERNELS names others). One emulated
# core does some 10⁸ plain and far fewer wide instructions a second, so a test takes some 100 times its
# usual time.
#
# The first run compiles Bochs from Debian's source package and fetches a kernel; both stay in
# EMULATOR, by default ~/.cache/rowwise-emulator. BUNDLE names other tests to run than those of
# .build-test, built as `make test` does.
set -euo pipefail
cd "$(dirname "$0")/../.."
filter=${1:-^ComputeTests\\.Kernel}
emulator=${EMULATOR:-${XDG_CACHE_HOME:-$HOME/.cache}/rowwise-emulator}
limit=${LIMIT_SECONDS:-3600}
swift=${SWIFT:-swift}

fail() {
  echo "avx512.sh: $1" >&2
  exit "${2:-70}"
}
[ "$(uname -sm)" = "Linux x86_64" ] || fail "needs Linux on x86-64, this is $(uname -sm)" 64
command -v apt-get >/dev/null || fail "needs Debian's or Ubuntu's apt-get" 64

install_packages() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" ||
      missing+=("$package")
  done
  [ "${#missing[@]}" = 0 ] && return
  local root=""
  [ "$(id -u)" = 0 ] || root=sudo
  $root apt-get install -y --no-install-recommends "${missing[@]}" >&2
}

# Bochs 3 knows AVX512_BF16; older distributions have older ones, so its source comes from Debian
# trixie through a package list of its own. The source is patched in one place: images laid in
# memory were read as if memory blocks that are allocated on first use lay next to each other.
build_bochs() {
  install_packages g++ make xz-utils
  local work=$emulator/source
  rm -rf "$work"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  # The mirror that apt uses already.
  local site
  site=$(apt-get indextargets --format '$(SITE)' | grep -m 1 '/debian/*$') ||
    fail "apt uses no mirror of Debian; its source of Bochs is needed" 74
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site trixie main" \
    >"$work/sources.list"
  local options=(-o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update >&2
  # Its description may be missing from a mirror; the archive is enough.
  (cd "$work" && apt-get "${options[@]}" source --download-only bochs >&2) || true
  tar -xf "$work"/bochs_3*.orig.tar.xz -C "$work" || fail "no source of Bochs 3 from Debian" 74
  cd "$work"/bochs-3*/
  sed -i 's/get_vector(offset), size);/get_vector(offset), size < 4096 ? size : 4096);/' \
    memory/misc_mem.cc
  grep -q "size < 4096" memory/misc_mem.cc || fail "Bochs has changed: see load_RAM in memory"
  ./configure --enable-x86-64 --enable-cpu-level=6 --enable-avx --enable-evex \
    --enable-all-optimizations --disable-docbook --disable-plugins --disable-cdrom --with-nogui \
    --without-x11 CXXFLAGS="-O3 -march=native -w" CFLAGS="-O3 -march=native -w" >&2
  make -j"$(nproc)" bochs >&2
  cp bochs "$emulator/bochs"
  cd "$OLDPWD"
  rm -rf "$work"
}

fetch_kernel() {
  local work=$emulator/kernel package
  rm -rf "$work"
  mkdir -p "$work"
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' |
    head -n 1)
  [ -n "$package" ] || fail "apt has no linux-image-cloud-amd64: run apt-get update" 74
  (cd "$work" && apt-get -o APT::Sandbox::User=root download "$package" >&2 && dpkg -x ./*.deb .)
  cp "$work"/boot/vmlinuz-* "$emulator/vmlinuz"
  rm -rf "$work"
}

mkdir -p "$emulator"
install_packages bochsbios vgabios busybox-static cpio
[ -x "$emulator/bochs" ] || build_bochs
[ -e "$emulator/vmlinuz" ] || fetch_kernel

if [ -z "${BUNDLE:-}" ]; then
  $swift build --build-tests -c release -Xswiftc -enable-testing --scratch-path .build-test >&2
  folder=$($swift build -c release --scratch-path .build-test --show-bin-path)
  BUNDLE=$folder/rowwisePackageTests.xctest
fi
[ -x "$BUNDLE" ] || fail "no tests at $BUNDLE" 66

# A root file system with the tests, their libraries and fixtures, and nothing else.
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
root=$run/root
mkdir -p "$root"/{bin,dev,proc,sys,tmp,tests}
cp /bin/busybox "$root/bin/"
cp "$BUNDLE" "$root/tests/tests"
cp -r "$(dirname "$BUNDLE")"/*.resources "$root/tests/" 2>/dev/null || true
strip --strip-debug "$root/tests/tests"
ldd "$BUNDLE" | grep -oE '/[^ ]+' | sort -u | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
cat >"$root/init" <<INIT
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
exec </dev/ttyS0 >/dev/ttyS0 2>&1
echo "processor: \$(/bin/busybox grep -m 1 'model name' /proc/cpuinfo | /bin/busybox cut -d : -f 2)"
for flag in avx512f avx512_bf16; do
  /bin/busybox grep -qw \$flag /proc/cpuinfo || echo "missing: \$flag"
done
cd /tests
export TEST_KERNELS=${KERNELS:-avx512,avx512bf16}
./tests --testing-library swift-testing --filter '$filter'
echo "exit status: \$?"
/bin/busybox sleep 2
/bin/busybox poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet) >"$run/initrd"

# The emulator's short string copies (fsrm, 580) and its system management mode with five levels of
# page tables stop this kernel.
python3 Scripts/checks/boot_image.py "$emulator/vmlinuz" "$run/initrd" "$run" \
  "console=ttyS0 quiet mitigations=off nokaslr no5lvl clearcpuid=580"
cat >"$run/bochsrc" <<CONFIGURATION
config_interface: textconfig
display_library: nogui
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
megs: 2048
cpu: model=${CPU:-sapphire_rapids}, count=1, ips=100000000, reset_on_triple_fault=0
floppya: 1_44=$run/floppy.img, status=inserted
boot: floppy
optramimage1: file=$run/setup.bin, address=0x90000
optramimage2: file=$run/kernel.bin, address=0x100000
optramimage3: file=$run/initrd, address=0x20000000
com1: enabled=1, mode=file, dev=$run/serial.txt
log: $run/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
clock: sync=none, time0=utc
CONFIGURATION
echo "== emulated AVX-512 processor, tests $filter" >&2
SECONDS=0
: >"$run/serial.txt"
tail -f -n +1 "$run/serial.txt" &
tail=$!
# It ends with a "panic" where the guest switches itself off.
timeout "$limit" "$emulator/bochs" -q -unlock -f "$run/bochsrc" </dev/null >"$run/bochs.out" 2>&1 ||
  true
sleep 1
kill "$tail"
echo "== $SECONDS s" >&2
grep -q "^missing:" "$run/serial.txt" && fail "the emulated processor lacks instructions"
if ! grep -q "^exit status: 0" "$run/serial.txt"; then
  grep PANIC "$run/bochs.log" >&2 || true
  fail "the tests failed, or did not end within $limit s"
fi

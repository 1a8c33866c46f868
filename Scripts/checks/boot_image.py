#!/usr/bin/env python3
"""Makes what Bochs needs to start a Linux kernel without a boot loader: a floppy's image whose boot
sector jumps into the kernel's real-mode part, and that part and the kernel proper as images to be
laid in memory (Linux x86 boot protocol, Documentation/arch/x86/boot.rst).

boot_image.py KERNEL INITRD FOLDER ARGUMENTS: writes floppy.img, setup.bin and kernel.bin to FOLDER;
they belong at addresses 0x90000 and 0x100000, INITRD at 0x20000000."""
import struct
import sys
from pathlib import Path

SETUP, INITRD = 0x90000, 0x2000_0000
ARGUMENTS_AT, HEAP_END, STACK = 0xE000, 0xDF00, 0xD000

kernel_path, initrd_path, folder, arguments = sys.argv[1:5]
kernel = Path(kernel_path).read_bytes()
if kernel[0x202:0x206] != b"HdrS":
    sys.exit(f"{kernel_path}: not a Linux kernel for x86 (no HdrS at 0x202)")
length = ((kernel[0x1F1] or 4) + 1) * 512
setup = bytearray(kernel[:length])
setup[0x210] = 0xFF  # loader: unknown
setup[0x211] |= 0x81  # loaded high, heap usable
struct.pack_into("<II", setup, 0x218, INITRD, Path(initrd_path).stat().st_size)
struct.pack_into("<H", setup, 0x224, HEAP_END - 0x200)
struct.pack_into("<I", setup, 0x228, SETUP + ARGUMENTS_AT)
if length > STACK:
    sys.exit(f"{kernel_path}: its real-mode part has {length} bytes, more than {STACK}")
setup += bytes(ARGUMENTS_AT - length) + arguments.encode() + b"\0"

segment = struct.pack("<H", SETUP >> 4)
boot = b"\xfa\xb8" + segment  # cli; mov ax, segment
boot += b"\x8e\xd8\x8e\xc0\x8e\xe0\x8e\xe8\x8e\xd0"  # mov ds, es, fs, gs, ss, ax
boot += b"\xbc" + struct.pack("<H", STACK)  # mov sp, STACK
boot += b"\xea\x00\x00" + struct.pack("<H", (SETUP >> 4) + 0x20)  # jmp segment + 0x20:0
boot += bytes(510 - len(boot)) + b"\x55\xaa"
Path(folder, "floppy.img").write_bytes(boot + bytes(1_474_560 - len(boot)))
Path(folder, "setup.bin").write_bytes(setup)
Path(folder, "kernel.bin").write_bytes(kernel[length:])

# Two commands do everything: `make demo` and `make test`.
SHELL := /bin/bash
SWIFT ?= swift
ROWWISE := .build/release/rowwise
PREFIX ?= /usr/local
# On Linux Swift's libraries become part of the command: one file to install, which starts faster.
STATIC := $(if $(filter Linux,$(shell uname)),--static-swift-stdlib)

.PHONY: demo test test-avx512 build install setup fuzz lint check-kernels format clean

## Trains on the bundled digits, evaluates, classifies a few picture files.
demo: build
	@Scripts/demo.sh $(ROWWISE)

## Runs every test, in release: kernels and training are too slow to test without optimisation.
test: setup
	$(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build-test

## Runs the AVX-512 kernels' tests on an emulated processor that has these instructions.
test-avx512: setup
	@Scripts/test-avx512.sh

build: setup
	$(SWIFT) build -c release --product rowwise $(STATIC)

## Installs the command, a single file without symbols, in PREFIX/bin.
install: build
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 -s $(ROWWISE) "$(DESTDIR)$(PREFIX)/bin/rowwise"

## Installs the system packages that are missing.
setup:
	@Scripts/setup.sh

## Fuzzes every reader of files for SECONDS each, with sanitizers; see Fuzzing/README.md.
SECONDS ?= 60
fuzz: setup
	@SECONDS_EACH=$(SECONDS) Fuzzing/run.sh

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Examples Fuzzing

## Wide instructions must stay in the kernels that are compiled for them.
check-kernels: build
	@Scripts/check-kernel-symbols.sh

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Examples Fuzzing

clean:
	rm -rf .build .build-test .build-fuzz

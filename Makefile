# Two commands do everything: `make demo` and `make test`.
SHELL := /bin/bash
SWIFT ?= swift
ROWWISE := .build/release/rowwise
PREFIX ?= /usr/local
TARGET = $(DESTDIR)$(PREFIX)
# The data sets that are installed.
BUNDLED := digits digits-png
# On Linux Swift's libraries become part of the command: one file to install, which starts faster. It is
# small (Scripts/checks/command_size.sh) since the linker leaves out what nothing calls, function by
# function, keeps equal functions once, and no names for libraries that might look them up.
STATIC := $(if $(filter Linux,$(shell uname)),--static-swift-stdlib -Xswiftc -Xfrontend \
  -Xswiftc -function-sections -Xlinker --icf=safe -Xlinker --no-export-dynamic)

.PHONY: demo test test-avx512 sanitize build everything docs install setup fuzz torture lint \
  check-kernels check-size format clean

## Trains on the bundled digits, evaluates, classifies a few picture files.
demo: build
	@Scripts/demo.sh $(ROWWISE)

## Runs every test, in release: kernels and training are too slow to test without optimisation.
test: setup
	$(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build-test

## Runs the AVX-512 kernels' tests on an emulated processor that has these instructions.
test-avx512: setup
	@Scripts/checks/avx512.sh

## Runs tests under AddressSanitizer and ThreadSanitizer.
sanitize: setup
	@Scripts/checks/sanitize.sh

build: setup
	$(SWIFT) build -c release --product rowwise $(STATIC)

## Builds the examples and every library too, as the command is built.
everything: setup
	$(SWIFT) build -c release $(STATIC)

## Builds the library's documentation, .build-docs/Rowwise.doccarchive.
docs: build
	@Scripts/checks/docs.sh

## Installs the command, a single file without symbols, in PREFIX/bin, and in PREFIX/share small data sets
## that it finds by name and the shells' completions.
install: build
	install -d "$(TARGET)/bin" "$(TARGET)/share/rowwise/datasets" \
	  "$(TARGET)/share/bash-completion/completions" "$(TARGET)/share/zsh/site-functions" \
	  "$(TARGET)/share/fish/vendor_completions.d"
	install -m 755 -s $(ROWWISE) "$(TARGET)/bin/rowwise"
	cp -R $(BUNDLED:%=Datasets/%) Datasets/README.md "$(TARGET)/share/rowwise/datasets"
	chmod -R u=rwX,go=rX "$(TARGET)/share/rowwise"
	$(ROWWISE) --generate-completion-script bash \
	  >"$(TARGET)/share/bash-completion/completions/rowwise"
	$(ROWWISE) --generate-completion-script zsh >"$(TARGET)/share/zsh/site-functions/_rowwise"
	$(ROWWISE) --generate-completion-script fish \
	  >"$(TARGET)/share/fish/vendor_completions.d/rowwise.fish"

## Installs the system packages that are missing.
setup:
	@Scripts/setup.sh

## Fuzzes every reader of files for SECONDS each, with sanitizers; see Fuzzing/README.md.
SECONDS ?= 60
fuzz: setup
	@SECONDS_EACH=$(SECONDS) Fuzzing/run.sh

## What the machine and other people may do to the command: limits, signals, full disks, kills.
torture: build
	@Scripts/checks/torture.py $(ROWWISE)

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Examples Fuzzing Benchmarks

## Wide instructions must stay in the kernels that are compiled for them.
check-kernels: build
	@Scripts/checks/kernel_symbols.sh

## The command must stay small and without the tables of all languages.
check-size: build
	@Scripts/checks/command_size.sh

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Examples Fuzzing Benchmarks

clean:
	rm -rf .build .build-test .build-fuzz .build-address .build-thread .build-docs

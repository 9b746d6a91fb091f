# Resguardo: build, test, demo, install. Output goes to $(BUILD).
#
#   make            builds the programs (installs missing build packages first)
#   make demo       runs the whole story against the built-in WhatsApp simulator
#   make test       all tests; the last line is "N passed, N failed"
#   make races      the scenarios on a build that finds data races
#   make fuzz       every parser against hostile bytes (T=seconds, TARGET=name)
#   make bench      speed against baselines in the same run (ROW=name for one)
#   make faults     each call of each operation fails, once and for ever
#   make soak       N kills of the daemon, 2 N power cuts, every call failing
#   make simulate   the core through a world made from SEED, for N events
#   make property   random customers and staff, held to the law (SEED, N, SEEDS)
#   make lint       format, static analysis, house rules
#   make install    programs, policies, man pages, units (DESTDIR, PREFIX)
#   make deb        a Debian package in build-deb/; make deb-check tries it

BUILD   ?= build
PREFIX  ?= /usr/local
LIBEXEC ?= $(PREFIX)/libexec/resguardo
CC      ?= cc
ifeq ($(origin CC),default)
CC := gcc
endif

VERSION := 0.2.0

# ---- flags ------------------------------------------------------------------

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wwrite-strings -Wcast-qual -Wformat=2 -Wvla \
        -Wundef -Wnull-dereference -Wno-sign-conversion -Werror
# What happens once in 64 MiB of writing, or after half a minute of waiting for
# an authority of time, shall happen while tests look; and a passphrase is not to
# cost each of them a second (test_age.py holds what a release has it cost).
SMALL := -DLIMIT_WAL_BYTES=1048576 -DLIMIT_STAMP_S=6 -DLIMIT_AGE_WORK_OURS=10u
HARD := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
# gcc zeroes what was left uninitialised; clang 14 wants a flag for that.
ifeq ($(findstring clang,$(CC)),)
HARD += -ftrivial-auto-var-init=zero
endif
OPT  := -O2 -g
ifeq ($(SAN),thread)
OPT  := -O1 -g -fno-omit-frame-pointer -fsanitize=thread \
        -Wno-maybe-uninitialized $(SMALL)
LDSAN := -fsanitize=thread
else ifdef SAN
OPT  := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined \
        -fno-sanitize-recover=all $(SMALL)
LDSAN := -fsanitize=address,undefined
else ifdef FUZZ
OPT  := -O1 -g -fno-omit-frame-pointer \
        -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
LDSAN := -fsanitize=address,undefined
else
HARD += -D_FORTIFY_SOURCE=2
endif

PKGS := libmicrohttpd libcurl libsodium libcrypto sqlite3 jansson yaml-0.1 \
        libseccomp
CPPFLAGS += -D_GNU_SOURCE -Iinclude -DRESGUARDO_VERSION='"$(VERSION)"' \
            -DLIBEXECDIR='"$(LIBEXEC)"'
CFLAGS  := -std=c17 $(OPT) $(WARN) $(HARD) $(EXTRA_CFLAGS)
LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(LDSAN)

# ---- rooms and programs -----------------------------------------------------

ROOMS := base config store policy ledger vault inspect graph intake dialogue \
         registrar stamp gateway web desk cli sim
# Sources with a main() of a helper program stay out of their room's archive.
MAINS := src/inspect/resguardo-inspect.c src/gateway/resguardo-gateway.c \
         src/sim/resguardo-sim.c
PROGRAMS := $(addprefix $(BUILD)/,resguardod resguardo resguardo-gateway \
            resguardo-inspect resguardo-sim)

room_src = $(filter-out $(MAINS),$(sort $(wildcard src/$(1)/*.c)))
room_obj = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(call room_src,$(1)))
archives = $(foreach r,$(1),$(BUILD)/lib/$(r).a)

# What each program is linked from, top room first.
LINK_resguardod        := desk web gateway intake graph stamp registrar \
                          dialogue ledger vault inspect policy config store base
LINK_resguardo         := cli desk registrar dialogue ledger vault policy config \
                          store base
LINK_resguardo-gateway := gateway base
LINK_resguardo-inspect := inspect base
LINK_resguardo-sim     := sim base

LIBS_resguardod        := -lmicrohttpd -lcurl -lsqlite3
LIBS_resguardo         := -lcurl -lsqlite3 -lz -lqrencode
LIBS_resguardo-gateway := -lmicrohttpd
LIBS_resguardo-inspect := -lmagic
LIBS_resguardo-sim     := -lmicrohttpd -lcurl
LIBS_COMMON            := -ljansson -lsodium -lcrypto -lyaml -lseccomp -lpthread

# ---- default target ---------------------------------------------------------

# Builds what is out of date; says so when that takes long. Two jobs, unless
# the caller asked for others.
quietly = [ -e $(BUILD)/resguardo ] || \
          echo "building, about a minute the first time" >&2; \
          $(MAKE) --no-print-directory -s \
              $(if $(filter -j%,$(MAKEFLAGS)),,-j2) BUILD=$(BUILD) programs

.PHONY: all packages
all: packages
	+@$(quietly)

packages:
	@./packaging/need build

.PHONY: programs
programs: $(PROGRAMS)

# Freed memory is wiped in all but the simulator.
WIPE := $(BUILD)/obj/wipe.o
MAIN_resguardod        := $(BUILD)/obj/resguardod.o $(WIPE)
MAIN_resguardo         := $(BUILD)/obj/resguardo.o $(WIPE)
MAIN_resguardo-gateway := $(BUILD)/obj/gateway/resguardo-gateway.o $(WIPE)
MAIN_resguardo-inspect := $(BUILD)/obj/inspect/resguardo-inspect.o $(WIPE)
MAIN_resguardo-sim     := $(BUILD)/obj/sim/resguardo-sim.o

.SECONDEXPANSION:
$(PROGRAMS): $(BUILD)/%: $$(MAIN_%) $$(call archives,$$(LINK_%))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(MAIN_$*) -Wl,--start-group \
	    $(call archives,$(LINK_$*)) -Wl,--end-group $(LIBS_$*) $(LIBS_COMMON)

$(BUILD)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

define room_rules
$(BUILD)/lib/$(1).a: $(call room_obj,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $(call room_obj,$(1))
.PHONY: room-$(1)
room-$(1): $(BUILD)/lib/$(1).a
endef
$(foreach r,$(ROOMS),$(eval $(call room_rules,$(r))))

# Where helper programs are looked for is compiled in; another LIBEXEC than
# last time builds that one object again.
.PHONY: libexec
libexec:
$(BUILD)/libexec: libexec
	@mkdir -p $(@D)
	@echo '$(LIBEXEC)' | cmp -s - $@ || echo '$(LIBEXEC)' >$@
$(BUILD)/obj/base/path.o: $(BUILD)/libexec

# The schema is read into the store at build time (src/store/schema.c).
$(BUILD)/obj/store/schema.o: storage/schema.sql
# What goes into each bundle for auditors (src/cli/audit_files.c).
$(BUILD)/obj/cli/audit_files.o: $(wildcard packaging/audit/*.py) \
                                packaging/audit/README.md
# What shells are given (src/cli/completion.c).
$(BUILD)/obj/cli/completion.o: $(wildcard packaging/completion/resguardo.*)
# How pages look (src/cli/sheet.c).
$(BUILD)/obj/cli/sheet.o: src/cli/page.css

# ---- unit tests -------------------------------------------------------------

# Rooms that the unit tests of a room are linked with, and further libraries.
NEED_base      := base
NEED_config    := config base
NEED_store     := store base
NEED_policy    := policy base
NEED_dialogue  := dialogue policy base
NEED_vault     := vault base
NEED_ledger    := ledger store vault base
NEED_inspect   := inspect base
NEED_graph     := graph base
NEED_intake    := intake graph inspect policy vault store base
NEED_gateway   := gateway base
NEED_registrar := registrar dialogue ledger vault policy config store base
NEED_stamp     := stamp registrar dialogue ledger vault policy config store \
                  base
NEED_desk      := desk stamp registrar dialogue ledger vault policy config store base
NEED_cli       := cli desk stamp registrar dialogue ledger vault policy config store base
UNIT_LIBS      := -lcmocka -lmicrohttpd -lcurl -lsqlite3 -lmagic -lz -lqrencode \
                  $(LIBS_COMMON)

unit_src = $(sort $(wildcard tests/unit/$(1)_*.c))
unit_bin = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(call unit_src,$(1)))

define unit_rules
$(call unit_bin,$(1)): $(BUILD)/unit/%: tests/unit/%.c tests/unit/unit.h \
                       $(call archives,$(NEED_$(1))) Makefile
	@mkdir -p $$(@D)
	$(CC) $(CPPFLAGS) -Itests/unit -Isrc $(CFLAGS) -MMD -MP \
	    -MF $$@.d $(LDFLAGS) -o $$@ $$< -Wl,--start-group \
	    $(call archives,$(NEED_$(1))) -Wl,--end-group $(UNIT_LIBS)
.PHONY: unit-$(1)
unit-$(1): $(call unit_bin,$(1))
	@./tests/run-unit $$^
endef
$(foreach r,$(ROOMS),$(eval $(call unit_rules,$(r))))
UNIT_BINS := $(foreach r,$(ROOMS),$(call unit_bin,$(r)))
.PHONY: units
units: $(UNIT_BINS)

# ---- simulation --------------------------------------------------------------

# Our own build of the core, optimised and without sanitizers unless SAN is set:
# a million events are to fit into two minutes of two processors.
SIM_ROOMS := registrar dialogue ledger vault policy config store base
SIM_OBJ   := $(patsubst tests/simulation/%.c,$(BUILD)/simulation/%.o,\
             $(sort $(wildcard tests/simulation/*.c)))
# What staff order waits for its answer; there is one thread here.
SIM_WRAP  := -Wl,--wrap=queue_staff
$(BUILD)/simulation/%.o: tests/simulation/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/simulation -Isrc $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/simulate: $(SIM_OBJ) $(call archives,$(SIM_ROOMS))
	$(CC) $(CFLAGS) $(LDFLAGS) $(SIM_WRAP) -o $@ $(SIM_OBJ) -Wl,--start-group \
	    $(call archives,$(SIM_ROOMS)) -Wl,--end-group -lsqlite3 $(LIBS_COMMON)
.PHONY: simulation simulate
simulation: $(BUILD)/simulate
simulate:
	@./packaging/need test
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD) simulation
	@$(BUILD)/simulate $(or $(SEED),-) $(or $(N),100000) $(WEATHER)

# ---- the conversation's law ----------------------------------------------------

# One random world, and what must hold in it: SEED, N events, SEEDS of them.
PROPERTY_OBJ := $(patsubst tests/property/%.c,$(BUILD)/property/%.o,\
                $(sort $(wildcard tests/property/*.c)))
$(BUILD)/property/%.o: tests/property/%.c tests/property/world.h Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/property -Isrc $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/property/property: $(PROPERTY_OBJ) $(call archives,$(SIM_ROOMS))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(PROPERTY_OBJ) -Wl,--start-group \
	    $(call archives,$(SIM_ROOMS)) -Wl,--end-group -lsqlite3 $(LIBS_COMMON)
.PHONY: property property-program
property-program: $(BUILD)/property/property
property:
	@./packaging/need test
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD) property-program
	@$(BUILD)/property/property $(or $(SEED),1) $(or $(N),10000) $(or $(SEEDS),1)

# ---- faults ------------------------------------------------------------------

# Each is linked with the calls that fail (shim.c) and the walk over them.
FAULT_SRC  := $(sort $(wildcard tests/fault/fault_*.c))
FAULT_BINS := $(patsubst tests/fault/%.c,$(BUILD)/fault/%,$(FAULT_SRC))
NEED_fault := $(NEED_cli) stamp registrar dialogue intake graph inspect
$(FAULT_BINS): $(BUILD)/fault/%: tests/fault/%.c tests/fault/shim.c \
               tests/fault/walk.c $(wildcard tests/fault/*.h) \
               tests/unit/unit.h $(call archives,$(NEED_fault)) Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/fault -Itests/unit -Isrc $(CFLAGS) -MMD -MP \
	    -MF $@.d $(LDFLAGS) -Wl,--wrap=json_loadb,--wrap=json_loads \
	    -Wl,--wrap=pthread_create -o $@ $< tests/fault/shim.c \
	    tests/fault/walk.c -Wl,--start-group \
	    $(call archives,$(NEED_fault)) -Wl,--end-group $(UNIT_LIBS)
.PHONY: fault-programs faults
fault-programs: $(FAULT_BINS)

# Each call of each operation, under the sanitizers.
faults:
	@./packaging/need test
	@$(MAKE) --no-print-directory -s -j2 BUILD=build-san SAN=1 programs \
	    fault-programs
	@for t in build-san/fault/fault_*[!d]; do \
	    RESGUARDO_BUILD=build-san FAULT_ALL=each $$t || exit 1; done

# ---- soak --------------------------------------------------------------------

.PHONY: soak
soak: N ?= 1000
soak: packages
	@./packaging/need test
	@$(MAKE) --no-print-directory -s -j2 BUILD=build-soak \
	    EXTRA_CFLAGS=$(SMALL) programs
	@RESGUARDO_BUILD=$(abspath build-soak) ./tests/soak/soak.py $(N) $(SEED)
	@RESGUARDO_BUILD=$(abspath build-soak) ./tests/soak/powercut.py \
	    $$((2 * $(N))) $(SEED)
	@$(MAKE) --no-print-directory -s faults

# ---- bench -------------------------------------------------------------------

BENCH := $(addprefix $(BUILD)/bench/,load floor append fetch bytes aead fill \
         ledger writer)
BENCH_LIBS_load   := -lcrypto
BENCH_LIBS_floor  := -lmicrohttpd
BENCH_LIBS_fetch  := -lcurl -lpthread
BENCH_LIBS_bytes  := -lcrypto -lsodium
BENCH_LIBS_aead   := -lsodium
BENCH_LIBS_fill    = -Wl,--start-group $(call archives,store ledger vault base) \
                     -Wl,--end-group -lsqlite3 $(LIBS_COMMON)
BENCH_LIBS_ledger  = $(BENCH_LIBS_fill)
BENCH_LIBS_writer  = $(WIPE) -Wl,--start-group $(call archives,$(SIM_ROOMS)) \
                     -Wl,--end-group -lsqlite3 $(LIBS_COMMON)
$(BUILD)/bench/writer: tests/bench/bodies.c tests/bench/bodies.h
$(BUILD)/bench/writer: $(call archives,$(SIM_ROOMS)) $(WIPE)
$(BUILD)/bench/load: tests/bench/bodies.c tests/bench/bodies.h
$(BUILD)/bench/fill $(BUILD)/bench/ledger: $(call archives,store ledger vault base)
$(BENCH): $(BUILD)/bench/%: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Isrc $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) \
	    $(BENCH_LIBS_$*)

.PHONY: bench
bench: packages
	@./packaging/need bench
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD) programs $(BENCH)
	@BUILD=$(BUILD) ./tests/bench/bench.py $(ROW)

# Where the time goes: make profile LOAD=status|alien|photo|intake|writer
LOAD ?= status
.PHONY: profile
profile: packages
	@./packaging/need profile
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD) programs $(BENCH)
	@BUILD=$(BUILD) ./tests/bench/profile.py $(LOAD)

# ---- fuzz targets ------------------------------------------------------------

# Linked with clang's fuzzer under FUZZ=1, else with a main that feeds files.
FUZZ_SRC  := $(filter-out tests/fuzz/replay.c,$(sort $(wildcard tests/fuzz/*.c)))
FUZZ_BINS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_SRC))
FUZZ_MAIN := $(if $(FUZZ),-fsanitize=fuzzer,tests/fuzz/replay.c)
FUZZ_LIBS := -lmicrohttpd -lcurl -lsqlite3 -lmagic -lz -lqrencode \
             $(LIBS_COMMON)

# Files that these targets' parsers read come from the input.
FUZZ_WRAP := -Wl,--wrap=file_read
$(addprefix $(BUILD)/fuzz/fuzz_,config policy known head): LDFLAGS += $(FUZZ_WRAP)

$(FUZZ_BINS): $(BUILD)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h \
              tests/fuzz/replay.c $(call archives,$(ROOMS)) Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/fuzz -Isrc $(CFLAGS) -MMD -MP -MF $@.d \
	    $(LDFLAGS) -o $@ $< $(FUZZ_MAIN) -Wl,--start-group \
	    $(call archives,$(ROOMS)) -Wl,--end-group $(FUZZ_LIBS)
.PHONY: fuzzers
fuzzers: $(FUZZ_BINS)

# ---- tests, demo, lint -------------------------------------------------------

.PHONY: test races fuzz demo lint format clean install deb deb-check
test:
	@./packaging/need test
	@./tests/run $(T)

# The daemon's threads, in every scenario. The helpers' sandboxes have no room
# for a sanitizer; each of them has one thread.
races: all
	@./packaging/need test
	@$(MAKE) --no-print-directory -s -j2 BUILD=build-tsan SAN=thread programs
	@cp $(BUILD)/resguardo-gateway $(BUILD)/resguardo-inspect build-tsan/
	@./tests/races build-tsan

# Seconds a target; TARGET names some of them.
fuzz: T ?= 10
fuzz:
	@./packaging/need fuzz
	@$(MAKE) --no-print-directory -s -j2 BUILD=build-fuzz CC=clang FUZZ=1 fuzzers
	@./tests/fuzz/run $(T) $(TARGET)

demo: packages
	@./packaging/need demo
	+@$(quietly)
	@RESGUARDO_BUILD=$(abspath $(BUILD)) ./tests/scenario/demo.py

lint:
	@./packaging/need lint
	@./tests/lint

# Policies are examples to copy: what a notice says is the operator's.
SHARE := $(PREFIX)/share
LIB   := $(PREFIX)/lib
ZSH   ?= $(SHARE)/zsh/site-functions
# Paths in units are those of PREFIX.
unit = sed 's,/usr/local/,$(PREFIX)/,g' packaging/systemd/$(1) >$(2) && \
       chmod 644 $(2)
install: all
	install -D -m 755 $(BUILD)/resguardo $(DESTDIR)$(PREFIX)/bin/resguardo
	install -D -m 755 $(BUILD)/resguardod $(DESTDIR)$(PREFIX)/sbin/resguardod
	install -D -m 755 -t $(DESTDIR)$(LIBEXEC) $(BUILD)/resguardo-gateway \
	    $(BUILD)/resguardo-inspect
	install -D -m 644 -t $(DESTDIR)$(SHARE)/resguardo packaging/audit/*.py \
	    packaging/etc/resguardo.yaml
	chmod 755 $(DESTDIR)$(SHARE)/resguardo/verify.py
	install -D -m 644 -t $(DESTDIR)$(SHARE)/man/man1 packaging/man/resguardo.1
	install -D -m 644 -t $(DESTDIR)$(SHARE)/man/man8 packaging/man/resguardod.8
	cd policies && find . -type f -exec install -D -m 644 {} \
	    $(DESTDIR)$(SHARE)/resguardo/policies/{} \;
	install -d $(DESTDIR)$(LIB)/systemd/system
	$(call unit,resguardod.service,$(DESTDIR)$(LIB)/systemd/system/resguardod.service)
	$(call unit,resguardo-events.service,$(DESTDIR)$(LIB)/systemd/system/resguardo-events.service)
	install -D -m 644 packaging/systemd/resguardo.sysusers \
	    $(DESTDIR)$(LIB)/sysusers.d/resguardo.conf
	install -D -m 644 packaging/systemd/resguardo.tmpfiles \
	    $(DESTDIR)$(LIB)/tmpfiles.d/resguardo.conf
	install -D -m 644 packaging/completion/resguardo.bash \
	    $(DESTDIR)$(SHARE)/bash-completion/completions/resguardo
	install -D -m 644 packaging/completion/resguardo.zsh $(DESTDIR)$(ZSH)/_resguardo
	install -D -m 644 packaging/completion/resguardo.fish \
	    $(DESTDIR)$(SHARE)/fish/vendor_completions.d/resguardo.fish

# ---- package -----------------------------------------------------------------

# build-deb/resguardo_VERSION_ARCH.deb, of the files that git knows.
deb:
	@./packaging/need deb
	@./packaging/deb $(VERSION)
# Installs it in a Debian of its own, uses it there, removes it. Needs root.
deb-check: deb
	@./tests/package build-deb/resguardo_$(VERSION)_*.deb

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf $(BUILD) build-*

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

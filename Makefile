# Diptych: `make compare` and `make test` are all a new user needs.
# Every .c and .asm of a folder belongs to it: the folders are the layers.

ifeq ($(origin CC),default)
CC	:= gcc
endif
Q	:= $(if $(V),,@)
BUILD	:= build
COMMIT	:= $(shell git --no-optional-locks describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown)

HV_DIRS	:= mmu core core/load core/device core/emulate core/gdb svm vmx boot
PURE_DIRS := mmu core core/load core/device core/emulate core/gdb
PURE_C	:= $(foreach d,$(PURE_DIRS),$(wildcard $(d)/*.c)) \
	   svm/rules.c vmx/controls.c vmx/errors.c $(wildcard vmx/rules*.c)
HV_C	:= $(foreach d,$(HV_DIRS),$(wildcard $(d)/*.c))
HV_ASM	:= $(foreach d,$(HV_DIRS),$(wildcard $(d)/*.asm))
HOST_C	:= $(wildcard compare/*.c) core/strategy.c core/rung.c core/tour_judge.c
GUESTS	:= $(patsubst tests/guests/%.asm,$(BUILD)/guests/%.bin,$(wildcard tests/guests/*.asm))
UNIT	:= $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

WARN	:= -std=c17 -Wall -Wextra -Werror -I.
HV_FLAGS := $(WARN) -O2 -g -ffreestanding -fno-stack-protector -fno-pic -fno-pie \
	    -mno-red-zone -mgeneral-regs-only -mcmodel=small -fcf-protection=none \
	    -fno-asynchronous-unwind-tables
# One instruction more or less at every exit is what this project counts: inline across files.
# Fat objects, so that each layer's own code can still be looked at (check-layers).
# Without it: what gcc calls by itself.
LTO	:= $(if $(findstring clang,$(CC)),,-flto=auto -ffat-lto-objects)
HOST_FLAGS := $(WARN) -O2 -g -D_GNU_SOURCE -DDIPTYCH_COMMIT='"$(COMMIT)"'
SAN	:= -fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_FLAGS := $(WARN) -O1 -g -D_GNU_SOURCE $(SAN)

.PHONY: all setup compare compare-all test test-long bench guests iso docs check check-layers \
	check-tour lint mutants unit system clean
all: $(BUILD)/diptych.elf $(BUILD)/diptych $(GUESTS)

# What the build is made of; who tells it is made again when it changes.
$(BUILD)/commit: FORCE
	@mkdir -p $(@D)
	@echo $(COMMIT) | cmp -s - $@ || echo $(COMMIT) > $@
FORCE:
$(BUILD)/hv/boot/main.o $(BUILD)/host/compare/fingerprint.o: $(BUILD)/commit
$(BUILD)/hv/boot/main.o: HV_FLAGS += -DDIPTYCH_COMMIT='"$(COMMIT)"'

# --- the hypervisor: one ELF32 that holds 64-bit code, for every boot loader
HV_O	:= $(HV_C:%.c=$(BUILD)/hv/%.o) $(HV_ASM:%.asm=$(BUILD)/hv/%.asm.o)
$(BUILD)/diptych.elf64: $(HV_O) boot/link.ld
	@echo "  LD    $@"
	$(Q)$(CC) $(HV_FLAGS) $(LTO) -nostdlib -static -Wl,--build-id=none \
	      -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -T boot/link.ld -o $@ $(HV_O)
$(BUILD)/diptych.elf: $(BUILD)/diptych.elf64
	$(Q)objcopy -O elf32-i386 $< $@
$(BUILD)/hv/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(HV_FLAGS) $(if $(filter boot/lib.c,$<),,$(LTO)) -MMD -MP -c $< -o $@
$(BUILD)/hv/%.asm.o: %.asm
	@mkdir -p $(@D)
	@echo "  NASM  $<"
	$(Q)nasm -f elf64 -I. -MD $@.d -MT $@ -MP -o $@ $<

# --- the host program
$(BUILD)/diptych: $(HOST_C:%.c=$(BUILD)/host/%.o)
	@echo "  LD    $@"
	$(Q)$(CC) -o $@ $^ -ljansson -lutil -lZydis
$(BUILD)/host/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(HOST_FLAGS) -MMD -MP -c $< -o $@

# The assembler puts these two in, which no list of headers tells.
$(BUILD)/host/compare/page_style.o $(BUILD)/san/compare/page_style.o: compare/page.css compare/page.js

# --- the guests
# nasm 2.16's -MD does not list what is included in an included file: any may matter.
$(BUILD)/guests/%.bin: tests/guests/%.asm $(wildcard tests/guests/*.inc)
	@mkdir -p $(@D)
	@echo "  NASM  $<"
	$(Q)nasm -f bin -I tests/guests/ -MD $@.d -MT $@ -MP -o $@ $<

# --- unit tests: everything that needs no hardware, under ASan and UBSan
PURE_O	:= $(PURE_C:%.c=$(BUILD)/san/%.o) \
	   $(patsubst %.asm,$(BUILD)/san/%.asm.o,$(foreach d,$(PURE_DIRS),$(wildcard $(d)/*.asm)))
HOST_SAN_O := $(patsubst %.c,$(BUILD)/san/%.o,$(filter-out compare/main.c,$(HOST_C)))
$(BUILD)/san/%.o: %.c
	@mkdir -p $(@D)
	@echo "  SAN   $<"
	$(Q)$(CC) $(UNIT_FLAGS) -MMD -MP -c $< -o $@
$(BUILD)/san/%.asm.o: %.asm
	@mkdir -p $(@D)
	$(Q)nasm -f elf64 -I. -MD $@.d -MT $@ -MP -o $@ $<
$(BUILD)/san/libdiptych.a: $(PURE_O) $(HOST_SAN_O) $(BUILD)/san/tests/unit/host_panic.o
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/san/libdiptych.a
	@mkdir -p $(@D)
	@echo "  TEST  $@"
	$(Q)$(CC) $(UNIT_FLAGS) -MMD -MP -o $@ $< $(BUILD)/san/libdiptych.a \
	      -lcmocka -ljansson -lutil -lZydis -lZycore -lunicorn

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# --- what people run
setup:
	@scripts/setup.sh test
compare:
	@scripts/setup.sh compare
	@$(MAKE) --no-print-directory all guests
	$(BUILD)/diptych compare --json $(BUILD)/compare.json --html $(BUILD)/compare.html
# Everything, those guests too that are left out for time.
compare-all:
	@scripts/setup.sh compare
	@$(MAKE) --no-print-directory all guests
	$(BUILD)/diptych compare --all --json $(BUILD)/compare.json --html $(BUILD)/compare.html
bench:
	@scripts/setup.sh compare
	@$(MAKE) --no-print-directory all
	$(BUILD)/diptych bench
guests: $(GUESTS)
	@scripts/fetch-guests.sh $(BUILD)/cache
iso:
	@scripts/setup.sh iso
	@$(MAKE) --no-print-directory all
	$(BUILD)/diptych iso
# The pages that come from the program and from runs.
docs: all
	@scripts/docs.sh $(BUILD)
test: setup
	@scripts/run-tests.sh
test-long: setup
	@scripts/run-tests.sh long

# --- checks that the test run makes too
check: check-layers check-tour lint
check-layers:
	@scripts/check-layers.sh
check-tour:
	@scripts/check-tour.sh
lint:
	@scripts/lint.sh
mutants:
	@scripts/mutants.sh
unit: $(UNIT)
clean:
	rm -rf $(BUILD)

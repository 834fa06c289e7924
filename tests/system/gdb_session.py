# What test_gdb.sh has gdb do with the guest `modes`, and what must be seen. Runs in gdb.
#
# Addresses and code come from the guest's listing, bits from the manuals: SDM 3A
# "Control Registers" 2.5, "Extended Feature Enable Register" 2.2.1.

import os
import re

import gdb

ORIGIN = 0x7C00
PE, PG, PAE, LME, LMA = 1 << 0, 1 << 31, 1 << 5, 1 << 8, 1 << 10
MOV_CR0 = "0F22C0"
LISTED = re.compile(r"^ *\d+ +(?:\d+ )?([0-9A-F]{8}) ([0-9A-F\[\]<>-]+)")

listing = open(os.environ["WORK"] + "/modes.lst").read().split("\n")
image = open(os.environ["WORK"] + "/modes.bin", "rb").read()


def line_of(text):
    return next(n for n, line in enumerate(listing) if text in line)


# The first instruction listed from the line that has `text` on, or past it, with this code.
def address(text, code="", past=0):
    for line in listing[line_of(text) + past:]:
        found = LISTED.match(line)
        if found and found.group(2).startswith(code):
            return ORIGIN + int(found.group(1), 16)
    raise KeyError(text)


def check(name, good):
    print("ok" if good else "not ok", "-", name, flush=True)


def reg(name):
    return int(gdb.parse_and_eval("$" + name)) & 0xFFFFFFFFFFFFFFFF


def memory(at, size):
    return bytes(gdb.selected_inferior().read_memory(at, size))


def run(command):
    return gdb.execute(command, to_string=True)


# Runs on to `at`, where the guest's mode must be `mode`.
def go(at, mode):
    point = gdb.Breakpoint("*%d" % at, internal=True)
    run("continue")
    point.delete()
    said = run("monitor mode")
    check("%s: stopped at %x" % (mode, at), reg("pc") == at)
    check("%s: monitor knows the mode" % mode, mode in said)
    check("%s: the code in memory is the image's" % mode,
          memory(at, 16) == image[at - ORIGIN:at - ORIGIN + 16])


# Over MOV to CR0: the CPU is in another mode, and the next instruction is the next.
def step_into(mode, bits_before, bits_after):
    at = reg("pc")
    before = {name: reg(name) for name in ("cr0", "cr4", "efer")}
    run("stepi")
    check("%s: one step is one instruction" % mode, reg("pc") == at + 3)
    for name, bit in bits_before:
        check("%s: before, %s has %x" % (mode, name, bit), before[name] & bit)
    check("%s: before, paging is off" % mode, not before["cr0"] & PG)
    for name, bit in bits_after:
        check("%s: after, %s has %x" % (mode, name, bit), reg(name) & bit)
    check("%s: monitor knows the new mode" % mode, mode in run("monitor mode"))


gdb.execute("set pagination off")
gdb.execute("set confirm off")
gdb.execute("set tcp connect-timeout 120")
gdb.execute("set remotetimeout 60")
run("target remote 127.0.0.1:" + os.environ["PORT"])
check("the guest stands before its first instruction", reg("pc") == ORIGIN)
check("no register has a trace of another mode", reg("cr0") & (PE | PG) == 0)

real = address("modes: real\"", "66B8")
go(real, "mode real, 16-bit code")
run("stepi")
check("real: EAX has the operand", reg("pc") == real + 6 and
      reg("rax") == int.from_bytes(image[real - ORIGIN + 2:real - ORIGIN + 6], "little"))

go(address("--- 32-bit paging", MOV_CR0), "mode unpaged, 32-bit code")
step_into("mode 32bit, 32-bit code", [("cr0", PE)], [("cr0", PG)])
jump = reg("pc")
run("stepi")
check("32bit: the second step goes over the jump", reg("pc") == jump + 2)
run("stepi")
check("32bit: the third is somewhere else again", reg("pc") != jump + 2)

go(address("--- PAE paging", MOV_CR0), "mode unpaged, 32-bit code")
step_into("mode pae, 32-bit code", [("cr4", PAE)], [("cr0", PG)])

go(address("--- long mode", MOV_CR0), "mode unpaged, 32-bit code")
step_into("mode long, 32-bit code", [("efer", LME)], [("cr0", PG), ("efer", LMA)])

go(address("jmp SEL_CODE64:%%long", past=1), "mode long, 64-bit code")
check("long: the picture of the code's page", "physical %x" % reg("pc") in
      run("monitor mmu %x" % reg("pc")))
where = reg("rsp") & ~0xFFF
old = memory(where, 1)
gdb.selected_inferior().write_memory(where, bytes([old[0] ^ 0xFF]))
check("long: what is written is read", memory(where, 1) == bytes([old[0] ^ 0xFF]))
gdb.selected_inferior().write_memory(where, old)
try:
    memory(0xFFFF800000000000, 1)
    check("long: what the guest does not map is no memory", False)
except gdb.MemoryError:
    check("long: what the guest does not map is no memory", True)

go(address("compat16:"), "mode long, 16-bit code")
ends = []
gdb.events.exited.connect(lambda event: ends.append(getattr(event, "exit_code", None)))
run("continue")
check("the guest ends by itself, with code 0", ends == [0])
check("the session is over", True)

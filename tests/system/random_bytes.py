#!/usr/bin/env python3
"""Writes code that nobody meant: random bytes, the same from the same seed everywhere.

Of odd seeds every other piece is an instruction that a hypervisor meets, so that
a guest comes to its exits before it falls over. Knows no mode and no image format.

usage: random_bytes.py SEED SIZE > FILE
"""
import sys

MASK = (1 << 64) - 1
# Opcodes; a random ModRM byte, displacement or immediate follows by itself.
OPCODES = [bytes.fromhex(text) for text in """
0f20 0f22 0f20c0 0f22c0 0f22d8 0f22e0 0f21 0f23 0f00 0f01 0f06 0f08 0f09 0f0b 0f30 0f31
0f32 0f33 0f34 0f35 0f05 0f07 0fa2 0fa0 0fa1 0fb2 0fb4 0fc7 0fae 0f0d 0f3a 0f38 0f77 0fe7
0f01d0 0f01d9 0f01c1 0f01f9 0f0106 0f010e 0f0116 0f011e 0f0136 0f013e 0f02 0f03
e4 e5 e6 e7 ec ed ee ef 6c 6d 6e 6f f36c f36d f36e f36f 66ed 66ef
cc cd ce cf f1 66cf 48cf f4 fa fb 9b 9c 9d 669d 8e 8c 8ed0 8ed8 1f 07 17 0fa9
9a ea ff ca cb 66cb 48cb c8 c9 c4 c5 60 61 62 63 d7 d4 d5 27 2f
a4 a5 a6 aa ab ac ae f3a4 f3a5 f2a6 f3aa f3ab f3ac f2ae 67f3a4 f366ab
d8 d9 da db dd df 9bdbe3 dbe2 660f 0f10 0f11 0f28 0f29 f30f10 f20f10 0f58
f0 f00fb0 f00fc1 f083 660f3880 26 2e 36 3e 64 65 66 67 48 41 4c
fe f6 f7 80 83 d1 d3 e8 e9 eb 72 75 e2 e3 58 50 68 6a b8 bb c7 89 8b 87
bad0070000 ba20000000 ba43000000 ba70000000 baf0010000 bad80c0000 ba64000000 bafa030000
b980000000c0 b9800000c0 b977020000 b974010000 b910000000 b93b000000 b900010000
""".split()]


def numbers(seed):
    """xorshift64, the seeds spread apart."""
    state = (seed * 0x9E3779B97F4A7C15 + 1) & MASK
    while True:
        state ^= state << 13 & MASK
        state ^= state >> 7
        state ^= state << 17 & MASK
        yield state >> 16


def main():
    seed, size = int(sys.argv[1]), int(sys.argv[2])
    random, out = numbers(seed), bytearray()
    while len(out) < size:
        number = next(random)
        if seed % 2 and number % 2:
            out += OPCODES[(number >> 8) % len(OPCODES)]
        else:
            out += (number >> 8 & 0xFFFF).to_bytes(2, "little")
    sys.stdout.buffer.write(out[:size])


main()

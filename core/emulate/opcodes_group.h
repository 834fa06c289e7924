/*
 * The opcode groups (ModRM.reg extends the opcode) as data.
 * SDM 2D "Opcode Extensions For One-Byte And Two-byte Opcodes" table A-6.
 * SUB: both forms. SUBM: memory form only. SUBR: register form only.
 */
#define GROUP1(g, imm, width, modes) \
	SUB(g, 0, add, E, I, imm, RW, modes, ANY, YES, width) \
	SUB(g, 1, or, E, I, imm, RW, modes, ANY, YES, width) \
	SUB(g, 2, adc, E, I, imm, RW, modes, ANY, YES, width) \
	SUB(g, 3, sbb, E, I, imm, RW, modes, ANY, YES, width) \
	SUB(g, 4, and, E, I, imm, RW, modes, ANY, YES, width) \
	SUB(g, 5, sub, E, I, imm, RW, modes, ANY, YES, width) \
	SUB(g, 6, xor, E, I, imm, RW, modes, ANY, YES, width) \
	SUB(g, 7, cmp, E, I, imm, R, modes, ANY, NO, width)
#define GROUP2(g, src, imm, width) \
	SUB(g, 0, rol, E, src, imm, RW, ANY, ANY, NO, width) \
	SUB(g, 1, ror, E, src, imm, RW, ANY, ANY, NO, width) \
	SUB(g, 2, rcl, E, src, imm, RW, ANY, ANY, NO, width) \
	SUB(g, 3, rcr, E, src, imm, RW, ANY, ANY, NO, width) \
	SUB(g, 4, shl, E, src, imm, RW, ANY, ANY, NO, width) \
	SUB(g, 5, shr, E, src, imm, RW, ANY, ANY, NO, width) \
	SUB(g, 6, shl, E, src, imm, RW, ANY, ANY, NO, width) \
	SUB(g, 7, sar, E, src, imm, RW, ANY, ANY, NO, width)
#define GROUP3(g, imm, width) \
	SUB(g, 0, test, E, I, imm, R, ANY, ANY, NO, width) \
	SUB(g, 1, test, E, I, imm, R, ANY, ANY, NO, width) \
	SUB(g, 2, not, E, NO, NO, RW, ANY, ANY, YES, width) \
	SUB(g, 3, neg, E, NO, NO, RW, ANY, ANY, YES, width) \
	SUB(g, 4, mul, E, NO, NO, R, ANY, ANY, NO, width) \
	SUB(g, 5, imul, E, NO, NO, R, ANY, ANY, NO, width) \
	SUB(g, 6, div, E, NO, NO, R, ANY, ANY, NO, width) \
	SUB(g, 7, idiv, E, NO, NO, R, ANY, ANY, NO, width)

GROUP1(1B, B, B, ANY)
GROUP1(1BX, B, B, NO64)
GROUP1(1V, Z, V, ANY)
GROUP1(1S, B, V, ANY)
SUB(1A, 0, pop_rm, X, NO, NO, N, ANY, ANY, NO, P)
GROUP2(2BI, I, UB, B)
GROUP2(2VI, I, UB, V)
GROUP2(2B1, ONE, NO, B)
GROUP2(2V1, ONE, NO, V)
GROUP2(2BC, CL, NO, B)
GROUP2(2VC, CL, NO, V)
GROUP3(3B, TB, B)
GROUP3(3V, T, V)
SUB(4, 0, inc, E, NO, NO, RW, ANY, ANY, YES, B)
SUB(4, 1, dec, E, NO, NO, RW, ANY, ANY, YES, B)
SUB(5, 0, inc, E, NO, NO, RW, ANY, ANY, YES, V)
SUB(5, 1, dec, E, NO, NO, RW, ANY, ANY, YES, V)
SUB(5, 2, call_near_rm, E, NO, NO, R, ANY, ANY, NO, F)
SUBM(5, 3, call_far_rm, M, NO, NO, N, ANY, OWN, NO, V)
SUB(5, 4, jmp_near_rm, E, NO, NO, R, ANY, ANY, NO, F)
SUBM(5, 5, jmp_far_rm, M, NO, NO, N, ANY, OWN, NO, V)
SUB(5, 6, push, E, NO, NO, R, ANY, ANY, NO, P)

SUB(6, 0, sldt, X, NO, NO, N, PROT, OWN, NO, V)
SUB(6, 1, str, X, NO, NO, N, PROT, OWN, NO, V)
SUB(6, 2, lldt, NO, EW, NO, N, PROT, CPL0, NO, W)
SUB(6, 3, ltr, NO, EW, NO, N, PROT, CPL0, NO, W)
SUB(6, 4, verr, NO, EW, NO, N, PROT, ANY, NO, W)
SUB(6, 5, verw, NO, EW, NO, N, PROT, ANY, NO, W)

SUBM(7, 0, sgdt, M, NO, NO, N, ANY, OWN, NO, L)
SUBM(7, 1, sidt, M, NO, NO, N, ANY, OWN, NO, L)
SUBM(7, 2, lgdt, M, NO, NO, N, ANY, CPL0, NO, L)
SUBM(7, 3, lidt, M, NO, NO, N, ANY, CPL0, NO, L)
SUB(7, 4, smsw, X, NO, NO, N, ANY, OWN, NO, V)
SUBM(7, 5, group7_special, X, NO, NO, N, ANY, OWN, NO, V)
SUB(7, 6, lmsw, NO, EW, NO, N, ANY, CPL0, NO, W)
SUBM(7, 7, invlpg, M, NO, NO, N, ANY, CPL0, NO, V)
SUBR(7, 0, group7_special, X, NO, NO, N, ANY, OWN, NO, V)
SUBR(7, 1, group7_special, X, NO, NO, N, ANY, OWN, NO, V)
SUBR(7, 2, group7_special, X, NO, NO, N, ANY, OWN, NO, V)
SUBR(7, 3, group7_special, X, NO, NO, N, ANY, OWN, NO, V)
SUBR(7, 5, group7_special, X, NO, NO, N, ANY, OWN, NO, V)
SUBR(7, 7, group7_special, X, NO, NO, N, ANY, OWN, NO, V)

SUB(8, 4, bt_imm, E, NO, UB, R, ANY, ANY, NO, V)
SUB(8, 5, bts_imm, E, NO, UB, RW, ANY, ANY, YES, V)
SUB(8, 6, btr_imm, E, NO, UB, RW, ANY, ANY, YES, V)
SUB(8, 7, btc_imm, E, NO, UB, RW, ANY, ANY, YES, V)

SUBM(9, 1, cmpxchg8b, M, NO, NO, N, ANY, ANY, YES, Y)
SUBM(9, 3, xsaves, X, NO, NO, N, ANY, OWN, NO, Y)
SUBM(9, 4, xsaves, X, NO, NO, N, ANY, OWN, NO, Y)
SUBM(9, 5, xsaves, X, NO, NO, N, ANY, OWN, NO, Y)
SUBM(9, 6, vmx, X, NO, NO, N, ANY, ANY, NO, Y)
SUBM(9, 7, vmx, X, NO, NO, N, ANY, ANY, NO, Y)
SUBR(9, 6, rdrand, X, NO, NO, N, ANY, ANY, NO, V)
SUBR(9, 7, rdrand, X, NO, NO, N, ANY, ANY, NO, V)

SUB(11B, 0, mov, E, I, B, W, ANY, ANY, NO, B)
SUB(11V, 0, mov, E, I, Z, W, ANY, ANY, NO, V)
SUBR(11B, 7, tsx, X, NO, B, N, ANY, ANY, NO, B)
SUBR(11V, 7, tsx, X, NO, Z, N, ANY, ANY, NO, V)

SUB(15, 0, group15, X, NO, NO, N, ANY, OWN, NO, Y)
SUB(15, 1, group15, X, NO, NO, N, ANY, OWN, NO, Y)
SUB(15, 2, group15, X, NO, NO, N, ANY, OWN, NO, Y)
SUB(15, 3, group15, X, NO, NO, N, ANY, OWN, NO, Y)
SUB(15, 4, group15, X, NO, NO, N, ANY, OWN, NO, Y)
SUB(15, 5, group15, X, NO, NO, N, ANY, OWN, NO, Y)
SUB(15, 6, group15, X, NO, NO, N, ANY, OWN, NO, Y)
SUB(15, 7, group15, X, NO, NO, N, ANY, OWN, NO, Y)

SUB(P, 0, nop, X, NO, NO, N, ANY, ANY, NO, V)
SUB(P, 1, nop, X, NO, NO, N, ANY, ANY, NO, V)
SUB(P, 2, nop, X, NO, NO, N, ANY, ANY, NO, V)
SUB(P, 3, nop, X, NO, NO, N, ANY, ANY, NO, V)
SUB(P, 4, nop, X, NO, NO, N, ANY, ANY, NO, V)
SUB(P, 5, nop, X, NO, NO, N, ANY, ANY, NO, V)
SUB(P, 6, nop, X, NO, NO, N, ANY, ANY, NO, V)
SUB(P, 7, nop, X, NO, NO, N, ANY, ANY, NO, V)

#undef GROUP1
#undef GROUP2
#undef GROUP3

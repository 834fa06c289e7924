/*
 * Validity that the opcode maps cannot say: what hangs on a mandatory prefix,
 * on ModRM.rm, or on three-byte maps. SDM 2D "Opcode Map" appendix A.
 */
#include "core/emulate/decode_internal.h"

#define PREFIX_ANY	(PFX_OPSIZE | PFX_REP | PFX_REPNE)

static unsigned mandatory(const struct insn *insn)
{
	return insn->prefixes & PREFIX_ANY;
}

/* 0F 78 and 79: VMREAD, VMWRITE; with 66 or F2, EXTRQ and INSERTQ (SSE4a). */
static bool check_78_79(const struct insn *insn, uint32_t *attr)
{
	bool repeats = insn->prefixes & PFX_REPNE;

	if (!mandatory(insn))
		return true;
	if (insn->prefixes & PFX_REP || insn->mod != 3)
		return false;
	*attr |= VECTOR_SSE << ATTR_VECTOR_SHIFT;
	if (insn->opcode == OP_0F_VMREAD) {
		*attr |= IMM_BB << ATTR_IMM_SHIFT;
		return repeats || (insn->reg & 7) == 0;
	}
	return true;
}

/* One of NP (no mandatory prefix), 66, F3, F2; F3 and F2 outweigh 66. */
#define NP	1
#define P66	2
#define PF3	4
#define PF2	8
#define ALL	15

static unsigned prefix_class(const struct insn *insn)
{
	return insn->prefixes & PFX_REP ? PF3 : insn->prefixes & PFX_REPNE ? PF2 :
	       insn->prefixes & PFX_OPSIZE ? P66 : NP;
}

/* 0F 01 with mod 3: an instruction for each reg and rm, with these prefixes. */
static const uint8_t group7_any[8][8] = {
	{ NP, NP, NP, NP, NP, NP, 0, 0 },	/* ENCLV, VMCALL.., PCONFIG, WRMSRNS */
	{ NP, NP, NP, NP, P66, 0, 0, NP },	/* MONITOR.., CLAC, STAC, TDCALL, ENCLS */
	{ NP, NP, 0, 0, NP, NP, NP, NP },	/* XGETBV, XSETBV, VMFUNC, XEND, XTEST, ENCLU */
	{ ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL },	/* VMRUN.. INVLPGA */
	{ ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL },	/* SMSW */
	/* SERIALIZE SETSSBSY XSUSLDTRK, XRESLDTRK, SAVEPREVSSP, .. RDPKRU, WRPKRU */
	{ NP | PF3 | PF2, PF2, PF3, 0, 0, 0, NP, NP },
	{ ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL },	/* LMSW */
	/* SWAPGS, RDTSCP, MONITORX, MWAITX, CLZERO, RDPRU, INVLPGB, TLBSYNC */
	{ 0, ALL, NP | PF3, NP, ALL, ALL, NP, NP | PF2 },
};

/* What 64-bit code has besides. */
static const uint8_t group7_only64[8][8] = {
	[1] = { 0, 0, 0, 0, 0, P66, P66, P66 },	/* SEAMRET, SEAMOPS, SEAMCALL */
	[5] = { 0, 0, 0, 0, PF3, PF3, PF3, PF3 },	/* UIRET, TESTUI, CLUI, STUI */
	[7] = { ALL, 0, 0, 0, 0, 0, PF3 | PF2, PF3 },	/* SWAPGS; RMPADJUST.. */
};

static bool check_group7(const struct insn *insn, unsigned bits)
{
	unsigned reg = insn->reg & 7, rm = insn->rm & 7;
	unsigned allowed = group7_any[reg][rm];

	if (insn->mod != 3)
		return reg != 5 || insn->prefixes & PFX_REP;	/* RSTORSSP */
	if (bits == 64)
		allowed |= group7_only64[reg][rm];
	return allowed & prefix_class(insn);
}

static bool check_group9(const struct insn *insn, unsigned bits)
{
	unsigned reg = insn->reg & 7, pfx = mandatory(insn);

	if (insn->mod != 3)
		return reg == 7 ? !pfx : reg == 6 ? !(pfx & PFX_REPNE) :
		       reg == 1 ? true : !pfx;
	if (reg == 7 && pfx & PFX_REP)	/* RDPID */
		return true;
	if (reg == 6 && pfx & PFX_REP)	/* SENDUIPI */
		return bits == 64;
	return !(pfx & (PFX_REP | PFX_REPNE));
}

static bool check_group15(const struct insn *insn, unsigned bits)
{
	unsigned reg = insn->reg & 7, pfx = mandatory(insn);

	if (insn->mod != 3) {
		if (pfx & PFX_REPNE)
			return false;
		if (pfx & PFX_REP)	/* PTWRITE, CLRSSBSY */
			return reg == 4 || reg == 6;
		return !pfx || reg >= 6;	/* with 66: CLWB, CLFLUSHOPT */
	}
	if (pfx & PFX_REPNE)	/* UMWAIT */
		return reg == 6;
	if (pfx & PFX_REP)	/* RDFSBASE.., PTWRITE, INCSSP, UMONITOR */
		return reg < 4 ? bits == 64 : reg < 7;
	if (pfx)		/* TPAUSE */
		return reg == 6;
	return reg >= 5;	/* fences */
}

static bool check_0f38(const struct insn *insn)
{
	if (insn->opcode != OP_38_ADX)	/* CRC32, or MOVBE */
		return insn->prefixes & PFX_REPNE || insn->mod != 3;
	if (insn->prefixes & PFX_REPNE)
		return false;
	/* ADOX, ADCX, or WRSS */
	return mandatory(insn) || insn->mod != 3;
}

bool decode_check(const struct insn *insn, uint32_t *attr, unsigned bits)
{
	unsigned reg = insn->reg & 7;

	if (insn->map == MAP_ONE) {
		if (insn->opcode == OP_MOV_FROM_SEG)
			return reg <= SEG_GS;
		if (insn->opcode == OP_MOV_TO_SEG)
			return reg <= SEG_GS && reg != SEG_CS;
		/* group 11: XABORT and XBEGIN are C6 F8, C7 F8 */
		return reg == 0 || (insn->rm & 7) == 0;
	}
	if (insn->map == MAP_0F38)
		return check_0f38(insn);
	switch (insn->opcode) {
	case OP_0F_MOV_CR_FROM:
	case OP_0F_MOV_CR_TO:
		return insn->reg == 0 || (insn->reg >= 2 && insn->reg <= 4) ||
		       insn->reg == 8;
	case OP_0F_MOV_DR_FROM:
	case OP_0F_MOV_DR_TO:
		return insn->reg < 8;
	case OP_0F_VMREAD:
	case OP_0F_VMWRITE:
		return check_78_79(insn, attr);
	case OP_0F_POPCNT:
		return insn->prefixes & PFX_REP;
	case OP_0F_GETSEC:
	case OP_0F_EMMS:
	case OP_0F_MOVNTI:
		return !mandatory(insn);
	case OP_0F_GROUP7:
		return check_group7(insn, bits);
	case OP_0F_GROUP9:
		return check_group9(insn, bits);
	case OP_0F_GROUP15:
		return check_group15(insn, bits);
	default:
		return true;
	}
}

uint32_t decode_escape3(const struct insn *insn)
{
	uint32_t attr = ATTR_VALID | ATTR_MODRM;

	if (insn->map == MAP_0F3A)
		return attr | IMM_UB << ATTR_IMM_SHIFT |
		       VECTOR_SSE << ATTR_VECTOR_SHIFT;
	switch (insn->opcode) {
	case OP_38_MOVBE:
	case OP_38_MOVBE_TO:
		if (insn->prefixes & PFX_REP)
			return 0;
		return attr | ATTR_CHECK;
	case OP_38_ADX:
		return attr | ATTR_CHECK;
	default:
		return attr | VECTOR_SSE << ATTR_VECTOR_SHIFT;
	}
}

enum vector_kind insn_vector_kind(const struct insn *insn)
{
	uint32_t attr;

	switch ((enum insn_map)insn->map) {
	case MAP_ONE:
		attr = decode_one[insn->opcode];
		break;
	case MAP_0F:
		attr = decode_0f[insn->opcode];
		if (attr & ATTR_CHECK && !(attr & ATTR_GROUP))
			decode_check(insn, &attr, 0);
		break;
	case MAP_0F38:
	case MAP_0F3A:
		attr = decode_escape3(insn);
		break;
	case MAP_3DNOW:
		return VECTOR_3DNOW;
	default:
		return VECTOR_OTHER;
	}
	return (enum vector_kind)FIELD_GET(ATTR_VECTOR, attr);
}

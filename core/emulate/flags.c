/* Condition codes: testing them. Must not know operands. */
#include "core/emulate/exec.h"

/* SDM 1 appendix B "EFLAGS Condition Codes". */
bool flags_condition(const struct exec *x, unsigned condition)
{
	uint64_t f = x->v->rflags;
	bool less = !(f & RFLAGS_SF) != !(f & RFLAGS_OF), holds;

	switch (condition >> 1 & 7) {
	case 0:
		holds = f & RFLAGS_OF;
		break;
	case 1:
		holds = f & RFLAGS_CF;
		break;
	case 2:
		holds = f & RFLAGS_ZF;
		break;
	case 3:
		holds = f & (RFLAGS_CF | RFLAGS_ZF);
		break;
	case 4:
		holds = f & RFLAGS_SF;
		break;
	case 5:
		holds = f & RFLAGS_PF;
		break;
	case 6:
		holds = less;
		break;
	default:
		holds = less || f & RFLAGS_ZF;
		break;
	}
	return holds != (condition & 1);
}

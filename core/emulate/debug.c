/*
 * Breakpoints in DR0 to DR3 around one emulated instruction. Nothing here runs
 * while DR7 enables none. Must not know instructions.
 */
#include "core/emulate/debug.h"

/* "Certain debug exceptions may clear bits 0-3." SDM 3B "Debug Status Register (DR6)" 17.2.3 */
static void tell(struct vcpu *v, uint64_t why)
{
	v->dr6 = (v->dr6 & ~DR6_B) | why;
	vcpu_touch(v, ST_DR);
}

bool debug_code(struct emu *emu)
{
	uint8_t hits = breakpoint_at_rip(emu->vcpu);

	if (!hits)
		return false;
	tell(emu->vcpu, hits);
	emu->fault = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_DB };
	return true;
}

void debug_data(struct exec *x, uint64_t linear, unsigned size, unsigned access)
{
	unsigned kinds = BREAK_ACCESS | (access & ACCESS_WRITE ? BREAK_WRITE : 0);

	if (!(access & ACCESS_FETCH))
		x->hits |= breakpoint_hits(x->v, kinds, linear, size);
}

void debug_port(struct exec *x, uint16_t port, unsigned size)
{
	x->hits |= breakpoint_hits(x->v, BREAK_PORT, port, size);
}

/*
 * What a load of SS hits is told after the instruction behind it. SDM 3A "Masking
 * Exceptions and Interrupts When Switching Stacks" 6.8.3
 */
void debug_trap(struct exec *x)
{
	struct vcpu *v = x->v;

	x->hits |= vcpu_held_hits(v);
	v->held_hits = 0;
	if (!x->hits)
		return;
	if (x->shadow & SHADOW_MOV_SS) {
		v->held_hits = x->hits;
		return;
	}
	tell(v, x->hits);
	v->pending = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_DB };
}

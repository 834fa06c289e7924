/* Reading and stepping over the guest's current instruction; no vendor. */
#include "core/insn.h"

#include <string.h>

#include "core/control.h"
#include "core/event.h"

static unsigned code_bits(const struct vcpu *v)
{
	if (vcpu_code64(v))
		return 64;
	return v->seg[SEG_CS].ar & AR_DB ? 32 : 16;
}

/* Copy up to `size` bytes of code at `linear`; the count that could be read. */
static unsigned fetch(struct vm *vm, const struct walk_mode *mode,
		      uint64_t linear, uint8_t *out, unsigned size)
{
	unsigned access = ACCESS_FETCH | ACCESS_NO_AD |
			  (vm->vcpu.cpl == 3 ? ACCESS_USER : 0);
	unsigned done = 0;

	while (done < size) {
		unsigned chunk = PAGE_SIZE - ((linear + done) & PAGE_MASK);
		gpa_t at = gpa(linear + done);
		const void *from;
		struct walk w;

		if (chunk > size - done)
			chunk = size - done;
		if (mode->cr0 & CR0_PG) {
			if (walk(mode, &vm->mem, gva(linear + done), access,
				 &w) != WALK_OK)
				break;
			at = w.gpa;
		}
		from = guest_mem_ptr(&vm->mem, at, chunk, false);
		if (!from)
			break;
		memcpy(out + done, from, chunk);
		done += chunk;
	}
	return done;
}

bool insn_at_rip(struct vm *vm, struct insn *insn)
{
	struct vcpu *v = &vm->vcpu;
	struct walk_mode mode;
	uint8_t bytes[INSN_MAX];
	uint64_t linear;
	unsigned size;

	vcpu_need(v, ST_RIP | ST_CR | ST_CS_SS);
	mode = control_walk_mode(vm);
	linear = v->rip;
	if (!vcpu_code64(v))
		linear = (uint32_t)(linear + v->seg[SEG_CS].base);
	size = fetch(vm, &mode, linear, bytes, sizeof(bytes));
	return insn_decode(bytes, size, code_bits(v), insn) == DECODE_OK;
}

void insn_advance(struct vm *vm, unsigned length)
{
	struct vcpu *v = &vm->vcpu;
	uint64_t rip;

	vcpu_need(v, ST_RIP | ST_SHADOW);
	rip = v->rip + length;
	/* Outside 64-bit code the instruction pointer wraps at 4 GiB. */
	if ((rip ^ v->rip) >> 32) {
		vcpu_need(v, ST_CR | ST_CS_SS);
		if (!vcpu_code64(v))
			rip = (uint32_t)rip;
	}
	v->rip = rip;
	v->dirty |= ST_RIP;
	if (v->shadow & (SHADOW_STI | SHADOW_MOV_SS)) {
		v->shadow &= ~(SHADOW_STI | SHADOW_MOV_SS);
		v->dirty |= ST_SHADOW;
	}
	if (v->rflags & RFLAGS_TF) {
		/* The step trap of the instruction that we carried out. */
		vcpu_need(v, ST_DR);
		v->dr6 |= DR6_BS;
		vcpu_touch(v, ST_DR);
		event_raise(vm, VEC_DB, 0);
	}
}

/*
 * Port instructions and their permission: IOPL, then the TSS's bitmap.
 * SDM 1 "Protected-Mode I/O" 19.5. Knows no device.
 */
#include "core/emulate/debug.h"
#include "core/emulate/descriptor.h"
#include "core/emulate/strings.h"

#define IO_MAX_SIZE	4u	/* ports are at most 32 bits wide, REX.W or not */

static bool bitmap_allows(struct exec *x, uint16_t port, unsigned size)
{
	const struct vcpu_seg *tr = &x->v->seg[SEG_TR];
	uint64_t base, bits;

	if ((tr->ar & AR_TYPE & ~SYS_BUSY) != SYS_TSS32 || tr->limit < TSS_IO_BASE + 1)
		return exec_gp0(x);
	if (!sys_load(x, tr->base + TSS_IO_BASE, 2, &base))
		return false;
	base += port / 8;
	/* Two bytes are always read, so the map needs one byte more at its end. */
	if (base + 1 > tr->limit)
		return exec_gp0(x);
	if (!sys_load(x, tr->base + base, 2, &bits))
		return false;
	return bits >> (port & 7) & (BIT(size) - 1) ? exec_gp0(x) : true;
}

static bool port_allowed(struct exec *x, uint16_t port)
{
	if (!(x->v->cr0 & CR0_PE) ||
	    (exec_protected(x) && x->v->cpl <= FIELD_GET(RFLAGS_IOPL, x->v->rflags)))
		return true;
	return bitmap_allows(x, port, x->width);
}

static uint16_t port_number(const struct exec *x)
{
	return (uint16_t)(x->op->imm == IMM_UB ? x->insn->imm : x->v->gpr[GPR_RDX]);
}

static bool port_begin(struct exec *x)
{
	if (x->width > IO_MAX_SIZE)
		x->width = IO_MAX_SIZE;
	return port_allowed(x, port_number(x));
}

static bool port_access(struct exec *x, uint32_t *value, bool write)
{
	if (!x->emu->ops->port(x->emu, port_number(x), value, x->width, write))
		return exec_fault_given(x);
	if (breakpoint_armed(x->v))
		debug_port(x, port_number(x), x->width);
	return true;
}

bool op_in(struct exec *x)
{
	uint32_t value = 0;

	if (!port_begin(x) || !port_access(x, &value, false))
		return false;
	reg_store(x, GPR_RAX, x->width, value);
	return true;
}

bool op_out(struct exec *x)
{
	uint32_t value;

	if (!port_begin(x))
		return false;
	value = (uint32_t)reg_load(x, GPR_RAX, x->width);
	return port_access(x, &value, true);
}

static bool ins_once(struct exec *x)
{
	struct memref to;
	uint32_t value = 0;

	if (!string_target(x, ACCESS_WRITE, &to) || !port_access(x, &value, false))
		return false;
	ref_store(x, &to, value);
	string_step(x, GPR_RDI);
	return true;
}

static bool outs_once(struct exec *x)
{
	uint64_t wide;
	uint32_t value;

	if (!string_source(x, &wide))
		return false;
	value = (uint32_t)wide;
	if (!port_access(x, &value, true))
		return false;
	string_step(x, GPR_RSI);
	return true;
}

bool op_ins(struct exec *x)
{
	return port_begin(x) && string_repeat(x, ins_once, false);
}

bool op_outs(struct exec *x)
{
	return port_begin(x) && string_repeat(x, outs_once, false);
}

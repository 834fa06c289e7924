/*
 * Looks at the next instructions without carrying out any: does the hardware hand one of
 * them back at once where real mode runs as virtual-8086 mode? Must not know why it is asked.
 */
#include "core/emulate/exec.h"

/* Those on IF and the stack fault below IOPL 3. SDM 3B "Sensitive Instructions" 20.2.7. */
static bool on_flags(const struct op *op)
{
	return op->fn == op_cli || op->fn == op_sti || op->fn == op_pushf ||
	       op->fn == op_popf || op->fn == op_int || op->fn == op_iret;
}

/* What is long, or refused by name, is the hardware's. */
static bool belongs_to_hardware(const struct emu_line *line)
{
	return !line->op || line->insn.prefixes & (PFX_REP | PFX_REPNE);
}

unsigned emu_ahead(struct emu *emu, unsigned most, bool flags)
{
	const struct vcpu_seg *cs = &emu->vcpu->seg[SEG_CS];
	unsigned bits = cs->ar & AR_DB ? 32 : 16, last = 0;
	uint64_t linear = (uint32_t)(cs->base + emu->vcpu->rip), room, at = 0;
	const uint8_t *from = fetch_room(emu, linear, &room);

	emu_lines(emu);
	if (!from)
		return 0;
	for (unsigned n = 1; n <= most && at <= room; n++) {
		const struct emu_line *line = fetch_ahead(emu, bits, linear + at, from + at);

		if (!line || belongs_to_hardware(line))
			break;
		if (line->op->privilege == PRIV_CPL0 || (flags && on_flags(line->op)))
			last = n;
		at += line->insn.length;
	}
	return last;
}

/*
 * The host's heartbeat: PIT channel 0 through the 8259s, so that a guest that
 * never exits by itself still comes back. Knows no guest.
 */
#include "boot/timer.h"

#include "boot/lapic.h"
#include "boot/machine_defs.h"
#include "core/x86_insn.h"

#define PIC_LINES	8
#define SPURIOUS_LINE	7

void host_interrupts_init(void)
{
	x86_out8(PIC1_COMMAND, PIC_ICW1);
	x86_out8(PIC2_COMMAND, PIC_ICW1);
	x86_out8(PIC1_DATA, VEC_PIC1);
	x86_out8(PIC2_DATA, VEC_PIC2);
	x86_out8(PIC1_DATA, PIC1_ICW3);
	x86_out8(PIC2_DATA, PIC2_ICW3);
	x86_out8(PIC1_DATA, PIC_ICW4);
	x86_out8(PIC2_DATA, PIC_ICW4);
	host_interrupts_mask();
}

void host_interrupts_mask(void)
{
	x86_out8(PIC1_DATA, PIC_MASK_ALL);
	x86_out8(PIC2_DATA, PIC_MASK_ALL);
}

void host_timer_start(void)
{
	/* A count of 0 stands for 65536. */
	x86_out8(PIT_COMMAND, PIT_MODE_RATE);
	x86_out8(PIT_CHANNEL0, 0);
	x86_out8(PIT_CHANNEL0, 0);
	lapic_pass_pic();
	x86_out8(PIC1_DATA, PIC_MASK_TIMER);
}

void host_timer_ack(void)
{
	x86_out8(PIC1_COMMAND, PIC_EOI);
}

/*
 * A line that dropped again before it was served shows as line 7 with nothing in
 * service: that one must not be acknowledged. 8259A datasheet "Spurious interrupts".
 */
static void pic_ack(unsigned line)
{
	bool second = line >= PIC_LINES;
	uint16_t command = second ? PIC2_COMMAND : PIC1_COMMAND;

	if (line % PIC_LINES == SPURIOUS_LINE) {
		x86_out8(command, PIC_READ_ISR);
		if (!(x86_in8(command) & PIC_LINE7)) {
			/* The first chip did serve the cascade line. */
			if (second)
				x86_out8(PIC1_COMMAND, PIC_EOI);
			return;
		}
	}
	if (second)
		x86_out8(PIC2_COMMAND, PIC_EOI);
	x86_out8(PIC1_COMMAND, PIC_EOI);
}

bool host_interrupt(uint64_t vector)
{
	if (vector == VEC_APIC_SPURIOUS)
		return true;	/* needs no EOI. SDM 3A "Spurious Interrupt" 10.9 */
	if (vector < VEC_PIC1 || vector >= VEC_PIC2 + PIC_LINES)
		return false;
	pic_ack((unsigned)vector - VEC_PIC1);
	return true;
}

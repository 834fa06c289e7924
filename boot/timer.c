/*
 * The host's heartbeat: PIT channel 0 as an NMI through the I/O APIC, or as an
 * interrupt through the 8259s where that does not work, so that a guest that
 * never exits by itself still comes back; and its deadlines. Knows no guest.
 */
#include "boot/timer.h"

#include "boot/ioapic.h"
#include "boot/lapic.h"
#include "boot/machine_defs.h"
#include "core/x86_insn.h"
#include "mmu/x86_defs.h"

#define PIC_LINES	8
#define SPURIOUS_LINE	7

/* TSC ticks to measure the APIC's timer over: it may count 100 times slower. */
#define CALIBRATE_EXACT		BIT(16)
#define CALIBRATE_CYCLES	BIT(22)

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

/* The one way the NMI handler can talk to host_timer_start(). */
static volatile unsigned nmi_ticks;
static volatile bool nmi_on;

static void pit_start(uint8_t mode, uint16_t count)
{
	x86_out8(PIT_COMMAND, mode);
	x86_out8(PIT_CHANNEL0, (uint8_t)count);
	x86_out8(PIT_CHANNEL0, count >> 8);
}

/* The counter as it is now. 8254 datasheet "Counter Latch Command". */
static uint16_t pit_count(void)
{
	uint8_t low;

	x86_out8(PIT_COMMAND, PIT_LATCH);
	low = x86_in8(PIT_CHANNEL0);
	return (uint16_t)(low | x86_in8(PIT_CHANNEL0) << 8);
}

/*
 * Let one short count run out and see whether it arrives as an NMI. The wait
 * is bounded by the counter itself: past zero it goes on from 65535.
 */
static bool nmi_works(void)
{
	nmi_ticks = 0;
	nmi_on = true;
	if (!ioapic_timer_nmi(true))
		return nmi_on = false;
	pit_start(PIT_MODE_ONCE, PIT_PROBE_COUNT);
	for (unsigned i = 0; i < PIT_PROBE_READS && !nmi_ticks; i++)
		if (pit_count() > PIT_PROBE_COUNT)
			break;
	if (!nmi_ticks)
		nmi_on = !ioapic_timer_nmi(false);
	return nmi_on;
}

/*
 * As an NMI where that can be had: Bochs 2.7 keeps an interrupt from a guest
 * that is entered with IF clear and never sets it, although interrupts exit.
 */
void host_timer_start(bool tsc_counts_instructions)
{
	bool nmi = nmi_works();

	pit_start(PIT_MODE_RATE, 0);	/* stands for 65536 */
	if (!lapic_timer_start(tsc_counts_instructions ? CALIBRATE_EXACT :
							 CALIBRATE_CYCLES))
		pit_start(PIT_MODE_RATE, PIT_FAST_COUNT);
	if (nmi)
		return;
	lapic_pass_pic();
	x86_out8(PIC1_DATA, PIC_MASK_TIMER);
}

void host_timer_arm(uint64_t tsc)
{
	lapic_timer_arm(tsc);
}

void host_timer_stop(void)
{
	lapic_timer_stop();
	x86_interrupt_window();
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
	if (vector == VEC_NMI && nmi_on) {
		nmi_ticks++;
		return true;
	}
	if (vector == VEC_APIC_TIMER) {
		lapic_eoi();
		return true;
	}
	if (vector == VEC_APIC_SPURIOUS)
		return true;	/* needs no EOI. SDM 3A "Spurious Interrupt" 10.9 */
	if (vector < VEC_PIC1 || vector >= VEC_PIC2 + PIC_LINES)
		return false;
	pic_ack((unsigned)vector - VEC_PIC1);
	return true;
}

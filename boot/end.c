/* How a run leaves the machine. Knows nothing of why it ends. */
#include "boot/end.h"

#include "boot/machine_defs.h"
#include "core/x86_insn.h"

_Noreturn void machine_end(void)
{
	static const char shutdown[] = "Shutdown";

	/*
	 * QEMU's isa-debug-exit device, where the command line has one. On a PC
	 * this port clears the x87 busy latch: nothing here uses it.
	 */
	x86_out8(PORT_QEMU_EXIT, 0);
	/* Bochs leaves on this word. No PC decodes the port. */
	for (const char *c = shutdown; *c; c++)
		x86_out8(PORT_BOCHS_SHUTDOWN, (uint8_t)*c);
	for (;;) {
		x86_cli();
		x86_hlt();
	}
}

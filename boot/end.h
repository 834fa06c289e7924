/* How a run leaves the machine. Knows nothing of why it ends. */
#ifndef BOOT_END_H
#define BOOT_END_H

/* Ends the emulator, or halts for good. Whoever has output drains it before. */
_Noreturn void machine_end(void);

#endif

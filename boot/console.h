/*
 * Where the run's output goes: the guest's bytes and the host's text on COM1,
 * records on COM2; and the line to a debugger, COM3. Nothing is ever dropped. Knows neither
 * guest nor record.
 */
#ifndef BOOT_CONSOLE_H
#define BOOT_CONSOLE_H

#include "core/host.h"

#define CONSOLE_KEPT	BIT(18)		/* of the bytes on COM1, the last so many */

void console_init(void);

/* Before the core is started: give it the line to a debugger, if there is a COM3. */
void console_line(void);

/*
 * Records go to COM1 and the guest's bytes nowhere: when `first` asks for it, or where
 * there is no COM2. False when no port is left that a record could go to.
 */
bool console_one_port(bool first);
bool console_is_one_port(void);

/* Who shows the host's own words from now on, beside COM1. */
void console_mirror(void (*show)(const char *text));

/* Bytes that the guests and the host have written since the start, modulo 2^32. */
unsigned console_written(void);

/* One of the last CONSOLE_KEPT of them. */
uint8_t console_kept(unsigned at);

/* The callbacks for the core; valid from console_init() on. */
struct host_io *console_io(void);

/* The host's own words, on COM1 after all that the guest has written. */
void console_text(const char *text);

/* Wait until every byte has left both UARTs. */
void console_drain(void);

/* Drain, then leave both UARTs to the next owner of the machine. */
void console_hand_over(void);

#endif

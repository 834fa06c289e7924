/*
 * Where the run's output goes: the guest's bytes and the host's text on COM1,
 * records on COM2; and the line to a debugger, COM3. Nothing is ever dropped. Knows neither guest nor record.
 */
#ifndef BOOT_CONSOLE_H
#define BOOT_CONSOLE_H

#include "core/host.h"

void console_init(void);

/* Before the core is started: give it the line to a debugger, if there is a COM3. */
void console_line(void);

/* The callbacks for the core; valid from console_init() on. */
struct host_io *console_io(void);

/* The host's own words, on COM1 after all that the guest has written. */
void console_text(const char *text);

/* Wait until every byte has left both UARTs. */
void console_drain(void);

/* Drain, then leave both UARTs to the next owner of the machine. */
void console_hand_over(void);

#endif

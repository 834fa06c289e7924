/*
 * Faults made on purpose, in builds with -DSELFTEST_FAULT=n only: they prove that
 * every kind of host fault ends with a dump and an error record.
 */
#ifndef BOOT_SELFTEST_H
#define BOOT_SELFTEST_H

#define SELFTEST_NULL_WRITE	1
#define SELFTEST_TEXT_WRITE	2
#define SELFTEST_RODATA_WRITE	3
#define SELFTEST_DATA_EXECUTE	4
#define SELFTEST_STACK_OVERFLOW	5
#define SELFTEST_WILD_STACK	6	/* not even a stack to push a frame on */
#define SELFTEST_NULL_CALL	7
#define SELFTEST_PANIC		8
#define SELFTEST_STOP_FAULT	9	/* an exception while stopping for another */
#define SELFTEST_TIMER		10	/* not a fault: ticks come, and then a panic says so */

#define SELFTEST_DEADLINE	11	/* nor this: deadlines are met, and then a panic */

#define WILD_STACK		UINT64_C(0x7fff00000000)	/* canonical, mapped nowhere */

#ifdef SELFTEST_FAULT
void selftest_run(void);
void selftest_stopping(void);
#else
static inline void selftest_run(void) {}
static inline void selftest_stopping(void) {}
#endif

#endif

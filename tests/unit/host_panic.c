/* What a broken host invariant does in a test: the process ends, whatever the test caught. */
#include "mmu/panic.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void panic(const char *format, ...)
{
	fprintf(stderr, "panic: %s\n", format);
	abort();
}

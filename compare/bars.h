/*
 * What a rung with shadow tables is held to, line by line: a third of what Linux KVM
 * needs. Knows KVM's counts only.
 */
#ifndef COMPARE_BARS_H
#define COMPARE_BARS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/*
 * The most that `line` may cost where KVM's column is `own`; false: KVM has no number.
 * Where KVM does not exit, its count itself; else a third of the lesser of its columns
 * with shadow tables that do exit, or the number agreed on for that line.
 */
bool bar_find(json_t *kvm, const char *line, const char *own, uint64_t *most);

#endif

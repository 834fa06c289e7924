/*
 * Where the image and its stacks lie: symbols of link.ld and entry.asm. Only
 * their addresses mean anything.
 */
#ifndef BOOT_LAYOUT_H
#define BOOT_LAYOUT_H

#include "mmu/addr.h"

extern uint8_t image_start[], image_text_start[], image_text_end[];
extern uint8_t image_rodata_end[], image_end[];

/* Each stack grows down towards a guard page just below it. */
extern uint8_t stack_main[], stack_main_top[];
extern uint8_t stack_df[], stack_df_top[];
extern uint8_t stack_nmi[], stack_nmi_top[];
extern uint8_t stack_mc[], stack_mc_top[];

#endif

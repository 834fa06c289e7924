/* The guest's x87 and SSE state, as FXSAVE shows it. For core/emulate alone. */
#ifndef CORE_EMULATE_FX_STATE_H
#define CORE_EMULATE_FX_STATE_H

#include "core/emulate/exec.h"

/* The whole state now, and back. False: this world has none; a stop by that name. */
bool fx_get(struct exec *x, struct fx_image *image, bool wide, const char *what);
bool fx_put(struct exec *x, const struct fx_image *image, bool wide, const char *what);

bool fx_save(struct exec *x);
bool fx_restore(struct exec *x);
bool fx_ldmxcsr(struct exec *x);
bool fx_stmxcsr(struct exec *x);

/* A pending x87 exception tops instructions that wait: true, #MF was raised (or a stop). */
bool x87_pending(struct exec *x, uint16_t status);
/* FLDENV, FNSTENV; with the registers, FRSTOR, FNSAVE. */
bool x87_env_load(struct exec *x, bool registers);
bool x87_env_store(struct exec *x, bool registers);

#endif

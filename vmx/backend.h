/* VT-x: the one name that boot/main.c needs of this folder. */
#ifndef VMX_BACKEND_H
#define VMX_BACKEND_H

#include "core/backend.h"

extern const struct hv_backend vmx_backend;

#endif

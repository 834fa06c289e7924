/* AMD-V: the one name that boot/main.c needs of this folder. */
#ifndef SVM_BACKEND_H
#define SVM_BACKEND_H

#include "core/backend.h"

extern const struct hv_backend svm_backend;

#endif

/* The table of rungs: names and needs. Does not know how any of them works. */
#include "core/rung.h"

const struct rung rungs[RUNG_COUNT] = {
	[RUNG_BARE] = {
		.id = RUNG_BARE, .name = "bare", .unrestricted = true,
		.built = true,
	},
	[RUNG_SVM_NPT] = {
		.id = RUNG_SVM_NPT, .name = "svm-npt", .backend = "svm",
		.nested = true, .unrestricted = true, .built = true,
	},
	[RUNG_SVM_SHADOW] = {
		.id = RUNG_SVM_SHADOW, .name = "svm-shadow", .backend = "svm",
		.shadow = true, .built = true,
	},
	[RUNG_VMX_UG] = {
		.id = RUNG_VMX_UG, .name = "vmx-ug", .backend = "vmx",
		.nested = true, .unrestricted = true, .built = true,
	},
	[RUNG_VMX_EPT] = {
		.id = RUNG_VMX_EPT, .name = "vmx-ept", .backend = "vmx",
		.nested = true, .vm86 = true, .built = true,
	},
	[RUNG_VMX_SHADOW] = {
		.id = RUNG_VMX_SHADOW, .name = "vmx-shadow", .backend = "vmx",
		.shadow = true, .vm86 = true, .built = true,
	},
	[RUNG_RING3] = {
		.id = RUNG_RING3, .name = "ring3",
	},
};

static bool named(const char *text, const char *name, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		if (!text[i] || text[i] != name[i])
			return false;
	return !text[size];
}

const struct rung *rung_find(const char *name, unsigned size)
{
	for (unsigned i = 0; i < RUNG_COUNT; i++)
		if (named(rungs[i].name, name, size))
			return &rungs[i];
	return NULL;
}

const char *rung_sync_name(enum shadow_sync sync)
{
	static const char *const names[] = {
		[SHADOW_UNSYNC] = "unsync", [SHADOW_PROTECT] = "protect",
		[SHADOW_FLUSH] = "flush",
	};

	return names[sync];
}

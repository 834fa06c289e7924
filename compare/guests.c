/*
 * Finding guests in the tables, and files that are in none. Must not know rungs,
 * machines or emulators.
 */
#include <string.h>
#include <sys/stat.h>

#include "compare/guests_table.h"
#include "compare/util.h"

enum { MEMORY_MIB = 64, SECONDS = 60 };

const struct guest *guest_at(size_t i)
{
	static const struct guest *const tables[] = { guests_own, guests_real };
	const struct guest *g = NULL;

	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++) {
		for (g = tables[t]; g->name && i; g++)
			i--;
		if (g->name)
			return g;
	}
	return NULL;
}

static const struct guest *made_up(const char *path, const char *kind)
{
	struct guest *g = xcalloc(1, sizeof(*g));
	const char *slash = strrchr(path, '/');

	*g = (struct guest){
		.name = xdup(slash ? slash + 1 : path),
		.file = xdup(path),
		.kind = kind ? kind : "",
		.shows = "a file",
		.ending = ENDING_AS_BARE,
		.memory_mib = MEMORY_MIB,
		.limit = MILLION(2000),
		.seconds = SECONDS,
		.is_path = true,
	};
	return g;
}

const struct guest *guest_find(const char *name, const char *kind)
{
	const struct guest *g = guest_at(guest_rank(name));
	struct stat st;

	if (g)
		return g;
	if (!stat(name, &st) && S_ISREG(st.st_mode))
		return made_up(name, kind);
	return NULL;
}

size_t guest_rank(const char *name)
{
	const struct guest *g;
	size_t i = 0;

	while ((g = guest_at(i)) && strcmp(g->name, name))
		i++;
	return i;
}

char *guest_path(const struct guest *guest)
{
	return guest->is_path ? xdup(guest->file) : path_build("%s", guest->file);
}

char *guest_module_name(const struct guest_module *module)
{
	return fmt("%.*s", (int)strcspn(module->words, " "), module->words);
}

bool guest_is_firmware(const struct guest *guest)
{
	return !strcmp(guest->kind, "firmware");
}

const char *ending_name(enum ending ending)
{
	static const char *const names[] = {
		[ENDING_AS_BARE] = "as on bare",
		[ENDING_EXIT] = "exit",
		[ENDING_TRIPLE_FAULT] = "triple-fault",
		[ENDING_LIMIT] = "limit",
		[ENDING_LINE] = "until",
		[ENDING_HALT] = "halt",
	};

	return names[ending];
}

const char *guest_option(const struct guest *guest, const char *name,
			 const char *value)
{
	if (guest->lowers_iopl && !strcmp(name, "vm86") &&
	    !strcmp(value, "fast"))
		return "exact";
	return value;
}

/*
 * What a disc's menu says of a guest: the words that boot/tour.h reads. Must not
 * know how a disc is made.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compare/disc.h"
#include "compare/spawn.h"
#include "core/tour.h"

const char *const disc_guests[] = {
	"modes", "tables", "strange", "reset", "unreal", "segments", "unpaged",
	"tasks", "steps", "smc", "flags", "vectors", "denied", "triple", "hang",
	"xen", NULL,
};

/* Real machines are faster than the emulators that a guest's limit is made for. */
enum { SECONDS_SHARE = 3, SECONDS_NEVER_ENDS = 1 };

char *disc_file(const struct guest *guest)
{
	char *name, *file;

	if (!guest->is_path)
		return xdup(guest->file);
	name = disc_name(guest);
	file = fmt("files/%s", name);
	free(name);
	return file;
}

char *disc_name(const struct guest *guest)
{
	char *name = fmt("%.*s", TOUR_NAME - 1, guest->name);

	for (char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			*c = '_';
	return name;
}

/* A pattern that stands for one text, as a word of its own; NULL: it does not. */
static char *literal(const char *pattern)
{
	struct buf b = { 0 };
	size_t size = 0;

	buf_add(&b, "", 0);
	if (*pattern == '^') {
		buf_fmt(&b, "^");
		pattern++;
	}
	for (; *pattern; pattern++, size++) {
		if (*pattern == '\\' && ispunct((unsigned char)pattern[1]))
			pattern++;
		else if (strchr(".[](){}*+?|^$\\", *pattern))
			break;
		if (isalnum((unsigned char)*pattern))
			buf_fmt(&b, "%c", *pattern);
		else
			buf_fmt(&b, "%%%02x", (unsigned char)*pattern);
	}
	if (!*pattern && size && size <= TOUR_DROP)
		return b.text;
	buf_free(&b);
	return NULL;
}

/* The filters in the few words that the hypervisor reads; else it compares nothing. */
static void filters_add(struct buf *words, const struct guest *guest)
{
	struct buf drops = { 0 };
	unsigned count = 0;

	buf_add(&drops, "", 0);
	for (const struct filter *f = guest->filters; f && f->pattern; f++) {
		char *text = f->action == FILTER_DROP ? literal(f->pattern) : NULL;

		if (!text || count++ == TOUR_DROPS) {
			free(text);
			buf_free(&drops);
			buf_fmt(words, " compare=no");
			return;
		}
		buf_fmt(&drops, " drop=%s", text);
		free(text);
	}
	buf_fmt(words, "%s", drops.text);
	buf_free(&drops);
}

/* All that the hypervisor is told of the guest but the rung. */
static char *guest_words(const struct guest *guest, const char *sha256)
{
	static const struct rung any = { .name = "-" };
	struct job job = {
		.guest = guest, .choice = { .rung = &any },
		.machine = machine_find("metal"),
	};
	char *name = disc_name(guest), *run = hypervisor_options(&job);
	bool never = guest->ending == ENDING_LIMIT;
	struct buf b = { 0 };

	buf_fmt(&b, "guest=%s sha256=%s", name, sha256);
	if (guest->ending != ENDING_AS_BARE)
		buf_fmt(&b, " ends=%s", ending_name(guest->ending));
	buf_fmt(&b, " seconds=%u", never ? SECONDS_NEVER_ENDS :
		guest->seconds / SECONDS_SHARE + 1);
	filters_add(&b, guest);
	/* What follows the rung, which comes first. */
	buf_fmt(&b, " --%s", run + strcspn(run, " "));
	free(name);
	free(run);
	return b.text;
}

void disc_guest_lines(struct buf *menu, const struct guest *guest, const char *sha256)
{
	char *file = disc_file(guest), *words = guest_words(guest, sha256);

	buf_fmt(menu, "\n\tmodule2 '/%s'", file);
	words_quote(menu, words);
	for (const struct guest_module *m = guest->module; m->file; m++) {
		buf_fmt(menu, "\n\tmodule2 '/%s'", m->file);
		words_quote(menu, m->words);
	}
	free(file);
	free(words);
}

/* Exit codes written out, and names that look alike. Must not know what is said of them. */
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compare/exit_find.h"
#include "compare/rungs.h"
#include "compare/util.h"

enum { NEAREST = 3, NAME_MAX_SIZE = 64 };

char *exit_name_text(const struct exit_hit *hit)
{
	const struct exit_code *row = hit->row;
	int head = (int)strcspn(row->name, "#");

	if (!row->name[head])
		return xdup(row->name);
	if (hit->run)
		return fmt("%.*s[%u-%u]%s", head, row->name,
			   (unsigned)EXIT_NUMBER(row, row->first),
			   (unsigned)EXIT_NUMBER(row, row->last), row->name + head + 1);
	return fmt("%.*s%u%s", head, row->name, (unsigned)EXIT_NUMBER(row, hit->code),
		   row->name + head + 1);
}

char *exit_code_text(const struct exit_hit *hit)
{
	const struct exit_code *row = hit->row;

	if (hit->vendor == EXIT_VMX && hit->flags)
		return fmt("vmx:0x%" PRIx64, hit->flags | hit->code);
	if (hit->vendor == EXIT_VMX)
		return fmt("vmx:%" PRIu64, hit->code);
	if (hit->run && row->first != row->last)
		return fmt("svm:0x%03" PRIx64 "-0x%03" PRIx64, row->first, row->last);
	if (hit->code > UINT32_MAX)
		return fmt("svm:%" PRId64, (int64_t)hit->code);
	return fmt("svm:0x%03" PRIx64, hit->code);
}

/* The best so far, best first. */
struct nearest {
	const char	*text;
	char		*name[NEAREST];
	unsigned	score[NEAREST];
	size_t		count;
};

static unsigned lowest(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* How many letters must be changed, added or left out to come from one to the other. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NAME_MAX_SIZE + 1];
	size_t size = strlen(b);

	if (size > NAME_MAX_SIZE || strlen(a) > NAME_MAX_SIZE)
		return UINT_MAX;
	for (size_t j = 0; j <= size; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; a[i]; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t j = 1; j <= size; j++) {
			unsigned above = row[j];
			bool same = toupper((unsigned char)a[i]) ==
				    toupper((unsigned char)b[j - 1]);

			row[j] = lowest(lowest(row[j], row[j - 1]) + 1, diagonal + !same);
			diagonal = above;
		}
	}
	return row[size];
}

static void consider(struct nearest *n, const char *name)
{
	unsigned score = distance(n->text, name);
	size_t at, size = strlen(n->text);

	if (size > 2 && strcasestr(name, n->text))
		score = 1;
	if (score > 1 + size / 3)
		return;
	for (at = 0; at < n->count; at++)
		if (!strcmp(n->name[at], name))
			return;
	if (n->count == NEAREST) {
		if (n->score[NEAREST - 1] <= score)
			return;
		free(n->name[--n->count]);
	}
	for (at = n->count++; at && n->score[at - 1] > score; at--) {
		n->name[at] = n->name[at - 1];
		n->score[at] = n->score[at - 1];
	}
	n->name[at] = xdup(name);
	n->score[at] = score;
}

static void consider_row(struct nearest *n, enum exit_vendor vendor,
			 const struct exit_code *row)
{
	for (uint64_t code = row->first; ; code++) {
		struct exit_hit hit = { .vendor = vendor, .row = row, .code = code };
		char *name = exit_name_text(&hit);

		consider(n, name);
		free(name);
		if (code == row->last || !strchr(row->name, '#'))
			return;
	}
}

char *exit_nearest(const char *text)
{
	const struct exit_code *row;
	char *name = exit_plain(strchr(text, ':') ? strchr(text, ':') + 1 : text);
	struct nearest n = { .text = name };
	struct buf out = { 0 };

	for (size_t i = 0; i < rung_table_size; i++)
		consider(&n, rung_table[i].name);
	for (const struct exit_cause *c = exit_causes; c->name; c++)
		consider(&n, c->name);
	for (enum exit_vendor v = 0; v < EXIT_VENDORS; v++)
		for (size_t i = 0; (row = exit_row(v, i)); i++)
			consider_row(&n, v, row);
	for (size_t i = 0; i < n.count; i++) {
		buf_fmt(&out, "%s%s", i ? ", " : "", n.name[i]);
		free(n.name[i]);
	}
	free(name);
	return out.text;
}

/* Exit codes found by number and by name. Must not know what is said of them. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/exit_find.h"
#include "compare/util.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

enum { DECIMAL = 10, HEXADECIMAL = 16, VECTORS = 20, EXCP0 = 0x40, EXCEPTION = 0 };

static const struct exit_code *const tables[EXIT_VENDORS][2] = {
	[EXIT_VMX] = { exit_table_vmx, exit_table_vmx_later },
	[EXIT_SVM] = { exit_table_svm, exit_table_svm_later },
};

const char *exit_vendor_name(enum exit_vendor vendor)
{
	return vendor == EXIT_VMX ? "vmx" : "svm";
}

const struct exit_code *exit_row(enum exit_vendor vendor, size_t n)
{
	for (size_t t = 0; t < ARRAY_SIZE(tables[0]); t++)
		for (const struct exit_code *row = tables[vendor][t]; row->name; row++)
			if (!n--)
				return row;
	return NULL;
}

const struct exit_cause *exit_cause_named(const char *name)
{
	for (const struct exit_cause *c = exit_causes; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* Is it one of these words? */
static bool among(const char *words, const char *word)
{
	size_t size = strlen(word);

	while (words && *words) {
		size_t n = strcspn(words, " ");

		if (n == size && !strncmp(words, word, n))
			return true;
		words += n;
		words += strspn(words, " ");
	}
	return false;
}

bool exit_becomes(const struct exit_code *row, const char *cause)
{
	return among(row->cause, cause);
}

const char *exit_flag_text(unsigned bit)
{
	switch (bit) {
	case 26:
		return "a bus lock was asserted just before";
	case 27:
		return "the guest was in an enclave";
	case 28:
		return "a monitor-trap-flag exit is pending, too";
	case 29:
		return "the exit is from VMX root operation, to SMM";
	case 31:
		return "the entry failed: the guest never ran";
	default:
		return NULL;
	}
}

static void hit_add(struct exit_hit *hits, size_t *count, struct exit_hit hit)
{
	for (size_t i = 0; i < *count; i++)
		if (hits[i].row == hit.row && hits[i].code == hit.code)
			return;
	if (*count < EXIT_HITS)
		hits[(*count)++] = hit;
}

/* Upper bits of a VMX reason are flags; an emulator may give half of SVM's negative codes. */
static bool split(enum exit_vendor vendor, uint64_t number, struct exit_hit *hit)
{
	*hit = (struct exit_hit){ .vendor = vendor, .code = number };
	if (vendor == EXIT_SVM) {
		if (number <= UINT32_MAX && number > UINT32_MAX - 4)
			hit->code |= ~(uint64_t)UINT32_MAX;
		return true;
	}
	if (number > UINT32_MAX)
		return false;
	hit->code = number & EXIT_VMX_BASIC;
	hit->flags = (uint32_t)number & ~EXIT_VMX_BASIC;
	for (unsigned bit = 0; bit < 32; bit++)
		if ((hit->flags >> bit & 1) && !exit_flag_text(bit))
			return false;
	return true;
}

static void find_number(enum exit_vendor vendor, uint64_t number,
			struct exit_hit *hits, size_t *count)
{
	const struct exit_code *row;
	struct exit_hit hit;

	if (!split(vendor, number, &hit))
		return;
	for (size_t n = 0; (row = exit_row(vendor, n)); n++) {
		if (hit.code < row->first || hit.code > row->last)
			continue;
		hit.row = row;
		hit_add(hits, count, hit);
	}
}

/* 48, 0x30, 30h, -1; false: it is a name. */
static bool number_read(const char *text, uint64_t *number)
{
	const char *digits = text + (*text == '-');
	size_t size = strlen(digits);
	bool prefix = !strncmp(digits, "0x", 2) || !strncmp(digits, "0X", 2);
	bool suffix = !prefix && size && strchr("hH", digits[size - 1]);
	char *end;

	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*number = strtoull(digits, &end, prefix || suffix ? HEXADECIMAL : DECIMAL);
	if (errno || end + suffix != digits + size)
		return false;
	if (digits != text)
		*number = -*number;
	return true;
}

char *exit_plain(const char *text)
{
	static const char *const prefixes[] = {
		"VMEXIT_", "SVM_EXIT_", "SVM_VMEXIT_", "VMX_REASON_", "VMX_EXIT_",
		"EXIT_REASON_", "EXIT_",
	};
	char *name = xdup(text);

	for (char *c = name; *c; c++)
		*c = (char)(strchr(" -", *c) ? '_' : toupper((unsigned char)*c));
	for (size_t p = 0; p < ARRAY_SIZE(prefixes); p++) {
		size_t size = strlen(prefixes[p]);

		if (!strncmp(name, prefixes[p], size) && name[size]) {
			memmove(name, name + size, strlen(name + size) + 1);
			break;
		}
	}
	return name;
}

/* Does the name fit the row's, with a number where that has a #? */
static bool name_fits(const struct exit_code *row, const char *name, struct exit_hit *hit)
{
	size_t head = strcspn(row->name, "#");
	unsigned long number;
	char *end;

	hit->row = row;
	hit->code = row->first;
	if (!row->name[head])
		return !strcmp(row->name, name) || among(row->also, name);
	if (strncmp(row->name, name, head) || !isdigit((unsigned char)name[head]))
		return false;
	number = strtoul(name + head, &end, DECIMAL);
	if (number > row->last || strcmp(end, row->name + head + 1))
		return false;
	hit->code = row->first - EXIT_NUMBER(row, row->first) + number;
	return hit->code >= row->first && hit->code <= row->last;
}

static void find_name(enum exit_vendor vendor, const char *name,
		      struct exit_hit *hits, size_t *count)
{
	const struct exit_code *row;

	for (size_t n = 0; (row = exit_row(vendor, n)); n++) {
		struct exit_hit hit = { .vendor = vendor };

		if (name_fits(row, name, &hit))
			hit_add(hits, count, hit);
	}
}

/* An exception by its mnemonic: both vendors' exits for it. */
static void find_vector(enum exit_vendor vendor, const char *mnemonic,
			struct exit_hit *hits, size_t *count)
{
	static const char *const vectors[VECTORS] = {
		"#DE", "#DB", "#NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "", "#TS",
		"#NP", "#SS", "#GP", "#PF", "", "#MF", "#AC", "#MC", "#XM",
	};

	for (uint64_t v = 0; v < VECTORS; v++)
		if (!strcasecmp(vectors[v], mnemonic))
			find_number(vendor, vendor == EXIT_VMX ? EXCEPTION : EXCP0 + v,
				    hits, count);
}

size_t exit_find(const char *text, struct exit_hit hits[EXIT_HITS])
{
	bool wanted[EXIT_VENDORS] = { true, true };
	uint64_t number;
	size_t count = 0;
	char *name;

	for (enum exit_vendor v = 0; v < EXIT_VENDORS; v++) {
		size_t size = strlen(exit_vendor_name(v));

		if (strncasecmp(text, exit_vendor_name(v), size) || text[size] != ':')
			continue;
		text += size + 1;
		wanted[!v] = false;
		break;
	}
	name = exit_plain(text);
	for (enum exit_vendor v = 0; v < EXIT_VENDORS; v++) {
		if (!wanted[v])
			continue;
		if (number_read(text, &number))
			find_number(v, number, hits, &count);
		else if (*text == '#')
			find_vector(v, text, hits, &count);
		else
			find_name(v, name, hits, &count);
	}
	free(name);
	return count;
}

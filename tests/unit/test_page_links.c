/* What the page lets in and where it leads: nothing from elsewhere, nowhere that is not. */
#include <ctype.h>
#include <stdio.h>

#include "tests/unit/page_fixture.h"

#include "compare/sha256.h"

/* Base 64 back to hexadecimal digits, 32 bytes of them. */
static void base64_read(const char *text, char hex[SHA256_TEXT])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, held = 0, made = 0;

	for (; *text && *text != '='; text++) {
		bits = bits << 6 | (unsigned)(strchr(letters, *text) - letters);
		held += 6;
		if (held >= 8 && made < SHA256_TEXT - 1) {
			held -= 8;
			sprintf(&hex[made], "%02x", bits >> held & 0xff);
			made += 2;
		}
	}
}

/* Content Security Policy Level 3 "Source Lists": the hash of the element's text. */
static void allowed_by_hash(const char *page, const char *element,
			    const char *directive)
{
	char *open = fmt("<%s>", element), *close = fmt("</%s>", element);
	char *source = fmt("%s 'sha256-", directive);
	const char *from = strstr(page, open) + strlen(open);
	const char *allowed = strstr(page, source) + strlen(source);
	char expected[SHA256_TEXT], said[SHA256_TEXT];

	assert_null(strstr(from, open));
	sha256_text(from, (size_t)(strstr(from, close) - from), expected);
	base64_read(allowed, said);
	assert_string_equal(said, expected);
	free(open);
	free(close);
	free(source);
}

static void only_our_style_and_script_may_run(void **state)
{
	char *page = page_of(NULL, 0);

	(void)state;
	assert_has(page, "http-equiv=\"Content-Security-Policy\" "
		   "content=\"default-src 'none'; ");
	allowed_by_hash(page, "style", "style-src");
	allowed_by_hash(page, "script", "script-src");
	free(page);
}

/* Offline: nothing is fetched from anywhere. */
static void nothing_comes_from_elsewhere(void **state)
{
	struct run *runs[] = { modes_on("svm-npt", "qemu:EPYC") };
	char *page = page_freeing(runs, 1);
	char *space = strstr(page, "http://www.w3.org/1999/xhtml");

	(void)state;
	assert_non_null(space);
	assert_null(strstr(space + strlen("http://"), "://"));
	assert_lacks(page, " src=");
	assert_lacks(page, "@import");
	assert_lacks(page, " style=");
	assert_lacks(page, " onclick=");
	free(page);
}

/* The name that a heading has in a link: as the usual renderers of Markdown make it. */
static bool heading_is(const char *line, const char *place)
{
	line += strspn(line, "#");
	line += *line == ' ';
	for (; *line && *line != '\n'; line++) {
		char c = (char)tolower((unsigned char)*line);

		if (!isalnum((unsigned char)c) && c != ' ' && c != '-' && c != '_')
			continue;
		if (*place++ != (c == ' ' ? '-' : c))
			return false;
	}
	return !*place;
}

static void assert_place_is_there(char *link)
{
	char *place = strchr(link, '#'), line[2000];
	bool found = !place;
	FILE *file;

	if (place)
		*place++ = '\0';
	file = fopen(link, "r");
	if (!file)
		fail_msg("no document %s", link);
	while (!found && fgets(line, sizeof(line), file))
		found = line[0] == '#' && heading_is(line, place);
	fclose(file);
	if (!found)
		fail_msg("%s has no heading %s", link, place);
}

/* Every link into the documents leads to a document, and to a heading of it. */
static void links_lead_somewhere(void **state)
{
	static const char *const reasons[] = {
		"shadow", "cr-access", "invlpg", "exception", "msr", "memory",
		"task-switch", "host-interrupt", "window",
	};
	struct run *runs[] = { modes_on("svm-npt", "qemu:EPYC"),
			       modes_on("svm-shadow", "qemu:EPYC-npt") };
	size_t links = 0;
	char *page;

	(void)state;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		reason_add(runs[1], reasons[i], 100);
	page = page_freeing(runs, 2);
	for (char *at = page; (at = strstr(at, "href=\"docs/")); links++) {
		size_t size;

		at += strlen("href=\"");
		size = strcspn(at, "\"");
		at[size] = '\0';
		assert_place_is_there(at);
		at += size + 1;
	}
	assert_in_range(links, sizeof(reasons) / sizeof(*reasons), 100);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_our_style_and_script_may_run),
		cmocka_unit_test(nothing_comes_from_elsewhere),
		cmocka_unit_test(links_lead_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Files for people: whole or not at all, and never a word lost about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "compare/save.h"
#include "compare/util.h"

struct place {
	char	dir[32];
	char	*file;
};

static int setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	strcpy(p->dir, "/tmp/diptych-save-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	p->file = fmt("%s/a.json", p->dir);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	dir_remove(p->dir);
	free(p->file);
	free(p);
	return 0;
}

static void holds(const char *path, const char *text)
{
	struct buf b = { 0 };

	assert_int_equal(file_read(path, &b), 0);
	assert_string_equal(b.text, text);
	buf_free(&b);
}

static bool save(const char *path, const char *text)
{
	return file_save(path, text, strlen(text));
}

static void a_file_is_made_and_replaced(void **state)
{
	struct place *p = *state;

	assert_true(save(p->file, "long text\n"));
	holds(p->file, "long text\n");
	assert_true(save(p->file, "x"));
	holds(p->file, "x");
}

/* Another name of the old file still has the old text: it was not written over. */
static void the_old_text_is_not_touched(void **state)
{
	struct place *p = *state;
	char *other = fmt("%s/other", p->dir);

	assert_true(save(p->file, "old"));
	assert_int_equal(link(p->file, other), 0);
	assert_true(save(p->file, "new"));
	holds(other, "old");
	holds(p->file, "new");
	free(other);
}

static void the_mode_is_the_umasks_then_the_files(void **state)
{
	struct place *p = *state;
	mode_t mask = umask(027);
	struct stat st;

	assert_true(save(p->file, "1"));
	umask(mask);
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(chmod(p->file, 0604), 0);
	assert_true(save(p->file, "2"));
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0604);
}

static void a_link_stays_a_link(void **state)
{
	struct place *p = *state;
	char *name = fmt("%s/link", p->dir);
	struct stat st;

	assert_true(save(p->file, "old"));
	assert_int_equal(symlink("a.json", name), 0);
	assert_true(save(name, "new"));
	assert_int_equal(lstat(name, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	holds(p->file, "new");
	free(name);
}

static void what_cannot_be_written_is_told(void **state)
{
	struct place *p = *state;
	char *nowhere = fmt("%s/no/where", p->dir);

	assert_false(save(nowhere, "x"));
	assert_false(save(p->dir, "x"));
	assert_false(save("/dev/full", "x"));
	assert_true(save("/dev/null", "x"));
	free(nowhere);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_is_made_and_replaced,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_old_text_is_not_touched,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_mode_is_the_umasks_then_the_files,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_stays_a_link, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

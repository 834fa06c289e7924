/* SHA-256 against the examples that NIST publishes for FIPS 180-4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/sha256.h"

static void check(const char *text, size_t size, const char *expected)
{
	char sum[SHA256_TEXT];

	sha256_text(text, size, sum);
	assert_string_equal(sum, expected);
}

static void the_empty_message(void **state)
{
	(void)state;
	check("", 0, "e3b0c44298fc1c149afbf4c8996fb924"
		     "27ae41e4649b934ca495991b7852b855");
}

static void one_block(void **state)
{
	(void)state;
	check("abc", 3, "ba7816bf8f01cfea414140de5dae2223"
			"b00361a396177a9cb410ff61f20015ad");
}

/* 56 bytes leave no room for the length in the first block. */
static void padding_takes_a_second_block(void **state)
{
	static const char text[] =
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

	(void)state;
	check(text, strlen(text), "248d6a61d20638b8e5c026930c3e6039"
				  "a33ce45964ff2167f6ecedd419db06c1");
}

static void many_blocks(void **state)
{
	enum { SIZE = 1000000 };
	char *text = malloc(SIZE);

	(void)state;
	assert_non_null(text);
	memset(text, 'a', SIZE);
	check(text, SIZE, "cdc76e5c9914fb9281a1c7e284d73e67"
			  "f1809a48a497200e046d39ccc7112cd0");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_empty_message),
		cmocka_unit_test(one_block),
		cmocka_unit_test(padding_takes_a_second_block),
		cmocka_unit_test(many_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

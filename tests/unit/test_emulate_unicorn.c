/*
 * Execution against Unicorn 2: one random instruction on random registers,
 * flags and memory, in 16-, 32- and 64-bit code, carried out by both.
 *
 *   test_emulate_unicorn [count [seed]]	(or EMULATE_COUNT, EMULATE_SEED)
 */
#define _DEFAULT_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/emulate/emulate.h"
#include "core/emulate/opcodes.h"
#include "emulate_unicorn_run.h"

#define COUNT_DEFAULT	200000ull
#define SEED_DEFAULT	0x5eed0002ull
#define CODE_SLOTS	0x800u
#define DATA_LOW	0x2000u
#define DATA_SPAN	0x1c000u
#define REPORT_MAX	20
#define BATCH		2000u	/* cases of one child */
#define BATCH_SECONDS	8u
#define ABORTS_PER	500u	/* more than one abort in so many cases is a failure */
#define FLAGS_COMPARED	(RFLAGS_ARITH | RFLAGS_DF | RFLAGS_IF | RFLAGS_NT | RFLAGS_IOPL | \
			 RFLAGS_AC | RFLAGS_ID)

static uint64_t count = COUNT_DEFAULT, seed = SEED_DEFAULT;

/*
 * Unicorn 2.0.1 now and then aborts inside its code generator (tcg.c: "tcg fatal
 * error"), so that the cases run in children; what must survive one is here.
 */
static struct shared {
	uint64_t state;		/* of the random numbers */
	uint64_t done, faults, wrong, aborts;
	uint64_t hits[24];	/* by exclusion */
} *shared;
#define state	(shared->state)

static uint64_t random64(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

/* ---- what is compared ---- */

static bool excluded(const struct case_ *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(exclusions); i++) {
		if (exclusions[i].holds(c)) {
			shared->hits[i]++;
			return true;
		}
	}
	return false;
}

/*
 * Unicorn combines an exception with the one before, of an earlier case, since
 * the former was never delivered: #DE shows as a double fault from then on, and
 * what would be a triple fault as no progress at all (STUCK).
 */
static bool same_vector(const struct case_ *c)
{
	return c->ours.vector == c->theirs.vector || c->theirs.vector == STUCK ||
	       (c->ours.vector == VEC_DE && c->theirs.vector == VEC_DF);
}

static const char *differs(struct case_ *c)
{
	static char what[64];
	uint64_t mask = FLAGS_COMPARED & ~undefined_flags(c);
	uint64_t base = c->bits == 16 ? (uint64_t)c->ours.after.sel[SEG_CS] << 4 : 0;

	if (c->ours.fault != c->theirs.fault)
		return "fault";
	if (c->ours.fault)
		return same_vector(c) ? NULL : "vector";
	for (unsigned i = 0; i < (c->bits == 64 ? 16u : 8u); i++) {
		uint64_t m = c->bits == 64 ? UINT64_MAX : UINT32_MAX;

		if ((c->ours.after.gpr[i] ^ c->theirs.after.gpr[i]) & m) {
			snprintf(what, sizeof(what), "gpr %u: %llx, not %llx", i,
				 (unsigned long long)c->ours.after.gpr[i],
				 (unsigned long long)c->theirs.after.gpr[i]);
			return what;
		}
	}
	if ((c->ours.after.rflags ^ c->theirs.after.rflags) & mask) {
		snprintf(what, sizeof(what), "flags: %llx, not %llx, of %llx",
			 (unsigned long long)(c->ours.after.rflags & mask),
			 (unsigned long long)(c->theirs.after.rflags & mask),
			 (unsigned long long)mask);
		return what;
	}
	if (c->ours.after.rip + base != c->theirs.after.rip)	/* Unicorn's is linear */
		return "rip";
	if (c->bits == 16 && memcmp(c->ours.after.sel, c->theirs.after.sel,
				    sizeof(c->ours.after.sel)))
		return "selectors";
	return memcmp(ours_ram, theirs_ram, RAM_SIZE) ? "memory" : NULL;
}

/* ---- what is run ---- */

/* Not here: tests of their own, since Unicorn has no such world around it. */
static bool out_of_scope(const struct case_ *c)
{
	const struct insn *i = &c->insn;
	uint8_t op = i->opcode;

	if (insn_vector_kind(i) != VECTOR_NONE)
		return true;
	if (i->map == MAP_ONE) {
		switch (op) {
		case 0x63:
			return c->bits != 64;	/* ARPL: by protection */
		case 0x9a: case 0xea: case 0xca: case 0xcb:	/* far, descriptors */
		case 0xc4: case 0xc5: case 0x8e:
		case 0x07: case 0x17: case 0x1f:
			return c->bits != 16;
		case 0xcc: case 0xcd: case 0xce: case 0xcf: case 0xf1:	/* interrupts */
		case 0x6c: case 0x6d: case 0x6e: case 0x6f:	/* ports */
		case 0xe4: case 0xe5: case 0xe6: case 0xe7:
		case 0xec: case 0xed: case 0xee: case 0xef:
		case 0xf4:
			return true;
		case 0xc6: case 0xc7:	/* TSX */
			return i->reg & 7;
		case 0xff:
			return c->bits != 16 && ((i->reg & 7) == 3 || (i->reg & 7) == 5);
		}
		return false;
	}
	if (i->map == MAP_0F38)
		return op == 0xf6 && !(i->prefixes & (PFX_OPSIZE | PFX_REP));
	if (i->map != MAP_0F)
		return true;
	if (op == 0xb2 || op == 0xb4 || op == 0xb5 || op == 0xa1 || op == 0xa9)
		return c->bits != 16;
	return op < 0x18 || (op >= 0x20 && op <= 0x37) || (op >= 0x77 && op <= 0x79) ||
	       op == 0xa2 ||
	       op == 0xaa || op == 0xae || (op == 0xc7 && (i->reg & 7) != 1) || op == 0xb9 ||
	       op == 0xff;
}

static uint64_t random_value(void)
{
	static const uint64_t special[] = {
		0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
		0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, ~0ull
	};
	uint64_t r = random64();

	switch (r & 3) {
	case 0:
		return random64();
	case 1:
		return (r >> 8) & 0xff;
	case 2:
		return DATA_LOW + (r >> 8) % DATA_SPAN;
	default:
		return special[(r >> 8) % ARRAY_SIZE(special)];
	}
}

/* Addresses that lie in RAM most of the time. */
static void aim(struct case_ *c)
{
	struct insn *i = &c->insn;
	unsigned tail = i->imm_size + (i->opcode == 0xc8 && i->map == MAP_ONE ? 1 : 0) +
			((i->opcode == 0x9a || i->opcode == 0xea) && i->map == MAP_ONE ? 2 : 0);
	bool offs = i->map == MAP_ONE && i->opcode >= 0xa0 && i->opcode <= 0xa3;
	unsigned size = offs ? i->imm_size : i->disp_size;
	unsigned at = i->length - (offs ? 0 : tail) - size;
	uint64_t value = offs || !i->has_base ? DATA_LOW + random64() % DATA_SPAN :
			 random64() & 0xff;

	if (size >= 4) {
		memcpy(c->bytes + at, &value, size);
		insn_decode(c->bytes, INSN_MAX, c->bits, i);
	}
	for (unsigned g = 0; g < GPR_COUNT; g++)
		c->before.gpr[g] = random_value();
	c->before.gpr[GPR_RSP] = DATA_LOW + random64() % DATA_SPAN;
	c->before.gpr[GPR_RCX] = random64() & 1 ? random64() & 0x3f : c->before.gpr[GPR_RCX];
	if (i->prefixes & (PFX_REP | PFX_REPNE))
		c->before.gpr[GPR_RCX] = random64() & 0x3f;
	c->before.gpr[GPR_RSI] = DATA_LOW + random64() % DATA_SPAN;
	c->before.gpr[GPR_RDI] = DATA_LOW + random64() % DATA_SPAN;
	if (i->has_index)
		c->before.gpr[i->index] = random64() & 0x7ff;
	if (i->has_base)
		c->before.gpr[i->base] = DATA_LOW + random64() % DATA_SPAN;
	if (c->bits != 64)
		for (unsigned g = 0; g < GPR_COUNT; g++)
			c->before.gpr[g] &= UINT32_MAX;
	if (c->bits == 16)
		for (unsigned g = GPR_RSP; g <= GPR_RDI; g++)
			if (random64() & 3)
				c->before.gpr[g] &= UINT16_MAX;
	/* BT and kin address by bit number: keep it near. */
	if (i->map == MAP_0F && i->has_modrm && random64() & 7)
		c->before.gpr[i->reg] &= 0x3ff;
}

static bool generate(struct case_ *c)
{
	static const uint8_t prefix[] = { 0x66, 0x66, 0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x64 };
	uint64_t r = random64();
	unsigned n = 0;

	c->bits = (unsigned[]){ 16, 32, 64 }[r % 3];
	for (unsigned i = 0; i < sizeof(c->bytes); i++)
		c->bytes[i] = (uint8_t)(random64() >> 32);
	while (r >> 8 & 1 && n < 3) {
		c->bytes[n++] = prefix[random64() % sizeof(prefix)];
		r = random64();
	}
	if (c->bits == 64 && r >> 16 & 1)
		c->bytes[n++] = 0x40 | (r >> 20 & 15);
	if (r >> 32 & 1)
		c->bytes[n++] = 0x0f;
	if ((r >> 32 & 0xff) == 1) {
		c->bytes[n++] = 0x38;
		c->bytes[n++] = (uint8_t[]){ 0xf0, 0xf1, 0xf6 }[(r >> 40) % 3];
	}
	if (insn_decode(c->bytes, INSN_MAX, c->bits, &c->insn) != DECODE_OK || out_of_scope(c))
		return false;
	aim(c);
	c->before.rflags = (random64() & (RFLAGS_ARITH | RFLAGS_DF | RFLAGS_IF)) | RFLAGS_ONE;
	c->before.rip = (random64() % CODE_SLOTS) * SLOT_SIZE + (c->bits == 16 ? 0 : CODE_BASE);
	for (unsigned i = 0; i <= SEG_GS; i++)
		c->before.sel[i] = c->bits == 16 ? 0x200 + random64() % 0x1000 : 0;
	c->before.sel[SEG_CS] = c->bits == 16 ? CODE_BASE >> 4 : 0;
	return true;
}

static void show(const struct case_ *c, const char *what)
{
	printf("%u-bit:", c->bits);
	for (unsigned i = 0; i < c->insn.length; i++)
		printf(" %02x", c->bytes[i]);
	printf(": %s\n  ours: fault %d #%u rip %llx; theirs: fault %d #%u rip %llx\n", what,
	       c->ours.fault, c->ours.vector, (unsigned long long)c->ours.after.rip,
	       c->theirs.fault, c->theirs.vector, (unsigned long long)c->theirs.after.rip);
	printf("  before: rip %llx flags %llx gpr", (unsigned long long)c->before.rip,
	       (unsigned long long)c->before.rflags);
	for (unsigned i = 0; i < (c->bits == 64 ? 16u : 8u); i++)
		printf(" %llx", (unsigned long long)c->before.gpr[i]);
	printf("\n");
}

static void run_case(struct case_ *c)
{
	const char *what;

	memcpy(ours_ram + linear_rip(c), c->bytes, SLOT_SIZE);
	memcpy(theirs_ram + linear_rip(c), c->bytes, SLOT_SIZE);
	run_ours(c);
	run_theirs(c);
	shared->faults += c->ours.fault;
	what = differs(c);
	if (what && !excluded(c) && shared->wrong++ < REPORT_MAX)
		show(c, what);
	if (what || c->ours.fault)
		memcpy(theirs_ram, ours_ram, RAM_SIZE);
}

/* Unicorn leaks when it is closed; nothing of ours allocates. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static void run_batch(void)
{
	struct case_ c;

	alarm(BATCH_SECONDS);	/* it has been seen to hang as well */
	engines_open();
	for (unsigned i = 0; i < BATCH && shared->done < count;) {
		if (!generate(&c))
			continue;
		shared->done++;
		i++;
		run_case(&c);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(engines); i++)
		uc_close(engines[i]);
	exit(0);	/* not _exit(): coverage counts are written here */
}

static void emulator_agrees_with_unicorn(void **unused)
{
	int status;

	(void)unused;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	state = seed;
	for (unsigned i = 0; i < RAM_SIZE; i++)
		ours_ram[i] = (uint8_t)(random64() >> 24);
	memcpy(theirs_ram, ours_ram, RAM_SIZE);
	while (shared->done < count) {
		pid_t child;

		fflush(stdout);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			run_batch();
		assert_int_equal(waitpid(child, &status, 0), child);
		if (WIFSIGNALED(status))
			assert_true(WTERMSIG(status) == SIGABRT ||
				    WTERMSIG(status) == SIGALRM);
		shared->aborts += !!WIFSIGNALED(status);
	}
	printf("emulate: %llu cases, seed 0x%llx, %llu faults, %llu wrong, %llu lost to aborts\n",
	       (unsigned long long)shared->done, (unsigned long long)seed,
	       (unsigned long long)shared->faults, (unsigned long long)shared->wrong,
	       (unsigned long long)shared->aborts);
	for (size_t i = 0; i < ARRAY_SIZE(exclusions); i++)
		printf("emulate: excluded %llu: %s\n",
		       (unsigned long long)shared->hits[i], exclusions[i].name);
	assert_int_equal(shared->wrong, 0);
	assert_true(shared->aborts <= 1 + shared->done / ABORTS_PER);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emulator_agrees_with_unicorn),
	};
	const char *env_count = getenv("EMULATE_COUNT"), *env_seed = getenv("EMULATE_SEED");

	if (argc > 1 || env_count)
		count = strtoull(argc > 1 ? argv[1] : env_count, NULL, 0);
	if (argc > 2 || env_seed)
		seed = strtoull(argc > 2 ? argv[2] : env_seed, NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

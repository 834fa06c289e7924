/*
 * Protection keys of what the emulator reads and writes: PKRU is asked at each access to a
 * user page, never for a fetch. SDM 3A "Protection Keys" 4.6.2, "Page-Fault Exceptions" 4.7.
 */
#include "emulate_paged.h"

#define KEY		11u
#define KEYED		FIELD_PUT(PTE_PKEY, KEY)
#define KEY_AD		(UINT32_C(1) << 2 * KEY)	/* no data access */
#define KEY_WD		(UINT32_C(2) << 2 * KEY)	/* no write */
#define DATA_AT		0x60000u

/* MOV EAX, [DATA_AT] and MOV [DATA_AT], EAX */
#define LOAD		STEP(0x8b, 0x04, 0x25, 0, 0, 6, 0)
#define STORE		STEP(0x89, 0x04, 0x25, 0, 0, 6, 0)

static struct emu_ops key_ops;
static uint32_t in_cpu;
static unsigned asked;

static uint32_t rdpkru(struct emu *emu)
{
	(void)emu;
	asked++;
	return in_cpu;
}

static void give_key(uint32_t at)
{
	uint32_t entry = TABLES_AT + 0x3000 + at / 0x200;

	put(entry, get(entry, 8) | KEYED, 8);
}

/* Four levels, CR0.WP set; the data's page has the key. */
static void machine_keys(unsigned cpl)
{
	machine_long(cpl);
	paging_long();
	give_key(DATA_AT);
	key_ops = machine_ops;
	key_ops.rdpkru = rdpkru;
	m.emu.ops = &key_ops;
	m.v.cr4 |= CR4_PKE;
	in_cpu = 0;
	asked = 0;
}

static void data_refused_by_its_key_faults_with_pk(void **unused)
{
	(void)unused;
	for (unsigned cpl = 0; cpl <= 3; cpl += 3) {
		uint32_t code = PFEC_P | PFEC_PK | (cpl ? PFEC_U : 0);

		machine_keys(cpl);
		assert_int_equal(LOAD, EMU_OK);
		assert_int_equal(STORE, EMU_OK);
		in_cpu = KEY_WD;
		assert_int_equal(LOAD, EMU_OK);
		assert_fault(STORE, VEC_PF, code | PFEC_W);
		assert_int_equal(m.emu.fault.cr2, DATA_AT);
		in_cpu = KEY_AD;
		assert_fault(LOAD, VEC_PF, code);
		assert_fault(STORE, VEC_PF, code | PFEC_W);
		in_cpu = ~(KEY_AD | KEY_WD);
		m.v.rip = CODE_AT;
		assert_fault(STEP(0x8b, 0x04, 0x25, 0, 0, 5, 0), VEC_PF, code);
		assert_int_equal(LOAD, EMU_OK);
	}
}

/* The page that the instruction lies in has the key: only what it reads is refused. */
static void a_fetch_asks_for_no_key(void **unused)
{
	(void)unused;
	for (unsigned cpl = 0; cpl <= 3; cpl += 3) {
		machine_keys(cpl);
		give_key(CODE_AT);
		in_cpu = KEY_AD | KEY_WD;
		assert_int_equal(STEP(0x90), EMU_OK);
		/* MOV EAX, [CODE_AT + 800h] */
		assert_fault(STEP(0x8b, 0x04, 0x25, 0, 0x18, 0, 0), VEC_PF,
			     PFEC_P | PFEC_PK | (cpl ? PFEC_U : 0));
	}
}

/* WD holds for the user always, for the supervisor with CR0.WP only. */
static void wd_stops_the_supervisor_with_wp_only(void **unused)
{
	(void)unused;
	for (unsigned cpl = 0; cpl <= 3; cpl += 3) {
		machine_keys(cpl);
		m.v.cr0 &= ~CR0_WP;
		in_cpu = KEY_WD;
		if (cpl)
			assert_fault(STORE, VEC_PF, PFEC_P | PFEC_W | PFEC_U | PFEC_PK);
		else
			assert_int_equal(STORE, EMU_OK);
		in_cpu = KEY_AD;
		assert_fault(STORE, VEC_PF, PFEC_P | PFEC_W | PFEC_PK | (cpl ? PFEC_U : 0));
	}
}

static void a_supervisor_page_has_no_key(void **unused)
{
	(void)unused;
	machine_keys(0);
	page_lose(DATA_AT, PTE_U);
	in_cpu = UINT32_MAX;
	/* Not the code's page either: it is a fetch. */
	assert_int_equal(LOAD, EMU_OK);
	assert_int_equal(STORE, EMU_OK);
}

/* Without CR4.PKE the CPU has no PKRU to read. */
static void pkru_is_not_asked_without_pke(void **unused)
{
	(void)unused;
	machine_keys(3);
	m.v.cr4 &= ~(uint64_t)CR4_PKE;
	in_cpu = UINT32_MAX;
	assert_int_equal(STORE, EMU_OK);
	assert_int_equal(asked, 0);
	m.v.cr4 |= CR4_PKE;
	assert_fault(STORE, VEC_PF, PFEC_P | PFEC_W | PFEC_U | PFEC_PK);
	assert_true(asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_refused_by_its_key_faults_with_pk),
		cmocka_unit_test(a_fetch_asks_for_no_key),
		cmocka_unit_test(wd_stops_the_supervisor_with_wp_only),
		cmocka_unit_test(a_supervisor_page_has_no_key),
		cmocka_unit_test(pkru_is_not_asked_without_pke),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* CPUID and MSR policy: what is offered, what is refused, and that unknown means refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/cpuid_defs.h"
#include "core/policy.h"

/* A CPU with every bit of every leaf set: all that gets through was let through. */
static struct host_cpu full_host(void)
{
	struct host_cpu host;

	memset(&host, 0xff, sizeof(host));
	host.basic[0].eax = 0x20;
	host.extended[0].eax = 0x80000021;
	host.phys_bits = 46;
	host.linear_bits = 57;
	return host;
}

static struct policy policy_of(const struct host_cpu *host)
{
	struct policy policy;

	memset(&policy, 0xa5, sizeof(policy));
	policy_init(&policy, host);
	return policy;
}

static struct policy full_policy(void)
{
	const struct host_cpu host = full_host();

	return policy_of(&host);
}

static void assert_regs(struct cpuid_regs r, uint32_t eax, uint32_t ebx,
			uint32_t ecx, uint32_t edx)
{
	assert_int_equal(r.eax, eax);
	assert_int_equal(r.ebx, ebx);
	assert_int_equal(r.ecx, ecx);
	assert_int_equal(r.edx, edx);
}

/*
 * Leaf 1 ECX lets SSE3, PCLMULQDQ, SSSE3, CX16, SSE4.1, SSE4.2, MOVBE, POPCNT, AES
 * through; EDX all but MCE, APIC, MTRR, MCA, PSN, DS, ACPI, HTT, TM, PBE.
 */
static void leaf_1_shows_the_allowed_bits_only(void **state)
{
	const struct policy p = full_policy();

	(void)state;
	assert_regs(*policy_cpuid(&p, 1, 0), 0xffffffff, 0x0001ff00, 0x02d82203,
		    0x0f8ba97f);
	assert_int_equal(p.signature, 0xffffffff);
}

/* CPUID 1 EDX bit 12, and bit 12 of leaf 80000001h where the host has it there too. */
static void firmware_has_mtrrs_where_the_host_has(void **state)
{
	struct host_cpu host = full_host();
	struct policy p;

	(void)state;
	policy_init(&p, &host);
	assert_false(p.mtrr);
	policy_for_firmware(&p, &host);
	assert_true(p.mtrr);
	assert_int_equal(policy_cpuid(&p, 1, 0)->edx, 0x0f8ba97f | 0x1000);
	assert_true(policy_cpuid(&p, 0x80000001, 0)->edx & 0x1000);
	host.basic[1].edx &= ~0x1000u;
	policy_init(&p, &host);
	policy_for_firmware(&p, &host);
	assert_false(p.mtrr);
	assert_int_equal(policy_cpuid(&p, 1, 0)->edx, 0x0f8ba97f);
	assert_false(policy_cpuid(&p, 0x80000001, 0)->edx & 0x1000);
}

/*
 * Leaf 7: UMIP, SMEP, SMAP, PKU, LA57, FSGSBASE, ERMS and instructions on plain registers
 * in subleaf 0; no other subleaf.
 */
static void leaf_7_shows_the_allowed_bits_only(void **state)
{
	const struct policy p = full_policy();

	(void)state;
	assert_regs(*policy_cpuid(&p, 7, 0), 0, 0x219823c9, 0x0001000c,
		    0x00000010);
	assert_regs(*policy_cpuid(&p, 7, 1), 0, 0, 0, 0);
}

/* Bit 4 of ECX is the guest's CR4.PKE, whatever the host's says. SDM 2A "CPUID" */
static void leaf_7_tells_whether_keys_are_on(void **state)
{
	struct policy p = full_policy();

	(void)state;
	policy_keys_on(&p, true);
	assert_int_equal(policy_cpuid(&p, 7, 0)->ecx, 0x0001001c);
	policy_keys_on(&p, false);
	assert_int_equal(policy_cpuid(&p, 7, 0)->ecx, 0x0001000c);
}

static void leaf_80000001_shows_the_allowed_bits_only(void **state)
{
	const struct policy p = full_policy();

	(void)state;
	assert_regs(*policy_cpuid(&p, 0x80000001, 0), 0xffffffff, 0, 0x000001e1,
		    0xe5d3a97f);
	assert_regs(*policy_cpuid(&p, 0x80000007, 0), 0, 0, 0, 0x00000100);
}

/* LM is bit 29 and Page1GB bit 26 of EDX: all else stays. EFER keeps SCE and NXE. */
static void long_mode_can_be_hidden(void **state)
{
	struct policy p = full_policy();

	(void)state;
	policy_hide_long_mode(&p);
	assert_regs(*policy_cpuid(&p, 0x80000001, 0), 0xffffffff, 0, 0x000001e1,
		    0xe5d3a97f & ~(1u << 29 | 1u << 26));
	assert_int_equal(p.efer_allowed, EFER_SCE | EFER_NXE);
	assert_false(p.page1g);
}

/* Topology, caches, counters, XSAVE, SVM: their leaves are zeros; so is what is past the last. */
static void leaves_not_listed_are_zero(void **state)
{
	const struct policy p = full_policy();

	(void)state;
	assert_int_equal(policy_cpuid(&p, 0, 0)->eax, 0x1f);
	assert_int_equal(policy_cpuid(&p, 0x80000000, 0)->eax, 0x8000001f);
	for (uint32_t leaf = 2; leaf < 0x40; leaf++)
		if (leaf != 7)
			assert_regs(*policy_cpuid(&p, leaf, 0), 0, 0, 0, 0);
	for (uint32_t leaf = 0x80000009; leaf < 0x80000040; leaf++)
		assert_regs(*policy_cpuid(&p, leaf, 0), 0, 0, 0, 0);
	assert_regs(*policy_cpuid(&p, 0x80000005, 0), 0, 0, 0, 0);
	assert_regs(*policy_cpuid(&p, 0x80000006, 0), 0, 0, 0, 0);
	assert_regs(*policy_cpuid(&p, 0x40000000, 0), 0, 0, 0, 0);
	assert_regs(*policy_cpuid(&p, 0x7fffffff, 0), 0, 0, 0, 0);
	assert_regs(*policy_cpuid(&p, 0xffffffff, 0), 0, 0, 0, 0);
}

/* Who the CPU is passes through: vendor, brand. */
static void identity_passes_through(void **state)
{
	struct host_cpu host = full_host();
	struct policy p;

	(void)state;
	host.basic[0] = (struct cpuid_regs){ 13, 1, 2, 3 };
	host.extended[3] = (struct cpuid_regs){ 4, 5, 6, 7 };
	p = policy_of(&host);
	assert_regs(*policy_cpuid(&p, 0, 0), 13, 1, 2, 3);
	assert_regs(*policy_cpuid(&p, 0x80000003, 0), 4, 5, 6, 7);
}

/* 80000008h: physical bits as they are up to 52; linear 57 with LA57, else 48. */
static void address_sizes_are_capped(void **state)
{
	struct host_cpu host = full_host();
	struct policy p = policy_of(&host);

	(void)state;
	assert_regs(*policy_cpuid(&p, 0x80000008, 0), 0x392e, 0, 0, 0);
	assert_int_equal(p.maxphyaddr, 46);
	host.leaf7[0].ecx &= ~0x10000u;
	p = policy_of(&host);
	assert_regs(*policy_cpuid(&p, 0x80000008, 0), 0x302e, 0, 0, 0);
	host.phys_bits = 57;
	assert_int_equal(policy_of(&host).maxphyaddr, 52);
	host.phys_bits = 0;
	assert_int_equal(policy_of(&host).maxphyaddr, 36);
}

/* A bit the host lacks is never made up, nor a leaf it does not have. */
static void nothing_is_invented(void **state)
{
	struct host_cpu host;
	struct policy p;

	(void)state;
	memset(&host, 0, sizeof(host));
	host.basic[0].eax = 1;
	/* An old CPU: what leaf 80000000h gives is no leaf number. */
	host.extended[0].eax = 0x3f;
	memset(&host.leaf7, 0xff, sizeof(host.leaf7));
	p = policy_of(&host);
	assert_regs(*policy_cpuid(&p, 1, 0), 0, 0x00010000, 0, 0);
	assert_regs(*policy_cpuid(&p, 7, 0), 0, 0, 0, 0);
	assert_regs(*policy_cpuid(&p, 0x80000000, 0), 0, 0, 0, 0);
	assert_int_equal(p.cr4_allowed, 0);
	assert_int_equal(p.efer_allowed, 0);
	assert_false(p.pse36 || p.page1g || p.nx);
}

/* CR4: VME PVI TSD DE PSE PAE PGE OSFXSR OSXMMEXCPT UMIP LA57 FSGSBASE SMEP SMAP PKE. */
static void cr4_and_efer_follow_the_offered_features(void **state)
{
	struct host_cpu host = full_host();
	struct policy p = policy_of(&host);

	(void)state;
	assert_int_equal(p.cr4_allowed, 0x711ebf);
	assert_int_equal(p.efer_allowed, 0xd01);
	assert_true(p.pse36 && p.page1g && p.nx);
	host.leaf7[0].ebx &= ~(uint32_t)CPUID_SMEP;
	host.basic[1].edx &= ~(uint32_t)CPUID_PSE;
	host.extended[1].edx &= ~(uint32_t)CPUID_NX;
	p = policy_of(&host);
	assert_int_equal(p.cr4_allowed, 0x611eaf);
	assert_int_equal(p.efer_allowed, 0x501);
	assert_false(p.nx);
	host.cr4_supported = CR4_PAE;
	assert_int_equal(policy_of(&host).cr4_allowed, 0x20);
}

/* Each row of the CPUID tables is one bit, in order, named; a refusal has its reason. */
static void cpuid_tables_are_well_formed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CPUID_WORDS; i++) {
		const struct cpuid_word *word = &cpuid_words[i];
		uint64_t last = 0;

		assert_true(word->name && word->name[0]);
		for (unsigned j = 0; j < word->bits; j++) {
			const struct cpuid_bit *bit = &word->bit[j];

			assert_int_equal(bit->mask & (bit->mask - 1), 0);
			assert_true(bit->mask > last);
			assert_true(bit->name[0]);
			assert_true(!bit->why || bit->why[0]);
			last = bit->mask;
		}
	}
}

/* The search needs the order; a reader needs every row's text. */
static void msr_table_is_sorted_and_told(void **state)
{
	(void)state;
	for (unsigned i = 0; i < policy_msr_count; i++) {
		assert_true(policy_msrs[i].why[0]);
		assert_ptr_equal(policy_msr(policy_msrs[i].number),
				 &policy_msrs[i]);
		if (i)
			assert_true(policy_msrs[i - 1].number <
				    policy_msrs[i].number);
	}
}

/* Every number up to 2000h and in the two extended ranges: rows or nothing. */
static void msrs_not_listed_are_not_found(void **state)
{
	unsigned found = 0;

	(void)state;
	for (uint32_t n = 0; n < 0x2000; n++) {
		found += !!policy_msr(n);
		found += !!policy_msr(0xc0000000 + n);
		found += !!policy_msr(0xc0010000 + n);
	}
	assert_int_equal(found, policy_msr_count);
	assert_null(policy_msr(0xffffffff));
	assert_null(policy_msr(0x40000000));
	assert_null(policy_msr(0x800));
}

static void assert_live(uint32_t number, size_t field, uint32_t group,
			bool canonical)
{
	const struct msr_policy *msr = policy_msr(number);

	assert_int_equal(msr->rule, MSR_RULE_LIVE);
	assert_int_equal(msr->field, field);
	assert_int_equal(msr->group, group);
	assert_int_equal(msr->canonical, canonical);
}

#define FIELD(member) offsetof(struct vcpu, member)

/* SDM 2B "WRMSR": registers that hold linear addresses fault on non-canonical ones. */
static void live_msrs_point_at_their_fields(void **state)
{
	(void)state;
	assert_live(0x174, FIELD(sysenter_cs), ST_MSR, false);
	assert_live(0x175, FIELD(sysenter_esp), ST_MSR, true);
	assert_live(0x176, FIELD(sysenter_eip), ST_MSR, true);
	assert_live(0xc0000081, FIELD(star), ST_MSR, false);
	assert_live(0xc0000082, FIELD(lstar), ST_MSR, true);
	assert_live(0xc0000083, FIELD(cstar), ST_MSR, true);
	assert_live(0xc0000084, FIELD(sfmask), ST_MSR, false);
	assert_live(0xc0000100, FIELD(seg[SEG_FS].base), ST_SEG, true);
	assert_live(0xc0000101, FIELD(seg[SEG_GS].base), ST_SEG, true);
	assert_live(0xc0000102, FIELD(kernel_gs_base), ST_MSR, true);
}

static void other_rules_are_as_listed(void **state)
{
	static const struct { uint32_t number; enum msr_rule rule; } rows[] = {
		{ 0x10, MSR_RULE_TSC }, { 0x17, MSR_RULE_CONSTANT },
		{ 0x8b, MSR_RULE_IGNORE }, { 0x1d9, MSR_RULE_CONSTANT },
		{ 0x277, MSR_RULE_PAT }, { 0xc0000080, MSR_RULE_EFER },
		{ 0x3a, MSR_RULE_REFUSE }, { 0xfe, MSR_RULE_MTRR },
		{ 0x200, MSR_RULE_MTRR }, { 0x20f, MSR_RULE_MTRR },
		{ 0x250, MSR_RULE_MTRR }, { 0x259, MSR_RULE_MTRR },
		{ 0x26f, MSR_RULE_MTRR }, { 0x2ff, MSR_RULE_MTRR }, { 0xc0000103, MSR_RULE_REFUSE },
		{ 0xc0010010, MSR_RULE_REFUSE },
		{ 0xc0010114, MSR_RULE_REFUSE }, { 0xc0010117, MSR_RULE_REFUSE },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct msr_policy *msr = policy_msr(rows[i].number);

		assert_int_equal(msr->rule, rows[i].rule);
		assert_int_equal(msr->value, 0);
	}
	/* SDM 4 table 2-2: fast strings on, no BTS, no PEBS. */
	assert_int_equal(policy_msr(0x1a0)->rule, MSR_RULE_P6);
	assert_int_equal(policy_msr(0x1a0)->value, 0x1801);
	/* APM vol. 2 "HWCR": TscFreqSel alone. */
	assert_int_equal(policy_msr(0xc0010015)->rule, MSR_RULE_K7);
	assert_int_equal(policy_msr(0xc0010015)->value, 1u << 24);
	/* SDM 3A figure 10-5: at fee00000h, switched off, of the only CPU. */
	assert_int_equal(policy_msr(0x1b)->rule, MSR_RULE_FIRMWARE);
	assert_int_equal(policy_msr(0x1b)->value, 0xfee00100);
	for (uint32_t n = 0x480; n <= 0x491; n++)
		assert_int_equal(policy_msr(n)->rule, MSR_RULE_REFUSE);
	assert_null(policy_msr(0x492));
}

/* SDM 3A table 11-10: types 0, 1, 4 to 7; 2, 3 and all above are reserved, in every entry. */
static void pat_entries_have_defined_types(void **state)
{
	(void)state;
	assert_true(pat_valid(UINT64_C(0x0007040600070406)));
	assert_true(pat_valid(UINT64_C(0x0000050100070406)));
	for (unsigned entry = 0; entry < 8; entry++)
		for (uint64_t type = 0; type < 256; type++)
			assert_int_equal(pat_valid(type << (entry * 8)),
					 type == 0 || type == 1 ||
					 (type >= 4 && type <= 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaf_1_shows_the_allowed_bits_only),
		cmocka_unit_test(leaf_7_shows_the_allowed_bits_only),
		cmocka_unit_test(leaf_7_tells_whether_keys_are_on),
		cmocka_unit_test(leaf_80000001_shows_the_allowed_bits_only),
		cmocka_unit_test(long_mode_can_be_hidden),
		cmocka_unit_test(leaves_not_listed_are_zero),
		cmocka_unit_test(identity_passes_through),
		cmocka_unit_test(address_sizes_are_capped),
		cmocka_unit_test(nothing_is_invented),
		cmocka_unit_test(cr4_and_efer_follow_the_offered_features),
		cmocka_unit_test(cpuid_tables_are_well_formed),
		cmocka_unit_test(firmware_has_mtrrs_where_the_host_has),
		cmocka_unit_test(msr_table_is_sorted_and_told),
		cmocka_unit_test(msrs_not_listed_are_not_found),
		cmocka_unit_test(live_msrs_point_at_their_fields),
		cmocka_unit_test(other_rules_are_as_listed),
		cmocka_unit_test(pat_entries_have_defined_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * A whole vm around the fake backend: RAM, policy, devices, and a guest in one of
 * the CPU's modes. Knows no rule under test.
 */
#ifndef TESTS_FAKE_WORLD_H
#define TESTS_FAKE_WORLD_H

#include "fake_backend.h"

#include "core/control.h"
#include "core/load/load.h"
#include "core/vm.h"

#define WORLD_RAM	(UINT64_C(4) << 20)
#define WORLD_CODE	0x7c00u		/* RIP of the guest, and its linear address */
#define WORLD_STACK	0x6000u
#define WORLD_PML4	0x1000u
#define WORLD_PDPT	0x2000u
#define WORLD_PD	0x3000u
#define WORLD_PORT	0x170u		/* a port that remembers; no device is there */
#define WORLD_HZ	UINT64_C(1000000000)	/* a nanosecond a tick */
#define WORLD_TABLE	(PTE_P | PTE_W | PTE_U)

/* What policy_init() allows a guest of world_host(). SDM 3A "Control Registers" 2.5 */
#define WORLD_CR4	(CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE |	\
			 CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT |	\
			 CR4_UMIP | CR4_LA57 | CR4_FSGSBASE | CR4_SMEP |	\
			 CR4_SMAP | CR4_PKE)

struct world {
	struct fake	fake;
	struct hv_cpu	cpu;
	struct vm	vm;
	struct host_io	io;
	uint8_t		*ram;
	uint8_t		port[4];	/* last bytes written to WORLD_PORT.. */
	unsigned	port_writes, port_reads;
	unsigned	guest_bytes;
};

/* A CPU with every feature bit set: the policy's allow-lists do the rest. */
static inline void world_host(struct host_cpu *host)
{
	memset(host->basic, 0xff, sizeof(host->basic));
	memset(host->extended, 0xff, sizeof(host->extended));
	memset(host->leaf7, 0xff, sizeof(host->leaf7));
	strcpy(host->vendor, "FakeFakeFake");
	strcpy(host->name, "Fake CPU");
	host->basic[0].eax = 0x16;
	host->extended[0].eax = 0x80000008;
	host->phys_bits = 40;
	host->linear_bits = 48;
	host->cr4_supported = UINT64_MAX;
	host->tsc_counts_instructions = true;
	host->tsc_hz = WORLD_HZ;
}

static inline struct hv_caps world_caps(void)
{
	return (struct hv_caps){
		.nested = true, .unrestricted = true, .tags = true,
		.next_rip = true, .pat_switch = true, .pdptes = true,
		.nested_largest = 2,
		.cr4_can = UINT64_C(0x1fff) | CR4_VMXE | CR4_FSGSBASE |
			   CR4_PCIDE | CR4_OSXSAVE | CR4_SMEP | CR4_SMAP,
	};
}

static inline uint8_t world_port_in(void *self, uint16_t port)
{
	struct world *w = self;

	w->port_reads++;
	return (uint8_t)(0xa0 + port - WORLD_PORT);
}

static inline void world_port_out(void *self, uint16_t port, uint8_t value)
{
	struct world *w = self;

	w->port_writes++;
	w->port[port - WORLD_PORT] = value;
}

static inline void world_poll(struct host_io *io)
{
	(void)io;
}

static inline void world_serial(void *opaque, uint8_t byte)
{
	struct world *w = opaque;

	(void)byte;
	w->guest_bytes++;
}

/* The clock stands still where nothing runs: at the first entry. */
static inline uint64_t world_clock(struct host_io *io)
{
	(void)io;
	return FAKE_TSC;
}

static const struct hv_backend world_backend =
	FAKE_BACKEND("svm", &pt_format_4level);

/* A guest in real mode at 0:7c00, as a boot sector finds it. */
static inline struct world *world_make(uint32_t noise)
{
	const struct load_result start = {
		.ip = WORLD_CODE, .sp = WORLD_STACK,
	};
	struct world *w = calloc(1, sizeof(*w));
	const struct device port = {
		.first = WORLD_PORT, .last = WORLD_PORT + 3, .self = w,
		.in = world_port_in, .out = world_port_out,
	};

	w->fake.noise = noise;
	w->fake.tsc = FAKE_TSC;
	w->fake.caps = world_caps();
	world_host(&w->fake.host);
	w->cpu = (struct hv_cpu){ .host = &w->fake.host,
				  .caps = w->fake.caps };
	w->ram = aligned_alloc(SIZE_2M, WORLD_RAM);
	memset(w->ram, 0, WORLD_RAM);
	w->vm.mem = (struct guest_mem){
		.slot[0] = { .size = WORLD_RAM, .host = hpa_of(w->ram) },
		.slots = 1,
	};
	policy_init(&w->vm.policy, &w->fake.host);
	w->vm.rung = &rungs[RUNG_SVM_NPT];
	w->vm.options = (struct rung_options){ .tags = true };
	w->vm.backend = &world_backend;
	w->vm.cpu = &w->cpu;
	w->io.poll = world_poll;
	w->io.clock = world_clock;
	w->vm.io = &w->io;
	w->vm.vcpu.vm = &w->vm;
	assert_true(pc_init(&w->vm.board.pc, &(struct pc_config){
		.memory = WORLD_RAM, .serial_byte = world_serial, .opaque = w,
	}));
	assert_true(bus_attach(&w->vm.board.pc.bus, &port));
	load_start(&start, w->vm.policy.signature, &w->vm.vcpu);
	assert_int_equal(fake_init(&w->vm.vcpu, &w->cpu), HV_OK);
	return w;
}

static inline void world_free(struct world *w)
{
	free(w->ram);
	free(w);
}

static inline void world_code(struct world *w, const void *code, size_t size)
{
	memcpy(w->ram + WORLD_CODE, code, size);
}

static inline void world_entry(struct world *w, unsigned table, unsigned index,
			       uint64_t entry)
{
	memcpy(w->ram + table + index * sizeof(entry), &entry, sizeof(entry));
}

static inline void world_segments(struct vcpu *v, uint32_t code_size)
{
	v->seg[SEG_CS] = (struct vcpu_seg){
		LOAD_CS, AR_REAL_CODE | AR_G | code_size, UINT32_MAX, 0,
	};
	for (unsigned i = SEG_ES; i <= SEG_GS; i++)
		if (i != SEG_CS)
			v->seg[i] = (struct vcpu_seg){
				LOAD_DS, AR_REAL_DATA | AR_G | AR_DB,
				UINT32_MAX, 0,
			};
}

/* Flat 32-bit protected mode, paging off. */
static inline void world_protected(struct world *w)
{
	w->vm.vcpu.cr0 = CR0_ET | CR0_PE;
	world_segments(&w->vm.vcpu, AR_DB);
}

/* PAE paging: the first 4 MiB mapped to themselves. */
static inline void world_pae(struct world *w)
{
	struct vcpu *v = &w->vm.vcpu;

	world_protected(w);
	world_entry(w, WORLD_PDPT, 0, WORLD_PD | PTE_P);
	world_entry(w, WORLD_PD, 0, WORLD_TABLE | PTE_PS);
	world_entry(w, WORLD_PD, 1, SIZE_2M | WORLD_TABLE | PTE_PS);
	v->cr0 |= CR0_PG;
	v->cr3 = WORLD_PDPT;
	v->cr4 = CR4_PAE;
	v->pdpte[0] = WORLD_PD | PTE_P;
}

/* 64-bit code, the first 4 MiB mapped to themselves. */
static inline void world_long(struct world *w)
{
	struct vcpu *v = &w->vm.vcpu;

	world_pae(w);
	world_entry(w, WORLD_PDPT, 0, WORLD_PD | WORLD_TABLE);
	world_entry(w, WORLD_PML4, 0, WORLD_PDPT | WORLD_TABLE);
	v->cr3 = WORLD_PML4;
	v->efer = EFER_LME | EFER_LMA;
	world_segments(v, AR_L);
}

/* Play the script; the run ends at its last step, or with HLT after it. */
static inline void world_run(struct world *w, const struct fake_step *step,
			     unsigned steps)
{
	w->fake.step = step;
	w->fake.steps = steps;
	control_apply(&w->vm);
	vm_run(&w->vm);
}

/* The state that the entry after the script's step `n` committed. */
static inline const struct vcpu *world_after(const struct world *w, unsigned n)
{
	assert_true(w->fake.entries > n + 1);
	return &w->fake.entry[n + 1].cpu;
}

static inline const struct event *world_event(const struct world *w, unsigned n)
{
	assert_true(w->fake.entries > n + 1);
	return &w->fake.entry[n + 1].event;
}

#define STEP(reason_, ...)	{ .exit = { .reason = reason_, __VA_ARGS__ } }
#define RUN(w, script)		world_run(w, script, ARRAY_SIZE(script))

/* One exit, handled; the state after it. */
#define ONE(w, ...)	world_one(w, (struct fake_step)STEP(__VA_ARGS__))

static inline const struct vcpu *world_one(struct world *w,
					   struct fake_step step)
{
	world_run(w, &step, 1);
	return world_after(w, 0);
}

/* The one exit raised this exception, and the instruction was not stepped over. */
static inline void assert_fault(struct world *w, uint8_t vector)
{
	assert_int_equal(world_event(w, 0)->kind, EVENT_EXCEPTION);
	assert_int_equal(world_event(w, 0)->vector, vector);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE);
}

#define WORLD_SEEDS	6

extern uint32_t world_seed;

static inline int world_setup(void **state)
{
	*state = world_make(world_seed);
	return 0;
}

static inline int world_teardown(void **state)
{
	world_free(*state);
	return 0;
}

#define WORLD_TEST(name)	cmocka_unit_test_setup_teardown(name,	\
					world_setup, world_teardown)

/* main() of a test program: all tests under several patterns of noise. */
#define WORLD_MAIN(tests)						\
uint32_t world_seed;							\
int main(void)								\
{									\
	int failed = 0;							\
									\
	for (world_seed = 1; world_seed <= WORLD_SEEDS; world_seed++)	\
		failed |= cmocka_run_group_tests(tests, NULL, NULL);	\
	return failed;							\
}

#endif

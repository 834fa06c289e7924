/* Reading and stepping over the guest's current instruction; no vendor. */
#include "core/insn.h"

#include <string.h>

#include "core/control.h"
#include "core/emulate/decode_defs.h"
#include "core/event.h"

static unsigned fetch_access(const struct vcpu *v)
{
	return ACCESS_FETCH | ACCESS_NO_AD | (v->cpl == 3 ? ACCESS_USER : 0);
}

/*
 * The page that the CPU has fetched this address from: the guest's tables may say
 * something else by now. NULL where they are all there is to go by: no tables of ours, or
 * a root chosen since the exit, under which nothing has been fetched yet.
 */
static const uint8_t *fetched_from(const struct vm *vm, uint64_t linear)
{
	if (!vm->rung->shadow || (vm->vcpu.dirty & (ST_CR | ST_ROOT)))
		return NULL;
	return shadow_leads(&vm->shadow, gva(linear));
}

/* Copy up to `size` bytes of code at `linear`; the count that could be read. */
static unsigned fetch(struct vm *vm, const struct walk_mode *mode,
		      uint64_t linear, uint8_t *out, unsigned size)
{
	unsigned access = fetch_access(&vm->vcpu);
	unsigned done = 0;

	while (done < size) {
		unsigned chunk = PAGE_SIZE - ((linear + done) & PAGE_MASK);
		const uint8_t *from = fetched_from(vm, linear + done);
		gpa_t at = gpa(linear + done);
		struct walk w;

		if (chunk > size - done)
			chunk = size - done;
		if (!from && (mode->cr0 & CR0_PG)) {
			if (walk(mode, &vm->mem, gva(linear + done), access,
				 &w) != WALK_OK)
				break;
			at = w.gpa;
		}
		if (from)
			from += (linear + done) & PAGE_MASK;
		else
			from = guest_mem_ptr(&vm->mem, at, chunk, false);
		if (!from)
			break;
		memcpy(out + done, from, chunk);
		done += chunk;
	}
	return done;
}

unsigned insn_bytes(struct vm *vm, uint8_t out[INSN_MAX])
{
	struct walk_mode mode = control_walk_mode(vm);

	return fetch(vm, &mode, insn_linear_rip(&vm->vcpu), out, INSN_MAX);
}

bool insn_at_rip(struct vm *vm, struct insn *insn)
{
	struct vcpu *v = &vm->vcpu;
	uint8_t bytes[INSN_MAX];
	unsigned size;

	vcpu_need(v, ST_RIP | ST_CR | ST_CS | ST_CPL);
	size = insn_bytes(vm, bytes);
	return insn_decode(bytes, size, insn_code_bits(v), insn) == DECODE_OK;
}

/* Opcode bytes, lowest first, of the exits that hardware leaves us to measure. */
#define CODE(b0, b1, b2) ((b0) | (b1) << 8 | (b2) << 16)
#define CODE_CPUID	CODE(0x0fu, 0xa2u, 0)
#define CODE_RDMSR	CODE(0x0fu, 0x32u, 0)
#define CODE_WRMSR	CODE(0x0fu, 0x30u, 0)
#define CODE_HYPERCALL_A CODE(0x0fu, 0x01u, 0xd9u)	/* VMMCALL */
#define CODE_HYPERCALL_I CODE(0x0fu, 0x01u, 0xc1u)	/* VMCALL */
#define CODE_INVD	CODE(0x0fu, 0x08u, 0)
#define CODE_WBINVD	CODE(0x0fu, 0x09u, 0)
#define CODE_HLT	0xf4u
#define CODE_TWO	CODE(0xffu, 0xffu, 0)
#define CODE_THREE	CODE(0xffu, 0xffu, 0xffu)

/* The length of the plain encoding that makes this exit, or 0 if `code` is not it. */
static inline __attribute__((always_inline))
unsigned plain_length(const struct exit *exit, uint32_t code)
{
	uint32_t two = code & CODE_TWO, three = code & CODE_THREE;

	switch (exit->reason) {
	case EXIT_CPUID:
		return two == CODE_CPUID ? 2 : 0;
	case EXIT_MSR:
		return two == CODE_RDMSR || two == CODE_WRMSR ? 2 : 0;
	case EXIT_HLT:
		return (uint8_t)code == CODE_HLT;
	case EXIT_CACHE:
		return two == CODE_INVD || two == CODE_WBINVD ? 2 : 0;
	case EXIT_HYPERCALL:
		/* CPUs that tell no length have VMMCALL. */
		if (__builtin_expect(three == CODE_HYPERCALL_A, 1))
			return 3;
		return three == CODE_HYPERCALL_I ? 3 : 0;
	default:
		return 0;
	}
}

/* Where the CPU has just fetched from; false: look again, the long way. */
static bool peek_gpa(struct vm *vm, uint64_t linear, gpa_t *at)
{
	const struct vcpu *v = &vm->vcpu;
	const struct walk_roots roots = { v->cr3, v->cr4, v->efer, v->pdpte };

	/* Only the long way reads PDPTEs that the hardware does not keep. */
	if (!vm->cpu->caps.pdptes && (v->cr4 & CR4_PAE) &&
	    !(v->efer & EFER_LMA))
		return false;
	return walk_peek(&vm->mem, &roots, gva(linear), &vm->code_trail, at);
}

static uint64_t bytes_at(const uint8_t *page, uint64_t linear)
{
	uint64_t code;

	__builtin_memcpy(&code, page + (linear & PAGE_MASK), sizeof(code));
	return code;
}

/* Under shadow tables; NULL: by the guest's own. */
static const uint8_t *peek_fetched(struct vm *vm, uint64_t linear)
{
	const uint8_t *host = fetched_from(vm, linear);

	if (!host)
		return NULL;
	vm->code_page[vm->shadow.root % CODE_PAGES] = (struct code_page){
		.page = linear >> PAGE_SHIFT, .host = host,
		.generation = vm->shadow.generation, .root = vm->shadow.root,
	};
	vm->shadow.watched |= BIT(linear >> PAGE_SHIFT & 63);
	return host;
}

uint64_t insn_peek_slow(struct vm *vm, uint64_t linear)
{
	const uint8_t *host = peek_fetched(vm, linear);

	return host ? bytes_at(host, linear) : insn_peek_tables(vm, linear);
}

static inline uint64_t peek_at(const struct vm *vm, gpa_t at)
{
	const uint8_t *host = guest_mem_ptr(&vm->mem, gpa(at.v & ~PAGE_MASK), PAGE_SIZE, false);

	return host ? bytes_at(host, at.v) : 0;
}

static __attribute__((noinline)) uint64_t peek_paged(struct vm *vm, uint64_t linear)
{
	gpa_t at;

	return peek_gpa(vm, linear, &at) ? peek_at(vm, at) : 0;
}

uint64_t insn_peek_tables(struct vm *vm, uint64_t linear)
{
	return vm->vcpu.cr0 & CR0_PG ? peek_paged(vm, linear) : peek_at(vm, gpa(linear));
}

/* Can this instruction have made the exit? */
static bool made_exit(const struct exit *exit, const struct insn *insn)
{
	/* Of three bytes the last is the ModRM. */
	uint32_t code = CODE(0x0fu, (uint32_t)insn->opcode,
			     (uint32_t)insn->bytes[insn->length - 1]);

	if (insn->map == MAP_0F)
		return plain_length(exit, code);
	return insn->map == MAP_ONE && exit->reason == EXIT_HLT &&
	       insn->opcode == CODE_HLT;
}

/* With prefixes, or across two pages. */
static __attribute__((noinline))
unsigned decoded_length(struct vm *vm, const struct exit *exit)
{
	struct insn insn;

	return insn_at_rip(vm, &insn) && made_exit(exit, &insn) ? insn.length : 0;
}

unsigned insn_length(struct vm *vm, const struct exit *exit)
{
	unsigned length;

	/* Nearly always the plain encoding. */
	length = plain_length(exit, (uint32_t)insn_peek(vm));
	return length ? length : decoded_length(vm, exit);
}

void insn_advance_slow(struct vm *vm, unsigned length)
{
	struct vcpu *v = &vm->vcpu;
	uint64_t rip, why;

	vcpu_need(v, ST_RIP | ST_SHADOW);
	rip = v->rip + length;
	/* Outside 64-bit code the instruction pointer wraps at 4 GiB. */
	if ((rip ^ v->rip) >> 32) {
		vcpu_need(v, ST_CR | ST_CS);
		if (!vcpu_code64(v))
			rip = (uint32_t)rip;
	}
	v->rip = rip;
	v->rflags &= ~RFLAGS_RF;	/* it lasts one instruction */
	v->dirty |= ST_RIP;
	/* What a load of SS has hit is told after this one, and its own step trap. */
	why = vcpu_held_hits(v);
	if (v->rflags & RFLAGS_TF)
		why |= DR6_BS;
	if (v->shadow & (SHADOW_STI | SHADOW_MOV_SS)) {
		v->shadow &= ~(SHADOW_STI | SHADOW_MOV_SS);
		v->dirty |= ST_SHADOW;
	}
	if (why)
		event_raise_debug(vm, why);
}

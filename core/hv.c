/*
 * One run from start to report: find the backend, make the vm, run it, tell
 * what happened. Names no vendor: backends come in as a list.
 */
#include "core/hv.h"

#include <stdarg.h>

#include "core/control.h"
#include "core/gdb/gdb.h"
#include "core/hv_result.h"
#include "core/picture.h"
#include "core/shadowing.h"
#include "core/text.h"
#include "core/trace.h"
#include "core/vm.h"

static void record_cpu(struct record *r, const struct host_cpu *host,
		       const struct hv_caps *caps)
{
	record_open(r, "cpu");
	record_string(r, "vendor", host->vendor);
	record_number(r, "family", host->family);
	record_number(r, "model", host->model);
	record_number(r, "stepping", host->stepping);
	record_string(r, "name", host->name);
	record_string(r, "hypervisor", host->hypervisor);
	record_open(r, "capabilities");
	for (unsigned i = 0; i < caps->count; i++)
		record_number(r, caps->listed[i].name, caps->listed[i].value);
	record_close(r);
	record_close(r);
	record_open(r, "registers");
	for (unsigned i = 0; i < caps->raw_count; i++)
		record_number(r, caps->raw[i].name, caps->raw[i].value);
	record_close(r);
}

static void record_guest(struct record *r, const struct load_request *load,
			 enum guest_kind kind)
{
	record_open(r, "guest");
	record_string(r, "kind", guest_kind_name(kind));
	record_number(r, "bytes", load->image.size);
	record_string(r, "command_line", load->command_line);
	record_close(r);
}

void hv_record_start(const struct hv_start *start, const struct hv_caps *caps,
		     enum guest_kind kind)
{
	const struct cmdline *cmdline = start->cmdline;
	const struct rung_options *options = &cmdline->options;
	struct record r;

	record_begin(&r, start->io, "start");
	record_string(&r, "schema", "diptych-records/1");
	record_string(&r, "build", start->build);
	record_string(&r, "rung", cmdline->rung->name);
	record_open(&r, "options");
	record_string(&r, "observe",
		      options->observe == OBSERVE_MODES ? "modes" : "none");
	record_string(&r, "tags", options->tags ? "on" : "off");
	if (cmdline->rung->shadow)
		record_string(&r, "sync", rung_sync_name(options->sync));
	if (!cmdline->rung->unrestricted)
		record_string(&r, "unpaged",
			      options->unpaged == UNPAGED_EMULATE ?
			      "emulate" : "hidden");
	if (cmdline->rung->vm86)
		record_string(&r, "vm86", options->vm86 == VM86_FAST ?
			      "fast" : "exact");
	record_close(&r);
	record_string(&r, "unit", start->host->tsc_counts_instructions ?
		      "instructions" : "cycles");
	record_number(&r, "memory", cmdline->memory);
	record_cpu(&r, start->host, caps);
	record_guest(&r, start->load, kind);
	record_end(&r);
}

void hv_record_error(struct host_io *io, bool missing, const char *format, ...)
{
	struct record r;
	char text[256];
	va_list args;

	va_start(args, format);
	text_vformat(text, sizeof(text), format, args);
	va_end(args);
	record_begin(&r, io, "error");
	record_string(&r, "reason", text);
	if (missing)
		record_bool(&r, "missing", true);
	record_end(&r);
}

static const struct hv_backend *find_backend(const struct hv_start *start)
{
	const char *name = start->cmdline->rung->backend;

	for (unsigned i = 0; name && i < start->backend_count; i++)
		if (text_equal(start->backends[i]->name, name))
			return start->backends[i];
	return NULL;
}

/* What this CPU lacks for the rung, or NULL. */
static const char *rung_missing(const struct rung *rung,
				const struct hv_caps *caps)
{
	if (caps->missing)
		return caps->missing;
	if (rung->nested && !caps->nested)
		return "nested paging";
	if (rung->unrestricted && !caps->unrestricted)
		return "unrestricted guest";
	return NULL;
}

static void exit_port_out(void *self, uint16_t port, uint8_t value)
{
	(void)port;
	vm_finish(self, END_EXIT, value, "the guest wrote its exit port");
}

static uint8_t exit_port_in(void *self, uint16_t port)
{
	(void)self;
	(void)port;
	return UINT8_MAX;
}

/*
 * Every prefix of the text that ends here, as a bit (the shift-and method): one step a byte,
 * whatever the text repeats.
 */
static bool until_matches(struct vm_until *until, uint8_t byte)
{
	uint64_t next = 0, ways = until->seen << 1 | 1;

	for (unsigned n = 0; n < until->size; n++)
		if ((uint8_t)until->text[n] == byte)
			next |= BIT(n);
	until->seen = next & ways;
	return until->seen >> (until->size - 1) & 1;
}

static void guest_byte(void *opaque, uint8_t byte)
{
	struct vm *vm = opaque;

	vm->io->guest_byte(vm->io, byte);
	if (vm->until.size && until_matches(&vm->until, byte))
		vm_finish(vm, END_UNTIL, 0, "the guest has written what was waited for");
}

static void guest_reset(void *opaque)
{
	vm_finish(opaque, END_RESET, 0, "the guest pulled the reset line");
}

/* The exit port beside the PC's own devices: no PC has anything there. */
static enum hv_err attach_devices(struct vm *vm, const struct hv_start *start,
				  enum guest_kind kind)
{
	const struct cmdline *cmd = start->cmdline;
	struct device exit_port = {
		.first = VM_EXIT_PORT, .last = VM_EXIT_PORT, .self = vm,
		.in = exit_port_in, .out = exit_port_out,
	};
	struct pc_config config = {
		.memory = cmd->memory,
		.pci = cmd->pci,
		.hpet = cmd->hpet,
		.firmware = kind == GUEST_FIRMWARE,
		.serial_screen = cmd->serial_screen,
		.disk = start->disk.size ? start->disk.data : NULL,
		.disk_size = start->disk.size,
		.serial_byte = guest_byte,
		.debug_byte = kind == GUEST_FIRMWARE && !cmd->serial_screen ?
			      guest_byte : NULL,
		.reset = guest_reset,
		.opaque = vm,
	};

	if (!pc_init(&vm->board.pc, &config) ||
	    !bus_attach(&vm->board.pc.bus, &exit_port))
		return HV_TOO_LARGE;
	return HV_OK;
}

/* The nested tables: every slot of guest memory, in the largest pages there are. */
static enum hv_err map_memory(struct vm *vm)
{
	const struct hv_caps *caps = &vm->cpu->caps;
	enum hv_err err;

	err = ptab_init(&vm->nested, vm->backend->nested_format, vm->cpu->pool,
			caps->nested_largest, true);
	for (unsigned i = 0; err == HV_OK && i < vm->mem.slots; i++) {
		const struct guest_mem_slot *s = &vm->mem.slot[i];
		unsigned prot = PROT_R | PROT_X | PROT_U |
				(s->rom ? 0 : PROT_W);

		err = ptab_map(&vm->nested, s->base.v, s->host, s->size, prot);
	}
	return err;
}

/* The client on the line has the guest before its first instruction. */
static enum hv_err make_gdb(struct vm *vm)
{
	enum hv_err err = HV_UNSUPPORTED;

	if (!vm->io->line_get)
		hv_record_error(vm->io, false, "gdb: this machine has no COM3");
	else if ((err = gdb_make(vm, vm->cpu->pool)) != HV_OK)
		hv_record_error(vm->io, false, "gdb: no memory for the stub");
	return err;
}

static enum hv_err vm_make(struct vm *vm, const struct hv_start *start,
			   struct load_result *loaded)
{
	const struct cmdline *cmd = start->cmdline;
	enum hv_err err;

	vm->rung = cmd->rung;
	vm->options = cmd->options;
	vm->limit = cmd->limit;
	vm->until = (struct vm_until){ cmd->until, cmd->until_size, 0 };
	vm->pictures.at_end = cmd->dump;
	vm->io = start->io;
	vm->vcpu.vm = vm;
	vm->mem.slot[0] = (struct guest_mem_slot){
		.base = gpa(0), .size = cmd->memory, .host = start->guest_ram,
	};
	vm->mem.slots = 1;
	policy_init(&vm->policy, start->host);
	if (cmd->no_long_mode)
		policy_hide_long_mode(&vm->policy);
	err = load_guest(start->load, &vm->mem, loaded);
	if (err != HV_OK) {
		hv_fail(start, false, "guest image: %s", loaded->error);
		return err;
	}
	if (loaded->kind == GUEST_FIRMWARE)
		policy_for_firmware(&vm->policy, start->host);
	load_start(loaded, vm->policy.signature, &vm->vcpu);
	/* What another guest left there. SDM 3A "Processor State After Reset" 9.1.1 */
	if (vm->policy.cr4_allowed & CR4_PKE)
		vm->io->wrpkru(vm->io, 0);
	err = attach_devices(vm, start, loaded->kind);
	if (err == HV_OK)
		err = vm->rung->shadow ? shadowing_init(vm) : map_memory(vm);
	if (err != HV_OK) {
		hv_fail(start, false, "no memory for the guest's tables");
		return err;
	}
	err = trace_make(vm, &cmd->trace, vm->cpu->pool);
	if (err != HV_OK) {
		hv_fail(start, false, "trace: no memory for %u entries",
			cmd->trace.room);
		return err;
	}
	return cmd->gdb ? make_gdb(vm) : HV_OK;
}

static void report(struct vm *vm)
{
	struct tally *t = &vm->tally;
	struct record r;

	vcpu_need(&vm->vcpu, ST_CONTROLS);
	tally_report(t, &r, vm->io);
	if (vm->rung->shadow)
		shadowing_report(vm);
	pictures_at_end(vm);
	trace_report(vm);
	record_begin(&r, vm->io, "controls");
	record_open(&r, "fields");
	for (unsigned i = 0; i < vm->vcpu.controls; i++)
		record_number(&r, vm->vcpu.control[i].name,
			      vm->vcpu.control[i].value);
	record_close(&r);
	record_end(&r);
	record_begin(&r, vm->io, "output");
	record_number(&r, "bytes", vm->board.pc.uart.bytes);
	record_end(&r);
	record_begin(&r, vm->io, "end");
	record_string(&r, "end", hv_end_name(vm->end));
	record_number(&r, "code", vm->end_code);
	record_string(&r, "reason", vm->end_reason);
	record_open(&r, "instructions");
	record_number(&r, "total", t->last_exit - t->first_entry);
	record_number(&r, "guest", t->guest);
	record_number(&r, "hypervisor",
		      t->last_exit - t->first_entry - t->idle -
		      (t->guest - t->emulated));
	record_number(&r, "emulated", t->emulated);
	record_number(&r, "idle", t->idle);
	record_close(&r);
	record_number(&r, "dropped_segments", t->dropped);
	record_number(&r, "dropped_pictures", vm->pictures.dropped);
	record_end(&r);
}

static enum hv_err run(struct vm *vm, struct hv_cpu *cpu, const struct hv_start *start)
{
	enum hv_err err = vm->backend->cpu_on(cpu);

	if (err != HV_OK) {
		hv_fail(start, err == HV_LOCKED || err == HV_UNSUPPORTED,
			"%s cannot be turned on", vm->backend->name);
		return err;
	}
	control_apply(vm);
	err = vm->backend->vcpu_init(&vm->vcpu, cpu);
	if (err == HV_OK) {
		vm_run(vm);
		debug_end(vm);
		report(vm);
		hv_tell(start, vm);
		vm->backend->vcpu_fini(&vm->vcpu);
	} else {
		hv_fail(start, err == HV_UNSUPPORTED,
			"the %s vcpu cannot be made", vm->backend->name);
	}
	vm->backend->cpu_off(cpu);
	return err;
}

/* The rung's backend and what it finds; NULL with *missing when it cannot be run here. */
static const struct hv_backend *probe(const struct hv_start *start, struct hv_caps *caps,
				      const char **missing)
{
	const struct hv_backend *backend = find_backend(start);

	if (!backend) {
		*missing = "not in this build";
		return NULL;
	}
	backend->probe(start->host, caps);
	if (start->cmdline->rung->shadow) {
		/* G_PAT and the VMCS's PAT go with nested paging; PDPTEs are ours to load. */
		caps->pat_switch = false;
		caps->pdptes = true;
	}
	*missing = rung_missing(start->cmdline->rung, caps);
	return *missing ? NULL : backend;
}

const char *hv_missing(const struct hv_start *start)
{
	struct hv_caps caps;
	const char *missing;

	return probe(start, &caps, &missing) ? NULL : missing;
}

enum hv_err hv_start(const struct hv_start *start)
{
	const struct hv_backend *backend;
	struct hv_cpu cpu = {
		.host = start->host, .pool = start->pool,
		.idt_flat = start->idt_flat,
	};
	struct load_result loaded;
	const char *missing;
	enum hv_err err;
	struct vm *vm;
	hpa_t frames;

	backend = probe(start, &cpu.caps, &missing);
	if (!backend) {
		hv_fail(start, true, "rung %s: %s%s", start->cmdline->rung->name,
		     find_backend(start) ? "this CPU lacks " : "", missing);
		return HV_UNSUPPORTED;
	}
	err = frame_alloc_run(start->pool, (sizeof(*vm) + PAGE_SIZE - 1) /
			      PAGE_SIZE, &frames);
	if (err != HV_OK) {
		hv_fail(start, false, "no memory for the vm");
		return err;
	}
	vm = hpa_ptr(frames);
	vm->backend = backend;
	vm->cpu = &cpu;
	err = vm_make(vm, start, &loaded);
	if (err != HV_OK)
		return err;
	hv_record_start(start, &cpu.caps, loaded.kind);
	return run(vm, &cpu, start);
}

/*
 * `diptych guests`, `rungs`, `machines`: what there is. Must not run a
 * guest, but for the one that tells what kvm:host has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "compare/cmd.h"
#include "compare/kvm.h"

static const struct argp_option none[] = { { 0 } };

static void no_arguments(int argc, char **argv, const char *doc)
{
	struct request r;

	request_parse(argc, argv, none, NULL, doc, &r);
	free(r.names);
}

int cmd_guests(int argc, char **argv)
{
	const struct guest *g;

	no_arguments(argc, argv, "Lists the guests.");
	printf("%-16s %-12s %-13s %-8s %s\n", "guest", "kind", "ends by", "here",
	       "what it shows");
	for (size_t i = 0; (g = guest_at(i)); i++) {
		char *path = guest_path(g);
		bool here = !access(path, R_OK);

		printf("%-16s %-12s %-13s %-8s %s\n", g->name, g->kind,
		       ending_name(g->ending),
		       here ? "yes" : g->fetched ? "to fetch" : "to make",
		       g->shows);
		free(path);
	}
	return STATUS_PASS;
}

int cmd_rungs(int argc, char **argv)
{
	no_arguments(argc, argv, "Lists the rungs: how each mode runs there.");
	printf("%-11s %-15s %-9s %s\n", "rung", "real mode", "unpaged",
	       "paged");
	for (size_t i = 0; i < rung_table_size; i++) {
		const struct rung *r = &rung_table[i];

		if (!r->needs && r->built)
			printf("%-11s the guest alone on the machine: the "
			       "reference\n", r->name);
		else
			printf("%-11s %-15s %-9s %-14s%s\n", r->name, r->real,
			       r->unpaged, r->paged,
			       r->built ? "" : " not built in");
	}
	return STATUS_PASS;
}

/* Names of the built-in rungs that the machine's CPU is up to. */
static void rungs_put(const struct machine *m)
{
	unsigned caps = machine_caps(m);
	const char *comma = "";

	for (size_t i = 0; i < rung_table_size; i++) {
		if (caps & CAP_UNKNOWN || !rung_table[i].built ||
		    !rung_table[i].needs || rung_missing(&rung_table[i], caps))
			continue;
		printf("%s%s", comma, rung_table[i].name);
		comma = ", ";
	}
	if (!*comma)
		fputs(caps & CAP_UNKNOWN ? "as its CPU allows" : "none", stdout);
}

int cmd_machines(int argc, char **argv)
{
	no_arguments(argc, argv,
		     "Lists the machines. Any other qemu:<cpu> or bochs:<model> "
		     "that the emulator knows will do too.");
	for (size_t i = 0; i < machines_count; i++) {
		const struct machine *m = &machines[i];
		char *note = m->emulator != EMULATOR_KVM ? xdup(m->note) :
			     fmt("%s%s", kvm_host()->link == KVM_FOUND ? "" :
				 "not found: ", kvm_host()->what);

		printf("%-30s %-48s ", m->name, note);
		rungs_put(m);
		putchar('\n');
		free(note);
	}
	return STATUS_PASS;
}

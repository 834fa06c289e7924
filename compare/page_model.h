/*
 * What the parts of the page are made from: the runs in order, guest by guest and
 * column by column. Knows nothing of HTML.
 */
#ifndef COMPARE_PAGE_MODEL_H
#define COMPARE_PAGE_MODEL_H

#include "compare/columns.h"
#include "compare/phases.h"
#include "compare/run.h"
#include "compare/util.h"

/* How much of everything the page shows. */
struct page_limits {
	size_t	phases;		/* of a lane */
	size_t	pixels;		/* that a lane of the axis tells apart */
	size_t	lanes, guests, columns, fields;
};

struct page {
	struct run	**runs;		/* in the order of reports, array owned */
	size_t		count;
	struct page_limits limits;
	const char	*docs;
	struct column	*columns;	/* without bare */
	size_t		width;		/* columns shown */
	size_t		columns_all;
	size_t		*column_of;	/* of each run; of bare, columns_all */
	const char	**guests;
	size_t		height;
	size_t		guests_all;
	size_t		named;		/* section whose lanes' names are drawn; 0: none */
	double		named_top;	/* where */
	bool		used[PHASE_MODES][PHASE_WAYS];	/* patterns drawn with */
	struct buf	out;
};

/* One run on a rung, among those of its guest. */
struct lane {
	const struct run	*run;
	char			*label;
	unsigned		copy;	/* 2, 3...: not the first of its key */
	struct timeline		time;
};

/* One guest's runs that came to run, in order of the columns. */
struct section {
	const char	*guest;
	size_t		number;		/* from 1 */
	struct lane	*lanes;
	size_t		count;
	size_t		left_out;	/* lanes for which there was no room */
};

void page_init(struct page *page, struct run *const *runs, size_t count,
	       const char *docs, const struct page_limits *limits);
void page_fini(struct page *page);

void section_make(const struct page *page, size_t guest, struct section *out);
void section_free(struct section *section);

/* The end of the lanes from `from` on that go through the same phases as that one. */
size_t section_group(const struct section *section, size_t from);

/* Whether the guest ran: only then there is something to be shown. */
bool run_ran(const struct run *run);

/* "AMD-V", "VT-x" or, for a rung of neither, "". */
const char *rung_vendor(const char *rung);

/* Texts in order; for qsort. */
int text_order(const void *a, const void *b);

#endif

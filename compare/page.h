/*
 * Runs as one page of HTML: a file of its own, without scripts readable, and
 * offline. Takes reports for hostile. Knows nothing of how the runs were made.
 */
#ifndef COMPARE_PAGE_H
#define COMPARE_PAGE_H

#include "compare/run.h"

/* The page is no longer than this, whatever the runs: the more there is, the coarser. */
enum { PAGE_BYTES = 500 * 1000 };

/*
 * The page as text, to be freed. Reports merged in any order give the same bytes.
 * Links into the documents begin with `docs`, "docs/" or the way there.
 */
char *page_write(struct run *const *runs, size_t count, const char *docs);

/* The same for a page that will lie at `path`: with the way from there. */
char *page_for(const char *path, struct run *const *runs, size_t count);

#endif

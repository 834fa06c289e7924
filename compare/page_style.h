/*
 * The page's style sheet and script, and the policy that lets these two in and
 * nothing else.
 */
#ifndef COMPARE_PAGE_STYLE_H
#define COMPARE_PAGE_STYLE_H

#include "compare/util.h"

/* compare/page.css and compare/page.js, without their last newline. */
extern const char page_css[], page_js[];

/* Appends the value of Content-Security-Policy: both by their hashes. */
void page_policy(struct buf *out);

#endif

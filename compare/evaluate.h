/*
 * From what a job left behind to the outcome of its run. Knows the meaning
 * of ends and outputs; starts nothing.
 */
#ifndef COMPARE_EVALUATE_H
#define COMPARE_EVALUATE_H

#include "compare/job.h"

/* Judges a run on bare; sets run->end, run->code and the outcome. */
void evaluate_bare(struct job *job);

/* Judges any other run by its own bare run, which has been judged. */
void evaluate_rung(struct job *job, const struct job *bare);

#endif

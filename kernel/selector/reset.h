#ifndef RESET_H
#define RESET_H

#include "gpt.h"

/* Partitions whose file system the system that is started makes anew, before it mounts it. */
struct resets {
        bool state, data;
};

/* What the table says; `libs/gpt/src/reset-flags.ts` writes it. */
struct resets reset_due(const struct gpt *gpt);

#endif

#ifndef SELECT_H
#define SELECT_H

#include "bytes.h"

struct slot {
        uint32_t number;     /* partition number, counted from 1 */
        uint8_t priority;    /* 0..15 */
        uint8_t tries;       /* 0..15 */
        bool successful;
        bool qualifies;      /* set by select_order */
};

/* Sorts the slots into the order in which they are to be tried and sets `qualifies`. */
void select_order(struct slot *slots, size_t count);

/* Is the start of slots[started] a trial? The slots are in order, and those before it were passed over in this boot. It is one if the
 * slot is unproven and another one qualifies that has not failed in this boot: then a reset can end in another slot, and only then. */
bool select_is_trial(const struct slot *slots, size_t count, size_t started);

#endif

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

#endif

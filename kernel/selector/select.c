/* The selection rule. libs/gpt mirrors it; selection-vectors.json holds both to it.
 *
 * THE RULE. All BOOT partitions of the disk are put into one total order and tried front to back.
 *
 *   qualifies(s) = priority > 0 and (successful or tries > 0)
 *   spent(s)     = qualifies(s) and tries == 0          (so it is successful, but its tries are used up)
 *   rested(s)    = qualifies(s) and successful and tries > 0
 *   rank(s)      = priority(s), but for a spent slot
 *                  min(priority(s), the lowest priority of any rested slot) if there is a rested slot
 *
 *   s comes before t at the first of these that tells them apart:
 *     1. qualifies before does not qualify (the latter are the last resort)
 *     both qualify:
 *     2. higher rank
 *     3. not spent before spent
 *     4. higher priority
 *     5. lower number
 *     neither qualifies:
 *     2. higher priority
 *     3. successful before not successful
 *     4. lower number
 *
 * Why `rank`: "highest priority first" and "among successful slots a spent one ranks after those with tries" can contradict each
 * other. With X (priority 3, spent), Y (priority 2, unproven) and Z (priority 1, rested) they ask for X before Y before Z before X.
 * So a spent slot steps back exactly as far as it must, behind the last rested slot, and nothing else moves. Of an unproven slot
 * and a spent one, without a rested one, the higher priority goes first: the rule compares tries among successful slots only.
 * Every key is a number fixed before sorting, so the order is total. */
#include "select.h"

static bool spent(const struct slot *s) { return s->qualifies && s->tries == 0; }

static unsigned rank(const struct slot *s, unsigned lowest_rested) {
        return spent(s) && lowest_rested < s->priority ? lowest_rested : s->priority;
}

static bool before(const struct slot *s, const struct slot *t, unsigned lowest_rested) {
        if (s->qualifies != t->qualifies)
                return s->qualifies;
        if (s->qualifies) {
                unsigned rs = rank(s, lowest_rested), rt = rank(t, lowest_rested);
                if (rs != rt)
                        return rs > rt;
                if (spent(s) != spent(t))
                        return spent(t);
        }
        if (s->priority != t->priority)
                return s->priority > t->priority;
        if (!s->qualifies && s->successful != t->successful)
                return s->successful;
        return s->number < t->number;
}

void select_order(struct slot *slots, size_t count) {
        unsigned lowest_rested = 16;    /* above every priority: no rested slot, nothing steps back */

        for (size_t i = 0; i < count; i++) {
                struct slot *s = &slots[i];
                s->qualifies = s->priority > 0 && (s->successful || s->tries > 0);
                if (s->qualifies && s->successful && s->tries > 0 && s->priority < lowest_rested)
                        lowest_rested = s->priority;
        }
        for (size_t i = 1; i < count; i++)      /* insertion sort: two slots as a rule, GPT_MAX_SLOTS at most */
                for (size_t j = i; j > 0 && before(&slots[j], &slots[j - 1], lowest_rested); j--) {
                        struct slot swap = slots[j];
                        slots[j] = slots[j - 1];
                        slots[j - 1] = swap;
                }
}

bool select_is_trial(const struct slot *slots, size_t count, size_t started) {
        /* The slots that qualify come first, so the next one tells. */
        return !slots[started].successful && started + 1 < count && slots[started + 1].qualifies;
}

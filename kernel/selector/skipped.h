/* The list of slots that were passed over in this boot, as the started one finds it: a line each, `<partition GUID> <reason>`. */
#ifndef SKIPPED_H
#define SKIPPED_H

#include "bytes.h"

#define SKIPPED_MAX 1024u       /* characters, the final 0 included: a disk with two slots needs some 150 */
#define GUID_TEXT 37u           /* characters of a GUID, the final 0 included */

struct skipped {
        uint16_t text[SKIPPED_MAX];     /* UTF-16, always ends in 0; whole lines only, each with its line feed */
        size_t length;                  /* characters before that 0; 0: none was passed over */
};

/* Adds a line, its reason in two parts of ASCII. A line that has no room is left out. */
void skipped_add(struct skipped *skipped, const uint8_t partition_guid[16], const char *reason, const char *detail);

/* Writes a GUID (as on disk) in lower case, the form that Linux gives it. */
void guid_text(const uint8_t guid[16], uint16_t text[GUID_TEXT]);

#endif

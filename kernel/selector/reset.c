/* Is a reset due? The system that is started does it, with the tools of the image; it is told by a variable, so that a boot without a
 * reset, which is every other one, costs it nothing. Nothing is written here: whoever has made a file system anew clears the bit. */
#include "reset.h"

enum {
        E_ATTRIBUTES = 48,
        RESET_DUE = 58,         /* attribute bit */
};

/* 440408bb-eb0b-4328-a6e5-a29038fad706 and 626f7474-6c65-6474-6861-726d61726b73; the first three fields are little-endian on disk. */
static const uint8_t state_type[16] = { 0xbb, 0x08, 0x04, 0x44, 0x0b, 0xeb, 0x28, 0x43, 0xa6, 0xe5, 0xa2, 0x90, 0x38, 0xfa, 0xd7, 0x06 };
static const uint8_t data_type[16] = { 0x74, 0x74, 0x6f, 0x62, 0x65, 0x6c, 0x74, 0x64, 0x68, 0x61, 0x72, 0x6d, 0x61, 0x72, 0x6b, 0x73 };

struct resets reset_due(const struct gpt *gpt) {
        struct resets resets = { false, false };

        for (uint32_t number = 1; number <= gpt->entries; number++) {
                const uint8_t *e = gpt->table + (size_t)(number - 1) * gpt->entry_bytes;
                if ((get64(e + E_ATTRIBUTES) >> RESET_DUE & 1) == 0)
                        continue;
                resets.state = resets.state || memcmp(e, state_type, sizeof state_type) == 0;
                resets.data = resets.data || memcmp(e, data_type, sizeof data_type) == 0;
        }
        return resets;
}

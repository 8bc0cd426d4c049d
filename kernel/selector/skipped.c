#include "skipped.h"

void guid_text(const uint8_t guid[16], uint16_t text[GUID_TEXT]) {
        static const char hex[] = "0123456789abcdef";
        /* On disk the first three fields are little-endian. */
        static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

        for (int i = 0; i < 16; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                        *text++ = '-';
                *text++ = (uint16_t)hex[guid[order[i]] >> 4];
                *text++ = (uint16_t)hex[guid[order[i]] & 15];
        }
        *text = 0;
}

static size_t length_of(const char *text) {
        size_t length = 0;
        while (text[length])
                length++;
        return length;
}

void skipped_add(struct skipped *skipped, const uint8_t partition_guid[16], const char *reason, const char *detail) {
        /* The 0 that GUID_TEXT counts is where the space goes; then come the line feed and the final 0. */
        if (GUID_TEXT + length_of(reason) + length_of(detail) + 2 > SKIPPED_MAX - skipped->length)
                return;
        uint16_t *to = skipped->text + skipped->length;
        guid_text(partition_guid, to);
        to += GUID_TEXT - 1;
        *to++ = ' ';
        while (*reason)
                *to++ = (uint8_t)*reason++;
        while (*detail)
                *to++ = (uint8_t)*detail++;
        *to++ = '\n';
        *to = 0;
        skipped->length = (size_t)(to - skipped->text);
}

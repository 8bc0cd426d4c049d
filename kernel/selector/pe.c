/* Length of a PE image that lies at the start of a larger partition. (Offsets: Microsoft PE Format, PE32+.)
 *
 * Why it must be exact: Secure Boot hashes the buffer that LoadImage gets, and counts what follows the certificate table as part of
 * the image, so a signed image with trailing bytes is refused. */
#include "pe.h"

enum {
        DOS_LFANEW = 0x3c,
        COFF_BYTES = 24,                /* "PE\0\0" and the COFF header */
        OPT_SIZE_OF_HEADERS = 60,
        OPT_SUBSYSTEM = 68,
        OPT_DIRECTORY_COUNT = 108,
        OPT_DIRECTORIES = 112,
        DIRECTORY_CERTIFICATES = 4,     /* the only directory whose address is a file offset, not an RVA */
        SECTION_BYTES = 40,
        SECTION_VIRTUAL_BYTES = 8,
        SECTION_ADDRESS = 12,
        SECTION_FLAGS = 36,
        SUBSYSTEM_EFI_APPLICATION = 10,
};

const char *pe_length(const uint8_t *head, size_t head_bytes, uint64_t partition_bytes, uint64_t *length) {
        if (head_bytes > partition_bytes)
                head_bytes = (size_t)partition_bytes;
        if (head_bytes < DOS_LFANEW + 4 || head[0] != 'M' || head[1] != 'Z')
                return "it holds no PE image";

        /* All sums below are of values under 2^32, in 64 bits: they cannot wrap. */
        uint64_t coff = get32(head + DOS_LFANEW);
        if (coff + COFF_BYTES > head_bytes || memcmp(head + coff, "PE\0\0", 4) != 0)
                return "it holds no PE image";
        if (get16(head + coff + 4) != 0x8664)
                return "its image is not for x86-64";

        unsigned sections = get16(head + coff + 6), opt_bytes = get16(head + coff + 20);
        uint64_t opt = coff + COFF_BYTES, table = opt + opt_bytes;
        if (opt_bytes < OPT_DIRECTORIES || table + (uint64_t)sections * SECTION_BYTES > head_bytes || sections == 0)
                return "its image has headers out of bounds";
        if (get16(head + opt) != 0x20b || get16(head + opt + OPT_SUBSYSTEM) != SUBSYSTEM_EFI_APPLICATION)
                return "its image is no EFI application";

        uint64_t end = get32(head + opt + OPT_SIZE_OF_HEADERS);
        if (end < table + (uint64_t)sections * SECTION_BYTES)
                return "its image has headers out of bounds";
        for (unsigned i = 0; i < sections; i++) {
                const uint8_t *section = head + table + (uint64_t)i * SECTION_BYTES;
                uint64_t bytes = get32(section + 16), start = get32(section + 20);
                if (bytes > 0 && start + bytes > end)
                        end = start + bytes;
        }

        uint64_t directory = OPT_DIRECTORIES + DIRECTORY_CERTIFICATES * 8;
        if (get32(head + opt + OPT_DIRECTORY_COUNT) > DIRECTORY_CERTIFICATES && opt_bytes >= directory + 8) {
                uint64_t start = get32(head + opt + directory), bytes = get32(head + opt + directory + 4);
                if (bytes > 0) {
                        if (start < end || start % 8 != 0)
                                return "its image has a certificate table out of place";
                        end = start + bytes;
                }
        }
        if (end > partition_bytes)
                return "its image is longer than the partition";
        *length = end;
        return NULL;
}

uint8_t *pe_writable_section(uint8_t *image, uint64_t image_bytes, const char name[8], size_t *bytes) {
        const uint32_t writable = 0x80000000;

        if (image_bytes < DOS_LFANEW + 4 || image[0] != 'M' || image[1] != 'Z')
                return NULL;
        uint64_t coff = get32(image + DOS_LFANEW);
        if (coff + COFF_BYTES > image_bytes || memcmp(image + coff, "PE\0\0", 4) != 0)
                return NULL;
        unsigned sections = get16(image + coff + 6), opt_bytes = get16(image + coff + 20);
        uint64_t table = coff + COFF_BYTES + opt_bytes;
        if (table + (uint64_t)sections * SECTION_BYTES > image_bytes)
                return NULL;
        for (unsigned i = 0; i < sections; i++) {
                const uint8_t *section = image + table + (uint64_t)i * SECTION_BYTES;
                uint64_t start = get32(section + SECTION_ADDRESS), length = get32(section + SECTION_VIRTUAL_BYTES);
                if (memcmp(section, name, 8) != 0)
                        continue;
                if (!(get32(section + SECTION_FLAGS) & writable) || start + length > image_bytes)
                        return NULL;
                *bytes = (size_t)length;
                return image + start;
        }
        return NULL;
}

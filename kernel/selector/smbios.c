/* Takes "io.systemd.stub." strings out of SMBIOS. (Clauses: DSP0134, SMBIOS Reference Specification 3.x.)
 *
 * Why: systemd-stub appends what a type 11 string `io.systemd.stub.kernel-cmdline-extra=` holds to the kernel command line, and no
 * signature covers it. Whoever configures the virtual machine could so replace the root file system.
 *
 * Blanking does not trust the structure of the table. A string that systemd-stub can find has these 16 bytes somewhere in the table,
 * so they are overwritten wherever they occur. Parsing the way the specification says would leave room for a table that we and
 * systemd-stub read differently (it takes strings from offset 5 whatever length a structure states, for one). */
#include "smbios.h"

static const char prefix[] = "io.systemd.stub.";
enum { PREFIX_BYTES = sizeof prefix - 1, HEADER_BYTES = 4, TYPE_END = 127, ENTRY2_BYTES = 31, ENTRY3_BYTES = 24 };

static bool is_entry3(const uint8_t *entry) { return memcmp(entry, "_SM3_", 5) == 0; }

size_t smbios_entry_bytes(const uint8_t *entry) { return is_entry3(entry) ? ENTRY3_BYTES : ENTRY2_BYTES; }

/* Checksums and the stated length are not looked at, because systemd-stub does not: what it believes must be cleaned. */
bool smbios_entry_read(const uint8_t *entry, struct smbios_table *table) {
        if (is_entry3(entry)) {                                 /* 5.2.2 */
                table->max_bytes = get32(entry + 0x0c);
                table->address = get64(entry + 0x10);
                return true;
        }
        if (memcmp(entry, "_SM_", 4) == 0) {                    /* 5.2.1 */
                table->max_bytes = get16(entry + 0x16);
                table->address = get32(entry + 0x18);
                return true;
        }
        return false;
}

/* Sets entry[at] so that `bytes` bytes from `from` sum to zero. */
static void checksum(uint8_t *entry, size_t at, size_t from, size_t bytes) {
        uint8_t sum = 0;
        entry[at] = 0;
        for (size_t i = 0; i < bytes; i++)
                sum = (uint8_t)(sum + entry[from + i]);
        entry[at] = (uint8_t)-sum;
}

void smbios_entry_move(uint8_t *entry, const struct smbios_table *table) {
        /* Sum over as many bytes as the structure says it has, but never past what it can have. */
        if (is_entry3(entry)) {
                put32(entry + 0x0c, (uint32_t)table->max_bytes);
                put64(entry + 0x10, table->address);
                checksum(entry, 5, 0, entry[6] < ENTRY3_BYTES ? entry[6] : ENTRY3_BYTES);
        } else {
                put16(entry + 0x16, (uint16_t)table->max_bytes);
                put32(entry + 0x18, (uint32_t)table->address);
                checksum(entry, 0x15, 0x10, 15);
                checksum(entry, 4, 0, entry[5] < ENTRY2_BYTES ? entry[5] : ENTRY2_BYTES);
        }
}

size_t smbios_extent(const uint8_t *table, size_t max_bytes) {
        size_t at = 0;

        while (max_bytes - at >= HEADER_BYTES) {
                uint8_t type = table[at], length = table[at + 1];
                if (length > max_bytes - at)
                        return max_bytes;
                /* 6.1.3: after the formatted area come strings, each ended by a zero byte, and one more zero byte; without strings
                 * two zero bytes. Either way the structure ends at the first pair of zero bytes. */
                at += length;
                while (max_bytes - at >= 2 && (table[at] != 0 || table[at + 1] != 0))
                        at++;
                if (max_bytes - at < 2)
                        return max_bytes;
                at += 2;
                if (type == TYPE_END)
                        return at;
        }
        return max_bytes;
}

size_t smbios_blank(const uint8_t *table, uint8_t *table_out, size_t bytes) {
        size_t found = 0;

        for (size_t i = 0; bytes - i >= PREFIX_BYTES; i++) {
                if (memcmp(table + i, prefix, PREFIX_BYTES) != 0)
                        continue;
                found++;
                /* Spaces, not zero bytes: a zero byte would end the string set early and shift every later structure. */
                for (size_t j = i; table_out && j < bytes && table_out[j] != 0; j++)
                        table_out[j] = ' ';
        }
        return found;
}

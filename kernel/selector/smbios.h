#ifndef SMBIOS_H
#define SMBIOS_H

#include "bytes.h"

#define SMBIOS_ENTRY_MAX 32u    /* no entry point structure is longer (2.x: 31, 3.x: 24 bytes) */

struct smbios_table {
        uint64_t address;
        uint64_t max_bytes;
};

/* Reads an entry point of either kind ("_SM_", 31 bytes; "_SM3_", 24 bytes). False: it is neither. */
bool smbios_entry_read(const uint8_t *entry, struct smbios_table *table);

/* Bytes of the entry point structure, 24 or 31. */
size_t smbios_entry_bytes(const uint8_t *entry);

/* Points an entry point at another table and renews its checksums. */
void smbios_entry_move(uint8_t *entry, const struct smbios_table *table);

/* Length of the structure table, at most max_bytes. */
size_t smbios_extent(const uint8_t *table, size_t max_bytes);

/* Overwrites each string that begins "io.systemd.stub." with spaces; with table_out NULL it only counts. Returns how many. */
size_t smbios_blank(const uint8_t *table, uint8_t *table_out, size_t bytes);

#endif

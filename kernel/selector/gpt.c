/* GUID partition table: parse, repair, take a try. Pure: reaches the disk only through struct gpt_disk.
 * Clauses: UEFI Specification 2.10, 5.3.2 (header) and 5.3.3 (entries). Everything read from the disk is hostile until checked. */
#include "gpt.h"

enum {
        HEADER_BYTES_MIN = 92,
        H_REVISION = 8, H_BYTES = 12, H_CRC = 16, H_MY_LBA = 24, H_ALTERNATE = 32, H_FIRST_USABLE = 40, H_LAST_USABLE = 48,
        H_TABLE_LBA = 72, H_ENTRIES = 80, H_ENTRY_BYTES = 84, H_TABLE_CRC = 88,
        E_UNIQUE = 16, E_FIRST = 32, E_LAST = 40,
        E_TRIES = 54,           /* attribute bits 48-55: low half priority, high half tries left */
        E_SUCCESSFUL = 55,      /* attribute bits 56-63: bit 0 */
        PRIMARY_LBA = 1,
};

/* 6b636168-7420-6568-2070-6c616e657421; the first three fields are little-endian on disk. */
static const uint8_t boot_type[16] = "hack the planet!";

uint32_t gpt_crc32(const uint8_t *bytes, size_t count) {
        uint32_t crc = 0xffffffff;
        for (size_t i = 0; i < count; i++) {
                crc ^= bytes[i];
                for (int bit = 0; bit < 8; bit++)
                        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
        return ~crc;
}

static uint32_t header_crc(const uint8_t *header) {
        uint8_t copy[GPT_SECTOR_MAX];
        uint32_t bytes = get32(header + H_BYTES);
        memcpy(copy, header, bytes);
        put32(copy + H_CRC, 0);
        return gpt_crc32(copy, bytes);
}

static size_t table_bytes(const uint8_t *header) { return (size_t)get32(header + H_ENTRIES) * get32(header + H_ENTRY_BYTES); }

static size_t round_up(size_t bytes, uint32_t sector) { return (bytes + sector - 1) / sector * sector; }

static uint64_t table_sectors(const struct gpt *gpt, const uint8_t *header) {
        return round_up(table_bytes(header), gpt->disk->sector) / gpt->disk->sector;
}

/* Is this a sound header for this address? All sums are arranged so that they cannot wrap. */
static bool header_ok(const struct gpt *gpt, const uint8_t *header, uint64_t lba) {
        uint32_t bytes = get32(header + H_BYTES), entries = get32(header + H_ENTRIES), entry_bytes = get32(header + H_ENTRY_BYTES);
        uint64_t first = get64(header + H_FIRST_USABLE), last = get64(header + H_LAST_USABLE), table = get64(header + H_TABLE_LBA);

        if (memcmp(header, "EFI PART", 8) != 0 || get32(header + H_REVISION) != 0x00010000)
                return false;
        if (bytes < HEADER_BYTES_MIN || bytes > gpt->disk->sector || get32(header + H_CRC) != header_crc(header))
                return false;
        if (get64(header + H_MY_LBA) != lba)
                return false;
        /* "128 x 2 to the n"; a table over 1 MiB is not read at all. */
        if (entry_bytes < 128 || (entry_bytes & (entry_bytes - 1)) != 0 || entries == 0 || entries > GPT_TABLE_MAX / entry_bytes)
                return false;
        if (first <= PRIMARY_LBA || first > last || last >= gpt->disk->last_lba)
                return false;

        uint64_t sectors = table_sectors(gpt, header);
        if (lba == PRIMARY_LBA)         /* header, table, partitions */
                return get64(header + H_ALTERNATE) != PRIMARY_LBA && table > PRIMARY_LBA && table < first && sectors <= first - table;
        /* partitions, table, header */
        return get64(header + H_ALTERNATE) == PRIMARY_LBA && last < table && table < lba && lba <= gpt->disk->last_lba &&
               sectors <= lba - table;
}

static bool read_header(const struct gpt *gpt, uint64_t lba, uint8_t *header) {
        return lba >= PRIMARY_LBA && lba <= gpt->disk->last_lba && gpt->disk->read(gpt->disk->context, lba, header, gpt->disk->sector) &&
               header_ok(gpt, header, lba);
}

static bool read_table(const struct gpt *gpt, const uint8_t *header, uint8_t *table) {
        size_t bytes = table_bytes(header);
        return gpt->disk->read(gpt->disk->context, get64(header + H_TABLE_LBA), table, round_up(bytes, gpt->disk->sector)) &&
               gpt_crc32(table, bytes) == get32(header + H_TABLE_CRC);
}

/* The header that a copy ought to have, given the header that is believed. */
static void make_header(const struct gpt *gpt, enum gpt_copy copy, uint8_t *header) {
        memset(header, 0, gpt->disk->sector);
        memcpy(header, gpt->header, get32(gpt->header + H_BYTES));
        put64(header + H_MY_LBA, gpt->lba[copy]);
        put64(header + H_ALTERNATE, gpt->lba[!copy]);
        put64(header + H_TABLE_LBA, gpt->table_lba[copy]);
        put32(header + H_TABLE_CRC, gpt_crc32(gpt->table, table_bytes(gpt->header)));
        put32(header + H_CRC, header_crc(header));
}

static void believe(struct gpt *gpt, enum gpt_copy copy, uint64_t lba) {
        gpt->state[copy] = GPT_GOOD;
        gpt->lba[copy] = lba;
        gpt->table_lba[copy] = get64(gpt->header + H_TABLE_LBA);
        gpt->first_usable = get64(gpt->header + H_FIRST_USABLE);
        gpt->last_usable = get64(gpt->header + H_LAST_USABLE);
        gpt->entries = get32(gpt->header + H_ENTRIES);
        gpt->entry_bytes = get32(gpt->header + H_ENTRY_BYTES);
}

/* The primary is valid: find out about the backup. It is where the primary says, which is not the last LBA once a disk has grown. */
static void look_at_backup(struct gpt *gpt) {
        uint8_t found[GPT_SECTOR_MAX], wanted[GPT_SECTOR_MAX];
        uint64_t lba = get64(gpt->header + H_ALTERNATE), sectors = table_sectors(gpt, gpt->header);

        gpt->state[GPT_BACKUP] = GPT_NO_PLACE;
        if (lba > gpt->disk->last_lba || lba <= gpt->last_usable || lba - gpt->last_usable <= sectors)
                return;         /* it would lie past the end of the disk or in the partitions: not to be read, still less written */
        gpt->state[GPT_BACKUP] = GPT_DAMAGED;
        gpt->lba[GPT_BACKUP] = lba;
        gpt->table_lba[GPT_BACKUP] = lba - sectors;
        if (!read_header(gpt, lba, found) || !read_table(gpt, found, gpt->scratch))
                return;
        /* Its own header may place its table elsewhere; that is kept, if the rest says the same. Writers write the backup first, so
         * a difference means that one was interrupted before it was done: the primary holds, which is how things were before. */
        if (get64(found + H_TABLE_LBA) > gpt->last_usable && lba - get64(found + H_TABLE_LBA) >= sectors)
                gpt->table_lba[GPT_BACKUP] = get64(found + H_TABLE_LBA);
        make_header(gpt, GPT_BACKUP, wanted);
        gpt->state[GPT_BACKUP] = memcmp(found, wanted, get32(wanted + H_BYTES)) == 0 ? GPT_GOOD : GPT_DIFFERENT;
}

bool gpt_load(struct gpt *gpt) {
        uint64_t last = gpt->disk->last_lba, hint = 0;

        if (gpt->disk->sector < GPT_SECTOR_MIN || gpt->disk->sector > GPT_SECTOR_MAX || GPT_TABLE_MAX % gpt->disk->sector != 0 || last < 4)
                return false;
        memset(gpt->header, 0, sizeof gpt->header);
        bool primary = read_header(gpt, PRIMARY_LBA, gpt->header);
        hint = get64(gpt->header + H_ALTERNATE);        /* from a damaged header as well: it only says where to look */
        if (primary && read_table(gpt, gpt->header, gpt->table)) {
                believe(gpt, GPT_PRIMARY, PRIMARY_LBA);
                look_at_backup(gpt);
                return true;
        }

        const uint64_t places[2] = { primary ? hint : last, primary ? last : hint };
        for (int i = 0; i < 2; i++) {
                if (places[i] <= PRIMARY_LBA || !read_header(gpt, places[i], gpt->header) || !read_table(gpt, gpt->header, gpt->table))
                        continue;
                believe(gpt, GPT_BACKUP, places[i]);
                uint64_t sectors = table_sectors(gpt, gpt->header);
                bool fits = gpt->first_usable - PRIMARY_LBA > sectors;
                gpt->state[GPT_PRIMARY] = fits ? GPT_DAMAGED : GPT_NO_PLACE;
                gpt->lba[GPT_PRIMARY] = PRIMARY_LBA;
                gpt->table_lba[GPT_PRIMARY] = PRIMARY_LBA + 1;
                return true;
        }
        return false;
}

/* Table before header: until the header fits the table the copy is invalid, and the other one is used. */
static bool write_copy(struct gpt *gpt, enum gpt_copy copy) {
        const struct gpt_disk *disk = gpt->disk;
        uint8_t header[GPT_SECTOR_MAX];
        size_t bytes = table_bytes(gpt->header), rounded = round_up(bytes, disk->sector);

        make_header(gpt, copy, header);
        memset(gpt->table + bytes, 0, rounded - bytes);
        gpt->state[copy] = GPT_DAMAGED;         /* until it is known to be written */
        if (!disk->write(disk->context, gpt->table_lba[copy], gpt->table, rounded) ||
            !disk->write(disk->context, gpt->lba[copy], header, disk->sector) || !disk->flush(disk->context))
                return false;
        gpt->state[copy] = GPT_GOOD;
        return true;
}

bool gpt_repair(struct gpt *gpt) {
        for (int copy = GPT_PRIMARY; copy <= GPT_BACKUP; copy++)
                if (gpt->state[copy] == GPT_DAMAGED || gpt->state[copy] == GPT_DIFFERENT)
                        return write_copy(gpt, copy);   /* never both: gpt_load believed one of them */
        return true;
}

static uint8_t *entry(const struct gpt *gpt, uint32_t number) {
        return gpt->table + (size_t)(number - 1) * gpt->entry_bytes;
}

bool gpt_partition(const struct gpt *gpt, uint32_t number, struct gpt_partition *partition) {
        if (number < 1 || number > gpt->entries)
                return false;
        const uint8_t *e = entry(gpt, number);
        partition->first_lba = get64(e + E_FIRST);
        partition->last_lba = get64(e + E_LAST);
        memcpy(partition->guid, e + E_UNIQUE, sizeof partition->guid);
        return partition->first_lba >= gpt->first_usable && partition->first_lba <= partition->last_lba &&
               partition->last_lba <= gpt->last_usable;
}

size_t gpt_slots(const struct gpt *gpt, struct slot slots[GPT_MAX_SLOTS]) {
        size_t count = 0;

        for (uint32_t number = 1; number <= gpt->entries && count < GPT_MAX_SLOTS; number++) {
                const uint8_t *e = entry(gpt, number);
                if (memcmp(e, boot_type, sizeof boot_type) == 0)
                        slots[count++] = (struct slot){
                                .number = number,
                                .priority = e[E_TRIES] & 15,
                                .tries = e[E_TRIES] >> 4,
                                .successful = e[E_SUCCESSFUL] & 1,
                        };
        }
        return count;
}

bool gpt_take_try(struct gpt *gpt, uint32_t number) {
        /* With only one good copy a power cut during the write could leave none. */
        if (number < 1 || number > gpt->entries || gpt->state[GPT_PRIMARY] != GPT_GOOD || gpt->state[GPT_BACKUP] != GPT_GOOD)
                return false;
        uint8_t *tries = entry(gpt, number) + E_TRIES;
        if (*tries >> 4 == 0)
                return false;
        *tries = (uint8_t)(*tries - 0x10);
        /* Backup first, and on stable storage before the primary is touched: at every moment one copy is whole. */
        return write_copy(gpt, GPT_BACKUP) && write_copy(gpt, GPT_PRIMARY);
}

#ifndef GPT_H
#define GPT_H

#include "bytes.h"
#include "select.h"

#define GPT_SECTOR_MIN 512u
#define GPT_SECTOR_MAX 4096u
#define GPT_TABLE_MAX (1u << 20)
#define GPT_MAX_SLOTS 128u      /* BOOT partitions past this many are not looked at */

/* The disk, as a port: block IO under EFI, memory in the tests. `bytes` is a multiple of the sector size. */
struct gpt_disk {
        void *context;
        uint32_t sector;
        uint64_t last_lba;
        bool (*read)(void *context, uint64_t lba, void *buffer, size_t bytes);
        bool (*write)(void *context, uint64_t lba, const void *buffer, size_t bytes);
        bool (*flush)(void *context);
};

enum gpt_copy { GPT_PRIMARY, GPT_BACKUP };

enum gpt_state {
        GPT_GOOD,       /* as it should be on disk */
        GPT_DAMAGED,    /* invalid, can be written anew */
        GPT_DIFFERENT,  /* the backup is valid but says something else than the primary */
        GPT_NO_PLACE,   /* no sound address to write it to */
};

/* One truth in memory, two places on disk. */
struct gpt {
        const struct gpt_disk *disk;
        uint8_t *table;                         /* GPT_TABLE_MAX bytes, the caller's */
        uint8_t *scratch;                       /* the same again */
        uint8_t header[GPT_SECTOR_MAX];         /* of the copy that is believed */
        uint64_t first_usable, last_usable;
        uint32_t entries, entry_bytes;
        enum gpt_state state[2];
        uint64_t lba[2], table_lba[2];
};

struct gpt_partition {
        uint8_t guid[16];                       /* unique partition GUID, as on disk */
        uint64_t first_lba, last_lba;
};

uint32_t gpt_crc32(const uint8_t *bytes, size_t count);

/* Reads both copies and decides which to believe. False: neither is valid. */
bool gpt_load(struct gpt *gpt);

/* Writes what is damaged or different. False: a write failed; the state says which copy. */
bool gpt_repair(struct gpt *gpt);

/* Lists the BOOT partitions, in table order. */
size_t gpt_slots(const struct gpt *gpt, struct slot slots[GPT_MAX_SLOTS]);

/* False: there is no such partition, or its bounds are unsound. */
bool gpt_partition(const struct gpt *gpt, uint32_t number, struct gpt_partition *partition);

/* Takes a try from a BOOT partition, on both copies on disk. False: it is not certain that it was written. */
bool gpt_take_try(struct gpt *gpt, uint32_t number);

#endif

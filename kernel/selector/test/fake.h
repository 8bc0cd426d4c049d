/* A disk in memory with a valid table on it, for the unit tests and the fuzzer. */
#ifndef FAKE_H
#define FAKE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gpt.h"

#define FAKE_BYTES (1u << 20)
#define BOOT_A 2u
#define BOOT_B 5u

struct fake {
        struct gpt_disk port;
        uint8_t *bytes;
        size_t size;
        int writes_left;        /* writes that still succeed; -1: all */
        int writes, flushes;
        char log[64];           /* b/p: write of backup or primary header, t: other write, f: flush */
        struct gpt gpt;
        uint8_t *table, *scratch;
};

static bool fake_range(struct fake *f, uint64_t lba, size_t bytes) {
        return bytes % f->port.sector == 0 && lba <= f->port.last_lba && bytes / f->port.sector <= f->port.last_lba + 1 - lba;
}

static bool fake_read(void *context, uint64_t lba, void *buffer, size_t bytes) {
        struct fake *f = context;
        if (!fake_range(f, lba, bytes))
                return false;
        memcpy(buffer, f->bytes + lba * f->port.sector, bytes);
        return true;
}

static void fake_log(struct fake *f, char c) {
        size_t n = strlen(f->log);
        if (n + 1 < sizeof f->log)
                f->log[n] = c;
}

static bool fake_write(void *context, uint64_t lba, const void *buffer, size_t bytes) {
        struct fake *f = context;
        if (f->writes_left == 0 || !fake_range(f, lba, bytes))
                return false;
        if (f->writes_left > 0)
                f->writes_left--;
        f->writes++;
        fake_log(f, lba == 1 ? 'p' : lba == f->gpt.lba[GPT_BACKUP] ? 'b' : 't');
        memcpy(f->bytes + lba * f->port.sector, buffer, bytes);
        return true;
}

static bool fake_flush(void *context) {
        struct fake *f = context;
        f->flushes++;
        fake_log(f, 'f');
        return true;
}

static uint64_t slot_bits(unsigned priority, unsigned tries, unsigned successful) {
        return (uint64_t)priority << 48 | (uint64_t)tries << 52 | (uint64_t)successful << 56;
}

static void fake_header(struct fake *f, uint64_t mine, uint64_t other, uint64_t table_lba, uint32_t entries, uint32_t entry_bytes,
                        uint64_t backup) {
        uint32_t sector = f->port.sector;
        size_t bytes = (size_t)entries * entry_bytes;
        uint64_t sectors = (bytes + sector - 1) / sector;
        uint8_t *h = f->bytes + mine * sector;
        memset(h, 0, sector);
        memcpy(h, "EFI PART", 8);
        put32(h + 8, 0x10000);
        put32(h + 12, 92);
        put64(h + 24, mine);
        put64(h + 32, other);
        put64(h + 40, 2 + sectors);
        put64(h + 48, backup - sectors - 1);
        memset(h + 56, 0xd1, 16);
        put64(h + 72, table_lba);
        put32(h + 80, entries);
        put32(h + 84, entry_bytes);
        put32(h + 88, gpt_crc32(f->bytes + table_lba * sector, bytes));
        put32(h + 16, gpt_crc32(h, 92));
}

/* BOOT partitions 2 and 5; `backup` is the LBA of the backup header, 0: the last one. */
static void fake_make(struct fake *f, uint32_t sector, uint32_t entries, uint32_t entry_bytes, uint64_t backup, uint64_t a, uint64_t b) {
        static const uint8_t boot[16] = "hack the planet!";
        size_t bytes = (size_t)entries * entry_bytes;
        uint64_t sectors = (bytes + sector - 1) / sector;

        f->port = (struct gpt_disk){
                .context = f,
                .sector = sector,
                .last_lba = f->size / sector - 1,
                .read = fake_read,
                .write = fake_write,
                .flush = fake_flush,
        };
        memset(f->bytes, 0, f->size);
        if (backup == 0)
                backup = f->port.last_lba;
        uint8_t *table = f->bytes + 2 * sector;
        for (uint32_t number = 1; number <= 5 && number <= entries; number++) {
                uint8_t *e = table + (size_t)(number - 1) * entry_bytes;
                bool is_boot = number == BOOT_A || number == BOOT_B;
                memset(e, 0x70 + (int)number, 32);
                if (is_boot)
                        memcpy(e, boot, 16);
                put64(e + 32, 2 + sectors + 2 * number);
                put64(e + 40, 2 + sectors + 2 * number + 1);
                put64(e + 48, number == BOOT_A ? a : number == BOOT_B ? b : 0);
        }
        memcpy(f->bytes + (backup - sectors) * sector, table, bytes);
        fake_header(f, 1, backup, 2, entries, entry_bytes, backup);
        fake_header(f, backup, 1, backup - sectors, entries, entry_bytes, backup);
}

static void fake_reset(struct fake *f) {
        memset(&f->gpt, 0xee, sizeof f->gpt);
        f->gpt.disk = &f->port;
        f->gpt.table = f->table;
        f->gpt.scratch = f->scratch;
        f->writes_left = -1;
        f->writes = f->flushes = 0;
        memset(f->log, 0, sizeof f->log);
}

static void fake_alloc(struct fake *f, size_t size) {
        f->size = size;
        f->bytes = malloc(f->size);
        if (!f->table) {        /* kept for the next disk */
                f->table = malloc(GPT_TABLE_MAX);
                f->scratch = malloc(GPT_TABLE_MAX);
        }
        if (!f->bytes || !f->table || !f->scratch)
                abort();
}

#endif

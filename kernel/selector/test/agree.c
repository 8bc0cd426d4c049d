/* The selector's answers for libs/gpt to be compared with: reads questions from standard input, writes the answers in the same order.
 *
 *   'S' count, then per slot: number, priority and tries as in attribute bits 48-55, successful (a byte each)
 *       -> the numbers in the order of trying, then how many qualify
 *   'D' sector size, number of sectors (32 bits each, little-endian), the bytes of the disk
 *       -> 0 if no copy of the table is valid; else 1, the number of BOOT partitions, their numbers in the order of trying (32 bits
 *          each), 1 if a try was taken from the first one, else 0, and the bytes of the disk after that
 *
 * Ends with 0 at the end of the input, with 2 if it is cut short. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gpt.h"
#include "select.h"

static uint8_t *disk_bytes;

static bool disk_read(void *context, uint64_t lba, void *buffer, size_t bytes) {
        const struct gpt_disk *disk = context;
        memcpy(buffer, disk_bytes + lba * disk->sector, bytes);
        return true;
}

static bool disk_write(void *context, uint64_t lba, const void *buffer, size_t bytes) {
        const struct gpt_disk *disk = context;
        memcpy(disk_bytes + lba * disk->sector, buffer, bytes);
        return true;
}

static bool disk_flush(void *context) {
        (void)context;
        return true;
}

static void take(void *to, size_t bytes) {
        if (fread(to, 1, bytes, stdin) != bytes)
                exit(2);
}

static uint32_t take32(void) {
        uint8_t bytes[4];
        take(bytes, sizeof bytes);
        return get32(bytes);
}

static void give32(uint32_t value) {
        uint8_t bytes[4];
        put32(bytes, value);
        fwrite(bytes, 1, sizeof bytes, stdout);
}

static void answer_slots(void) {
        struct slot slots[255];
        uint8_t count;

        take(&count, 1);
        for (int i = 0; i < count; i++) {
                uint8_t slot[3];
                take(slot, sizeof slot);
                slots[i] = (struct slot){ .number = slot[0], .priority = slot[1] & 15, .tries = slot[1] >> 4, .successful = slot[2] };
        }
        select_order(slots, count);
        int qualifying = 0;
        for (int i = 0; i < count; i++) {
                putchar((int)slots[i].number);
                qualifying += slots[i].qualifies;
        }
        putchar(qualifying);
}

static void answer_disk(void) {
        static uint8_t table[GPT_TABLE_MAX], scratch[GPT_TABLE_MAX];
        static struct gpt_disk disk = { .read = disk_read, .write = disk_write, .flush = disk_flush };
        static struct gpt gpt;
        struct slot slots[GPT_MAX_SLOTS];

        disk.context = &disk;
        disk.sector = take32();
        uint32_t sectors = take32();
        size_t bytes = (size_t)disk.sector * sectors;
        disk.last_lba = sectors - 1;
        disk_bytes = malloc(bytes);
        if (!disk_bytes)
                abort();
        take(disk_bytes, bytes);
        gpt = (struct gpt){ .disk = &disk, .table = table, .scratch = scratch };
        bool loaded = gpt_load(&gpt);
        putchar(loaded);
        if (loaded) {
                gpt_repair(&gpt);
                size_t count = gpt_slots(&gpt, slots);
                select_order(slots, count);
                putchar((int)count);
                for (size_t i = 0; i < count; i++)
                        give32(slots[i].number);
                putchar(count > 0 && gpt_take_try(&gpt, slots[0].number));
                fwrite(disk_bytes, 1, bytes, stdout);
        }
        free(disk_bytes);
}

int main(void) {
        for (int kind; (kind = getchar()) != EOF;)
                if (kind == 'S')
                        answer_slots();
                else
                        answer_disk();
        return 0;
}

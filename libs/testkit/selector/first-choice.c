/* Tells for each disk image the slots in the order in which the selector would try them: its own code, on the host. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gpt.h"

static bool disk_read(void *context, uint64_t lba, void *buffer, size_t bytes) {
        return pread(*(int *)context, buffer, bytes, (off_t)(lba * GPT_SECTOR_MIN)) == (ssize_t)bytes;
}

static bool no_write(void *context, uint64_t lba, const void *buffer, size_t bytes) {
        (void)context, (void)lba, (void)buffer, (void)bytes;
        return false;
}

static bool no_flush(void *context) {
        (void)context;
        return false;
}

int main(int argc, char **argv) {
        uint8_t *table = malloc(GPT_TABLE_MAX), *scratch = malloc(GPT_TABLE_MAX);
        for (int i = 1; i < argc; i++) {
                struct stat status;
                int file = open(argv[i], O_RDONLY);
                if (file < 0 || fstat(file, &status) != 0 || !table || !scratch) {
                        perror(argv[i]);
                        return 1;
                }
                struct gpt_disk disk = {
                        .context = &file,
                        .sector = GPT_SECTOR_MIN,
                        .last_lba = (uint64_t)status.st_size / GPT_SECTOR_MIN - 1,
                        .read = disk_read,
                        .write = no_write,
                        .flush = no_flush,
                };
                struct gpt gpt = { .disk = &disk, .table = table, .scratch = scratch };
                struct slot slots[GPT_MAX_SLOTS];
                size_t count = gpt_load(&gpt) ? gpt_slots(&gpt, slots) : 0;
                select_order(slots, count);
                for (size_t s = 0; s < count; s++)
                        printf("%s%u", s ? " " : "", slots[s].number);
                putchar('\n');
                close(file);
        }
        return 0;
}

#ifndef DISK_H
#define DISK_H

#include <efi.h>
#include "gpt.h"

#define DISK_PATH_MAX 1024u     /* longest device path of a partition that is accepted */

struct disk {
        struct gpt_disk port;
        EFI_BLOCK_IO_PROTOCOL *block;
        uint8_t *bounce;
        uint8_t path[DISK_PATH_MAX];    /* device path of the partition the selector came from */
        size_t hard_drive;              /* offset of its last node in there */
};

/* Opens the disk that holds a partition. Returns NULL or the reason why it cannot be used. */
const char *disk_open(struct disk *disk, EFI_HANDLE partition);

/* Is this the table through which the firmware found the partition that the selector came from? */
bool disk_matches(const struct disk *disk, const struct gpt *gpt);

bool disk_read(struct disk *disk, uint64_t lba, void *buffer, size_t bytes);

/* Writes the device path of a file in another partition of the disk into `path`. */
void disk_file_path(const struct disk *disk, uint32_t number, const struct gpt_partition *partition, const CHAR16 *name,
                    uint8_t path[DISK_PATH_MAX + 256]);

#endif

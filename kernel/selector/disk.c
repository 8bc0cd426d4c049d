/* Block IO on the one disk that the selector was loaded from. No other disk is ever opened: the disk is found by cutting the
 * partition node off the device path of the partition, and must match it exactly. */
#include "disk.h"
#include "firmware.h"

enum {
        CHUNK = 1 << 20,        /* some firmware drivers fail on larger transfers */
        NODE_BYTES = 2,         /* device path node: type, subtype, 16-bit length (UEFI 2.10, 10.3.1) */
        /* hard drive media device path (10.3.5.1) */
        HD_NUMBER = 4, HD_START = 8, HD_SECTORS = 16, HD_SIGNATURE = 24, HD_MBR_TYPE = 40, HD_SIGNATURE_TYPE = 41, HD_BYTES = 42,
};

static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static EFI_GUID device_path_guid = { 0x09576e91, 0x6d3f, 0x11d2, { 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };
static const uint8_t end_node[4] = { 0x7f, 0xff, 4, 0 };

/* Everything goes through one aligned buffer, so that callers need not know about IoAlign. */
static bool transfer(struct disk *disk, uint64_t lba, uint8_t *in, const uint8_t *out, size_t bytes) {
        EFI_BLOCK_IO_PROTOCOL *b = disk->block;
        uint32_t sector = disk->port.sector;

        if (bytes % sector != 0 || lba > disk->port.last_lba || bytes / sector > disk->port.last_lba - lba + 1)
                return false;
        while (bytes > 0) {
                size_t now = bytes < CHUNK ? bytes : CHUNK;
                EFI_STATUS status;
                if (in) {
                        status = b->ReadBlocks(b, b->Media->MediaId, lba, now, disk->bounce);
                        memcpy(in, disk->bounce, now);
                        in += now;
                } else {
                        memcpy(disk->bounce, out, now);
                        status = b->WriteBlocks(b, b->Media->MediaId, lba, now, disk->bounce);
                        out += now;
                }
                if (EFI_ERROR(status))
                        return false;
                lba += now / sector;
                bytes -= now;
        }
        return true;
}

bool disk_read(struct disk *disk, uint64_t lba, void *buffer, size_t bytes) { return transfer(disk, lba, buffer, NULL, bytes); }

static bool port_read(void *context, uint64_t lba, void *buffer, size_t bytes) { return transfer(context, lba, buffer, NULL, bytes); }

static bool port_write(void *context, uint64_t lba, const void *buffer, size_t bytes) {
        struct disk *disk = context;
        return !disk->block->Media->ReadOnly && transfer(disk, lba, NULL, buffer, bytes);
}

static bool port_flush(void *context) {
        struct disk *disk = context;
        return !EFI_ERROR(disk->block->FlushBlocks(disk->block));
}

const char *disk_open(struct disk *disk, EFI_HANDLE partition) {
        uint8_t whole[DISK_PATH_MAX], *node, *last = NULL;
        EFI_DEVICE_PATH *rest;
        EFI_HANDLE handle;
        size_t bytes = 0;

        if (!partition || EFI_ERROR(BS->HandleProtocol(partition, &device_path_guid, (void **)&node)))
                return "the partition it was loaded from has no device path";
        for (; node[0] != end_node[0]; node += get16(node + NODE_BYTES)) {
                size_t length = get16(node + NODE_BYTES);
                if (length < 4 || bytes + length + sizeof end_node > sizeof disk->path)
                        return "the device path of the partition it was loaded from is malformed";
                last = disk->path + bytes;
                memcpy(last, node, length);
                bytes += length;
        }
        if (!last || last[0] != MEDIA_DEVICE_PATH || last[1] != MEDIA_HARDDRIVE_DP || get16(last + NODE_BYTES) != HD_BYTES ||
            last[HD_SIGNATURE_TYPE] != SIGNATURE_TYPE_GUID)
                return "it was not loaded from a partition of a disk with a GUID partition table";
        disk->hard_drive = (size_t)(last - disk->path);

        memcpy(whole, disk->path, disk->hard_drive);
        memcpy(whole + disk->hard_drive, end_node, sizeof end_node);
        rest = (EFI_DEVICE_PATH *)whole;
        /* LocateDevicePath takes the closest match; only a complete one is the disk. */
        if (EFI_ERROR(BS->LocateDevicePath(&block_io_guid, &rest, &handle)) || memcmp(rest, end_node, sizeof end_node) != 0 ||
            EFI_ERROR(BS->HandleProtocol(handle, &block_io_guid, (void **)&disk->block)))
                return "the disk it was loaded from offers no block access";
        EFI_BLOCK_IO_MEDIA *media = disk->block->Media;
        if (media->LogicalPartition || !media->MediaPresent)
                return "the disk it was loaded from is not a disk with a medium";
        if (media->BlockSize < GPT_SECTOR_MIN || media->BlockSize > GPT_SECTOR_MAX || (media->BlockSize & (media->BlockSize - 1)) != 0 ||
            media->IoAlign > EFI_PAGE_SIZE)
                return "the disk it was loaded from has a sector size or alignment that is not supported";

        EFI_PHYSICAL_ADDRESS bounce;
        if (EFI_ERROR(BS->AllocatePages(AllocateAnyPages, EfiLoaderData, EFI_SIZE_TO_PAGES(CHUNK), &bounce)))
                return "memory ran out";
        disk->bounce = (uint8_t *)(UINTN)bounce;
        disk->port = (struct gpt_disk){
                .context = disk,
                .sector = media->BlockSize,
                .last_lba = media->LastBlock,
                .read = port_read,
                .write = port_write,
                .flush = port_flush,
        };
        return NULL;
}

bool disk_matches(const struct disk *disk, const struct gpt *gpt) {
        const uint8_t *node = disk->path + disk->hard_drive;
        struct gpt_partition p;
        return gpt_partition(gpt, get32(node + HD_NUMBER), &p) && p.first_lba == get64(node + HD_START) &&
               memcmp(p.guid, node + HD_SIGNATURE, sizeof p.guid) == 0;
}

void disk_file_path(const struct disk *disk, uint32_t number, const struct gpt_partition *partition, const CHAR16 *name,
                    uint8_t path[DISK_PATH_MAX + 256]) {
        uint8_t *node = path + disk->hard_drive;

        memcpy(path, disk->path, disk->hard_drive + HD_BYTES);
        put32(node + HD_NUMBER, number);
        put64(node + HD_START, partition->first_lba);
        put64(node + HD_SECTORS, partition->last_lba - partition->first_lba + 1);
        memcpy(node + HD_SIGNATURE, partition->guid, sizeof partition->guid);
        node += HD_BYTES;

        size_t length = 0;
        while (name[length++] != 0 && length < 100)
                ;
        node[0] = MEDIA_DEVICE_PATH;
        node[1] = MEDIA_FILEPATH_DP;
        put16(node + NODE_BYTES, (uint16_t)(4 + 2 * length));
        memcpy(node + 4, name, 2 * length);
        memcpy(node + 4 + 2 * length, end_node, sizeof end_node);
}

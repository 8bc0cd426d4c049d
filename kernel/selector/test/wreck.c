/* Test stand-in for BOOTX64.EFI: damages the partition table, then starts \selector.efi from the ESP. The firmware mends a damaged
 * copy itself before it loads anything, so damage done to the disk image beforehand would never reach the selector.
 * WRECK: 1 backup header, 2 primary header, 4 primary table, 8 backup table; or-ed. */
#include "console.h"
#include "disk.h"
#include "firmware.h"

static EFI_GUID loaded_image_guid = { 0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };
static struct disk disk;
static uint8_t table[GPT_TABLE_MAX], scratch[GPT_TABLE_MAX], path[DISK_PATH_MAX + 256];

static bool spoil(uint64_t lba) {
        static uint8_t sector[GPT_SECTOR_MAX];
        if (!disk_read(&disk, lba, sector, disk.port.sector))
                return false;
        sector[40] ^= 0x55;
        return disk.port.write(&disk, lba, sector, disk.port.sector) && disk.port.flush(&disk);
}

EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *system) {
        static struct gpt gpt = { .disk = &disk.port, .table = table, .scratch = scratch };
        EFI_LOADED_IMAGE_PROTOCOL *loaded;
        struct gpt_partition esp;
        EFI_HANDLE image = NULL;

        ST = system;
        if (EFI_ERROR(BS->HandleProtocol(self, &loaded_image_guid, (void **)&loaded)) || disk_open(&disk, loaded->DeviceHandle) ||
            !gpt_load(&gpt) || !gpt_partition(&gpt, 1, &esp))
                return EFI_LOAD_ERROR;
        if (((WRECK & 1) && !spoil(gpt.lba[GPT_BACKUP])) || ((WRECK & 2) && !spoil(gpt.lba[GPT_PRIMARY])) ||
            ((WRECK & 4) && !spoil(gpt.table_lba[GPT_PRIMARY])) || ((WRECK & 8) && !spoil(gpt.table_lba[GPT_BACKUP])))
                return EFI_DEVICE_ERROR;
        say_text("WRECKED\r\n");
        disk_file_path(&disk, 1, &esp, L"\\selector.efi", path);
        EFI_STATUS status = BS->LoadImage(FALSE, self, (EFI_DEVICE_PATH *)path, NULL, 0, &image);
        return EFI_ERROR(status) ? status : BS->StartImage(image, NULL, NULL);
}

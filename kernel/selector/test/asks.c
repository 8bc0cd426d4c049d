/* Test stand-in for BOOTX64.EFI: once, it writes the variable BallastParameters (ASKS) and with -DPROVEN says that they were proven, as
 * the software of a machine does; then it starts \selector.efi from the ESP. */
#include "console.h"
#include "disk.h"
#include "firmware.h"

static EFI_GUID loaded_image_guid = { 0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };
static EFI_GUID ballast_guid = { 0x9827a087, 0x6bb9, 0x4c6f, { 0x81, 0xe2, 0x7d, 0xd9, 0xee, 0x59, 0x6f, 0x0b } };
static struct disk disk;
static uint8_t table[GPT_TABLE_MAX], scratch[GPT_TABLE_MAX], path[DISK_PATH_MAX + 256];

EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);
EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *system) {
        static struct gpt gpt = { .disk = &disk.port, .table = table, .scratch = scratch };
        static char asked[] = ASKS, proven[] = "P" ASKS;
        EFI_LOADED_IMAGE_PROTOCOL *loaded;
        struct gpt_partition esp;
        EFI_HANDLE image = NULL;
        UINTN bytes = 0;

        ST = system;
        if (EFI_ERROR(BS->HandleProtocol(self, &loaded_image_guid, (void **)&loaded)) || disk_open(&disk, loaded->DeviceHandle) ||
            !gpt_load(&gpt) || !gpt_partition(&gpt, 1, &esp))
                return EFI_LOAD_ERROR;
        if (RT->GetVariable(L"BallastParameters", &ballast_guid, NULL, &bytes, NULL) == EFI_NOT_FOUND) {
                if (EFI_ERROR(RT->SetVariable(L"BallastParameters", &ballast_guid, 7, sizeof asked - 1, asked)))
                        return EFI_DEVICE_ERROR;
#ifdef PROVEN
                if (EFI_ERROR(RT->SetVariable(L"BallastParametersState", &ballast_guid, 7, sizeof proven - 1, proven)))
                        return EFI_DEVICE_ERROR;
#else
                (void)proven;
#endif
                say_text("ASKED\r\n");
        }
        disk_file_path(&disk, 1, &esp, L"\\selector.efi", path);
        EFI_STATUS status = BS->LoadImage(FALSE, self, (EFI_DEVICE_PATH *)path, NULL, 0, &image);
        return EFI_ERROR(status) ? status : BS->StartImage(image, NULL, NULL);
}

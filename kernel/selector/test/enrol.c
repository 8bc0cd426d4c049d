/* Test stand-in for BOOTX64.EFI: enrols the keys whose signed updates lie on the ESP, as a firmware's menu or an operating system would,
 * and reports what the firmware answers. */
#include "console.h"
#include "firmware.h"

static EFI_GUID loaded_image_guid = { 0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };
static EFI_GUID file_system_guid = { 0x964e5b22, 0x6459, 0x11d2, { 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };
static EFI_GUID global_guid = { 0x8be4df61, 0x93ca, 0x11d2, { 0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c } };
static EFI_GUID security_guid = { 0xd719b2cb, 0x3d3a, 0x4596, { 0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f } };
static uint8_t update[65536];

/* Non-volatile, boot and run time, time-based authenticated write; append. */
enum { ATTRIBUTES = 0x27, APPEND_WRITE = 0x40 };

static void enrol(EFI_FILE_PROTOCOL *root, const char *label, CHAR16 *path, CHAR16 *name, EFI_GUID *vendor, UINT32 attributes) {
        EFI_FILE_PROTOCOL *file;
        UINTN bytes = sizeof update;
        char text[STATUS_TEXT];

        EFI_STATUS status = root->Open(root, &file, path, EFI_FILE_MODE_READ, 0);
        if (!EFI_ERROR(status))
                status = file->Read(file, &bytes, update);
        if (!EFI_ERROR(status))
                status = RT->SetVariable(name, vendor, attributes, bytes, update);
        say_text("ENROL [");
        say_text(label);
        say_text(EFI_ERROR(status) ? ": refused: " : ": done");
        say_text(EFI_ERROR(status) ? status_text(status, text) : "");
        say_text("]\r\n");
}

EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *table);
EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *table) {
        EFI_LOADED_IMAGE_PROTOCOL *loaded;
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *files;
        EFI_FILE_PROTOCOL *root;

        ST = table;
        if (EFI_ERROR(BS->HandleProtocol(self, &loaded_image_guid, (void **)&loaded)) ||
            EFI_ERROR(BS->HandleProtocol(loaded->DeviceHandle, &file_system_guid, (void **)&files)) ||
            EFI_ERROR(files->OpenVolume(files, &root)))
                return EFI_LOAD_ERROR;
        enrol(root, "db", L"\\db.auth", L"db", &security_guid, ATTRIBUTES);
        enrol(root, "KEK", L"\\KEK.auth", L"KEK", &global_guid, ATTRIBUTES);
        enrol(root, "PK", L"\\PK.auth", L"PK", &global_guid, ATTRIBUTES);
        /* With PK the firmware checks who changes what. */
        enrol(root, "db of others", L"\\foreign\\db.auth", L"db", &security_guid, ATTRIBUTES);
        enrol(root, "dbx of others", L"\\foreign\\dbx.auth", L"dbx", &security_guid, ATTRIBUTES | APPEND_WRITE);
        enrol(root, "dbx", L"\\dbx.auth", L"dbx", &security_guid, ATTRIBUTES | APPEND_WRITE);
        enrol(root, "dbx again", L"\\dbx.auth", L"dbx", &security_guid, ATTRIBUTES | APPEND_WRITE);
        RT->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
        return EFI_SUCCESS;
}

/* Test image for a BOOT partition: reports on the console what it finds, then switches the machine off.
 * NAME is its name in the report; with -DCOMES_BACK it returns to the selector instead. */
#include "console.h"
#include "firmware.h"

static EFI_GUID loaded_image_guid = { 0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };
static EFI_GUID loader_guid = { 0x4a67b082, 0x0a4c, 0x41cf, { 0xb6, 0xc7, 0x44, 0x0b, 0x29, 0xbb, 0x8c, 0x4f } };
static EFI_GUID ballast_guid = { 0x9827a087, 0x6bb9, 0x4c6f, { 0x81, 0xe2, 0x7d, 0xd9, 0xee, 0x59, 0x6f, 0x0b } };

static void say_wide(const CHAR16 *text, UINTN bytes) {
        char c[2] = { 0, 0 };
        for (UINTN i = 0; i < bytes / 2 && text[i]; i++) {
                c[0] = (char)text[i];
                say_text(text[i] == '\n' ? text[i + 1] ? " | " : "" : c);     /* the report stays one line */
        }
}

static void say_variable(const char *label, CHAR16 *name, EFI_GUID *vendor) {
        CHAR16 value[1024];
        UINTN bytes = sizeof value;
        UINT32 attributes = 0;
        say_text(label);
        if (!EFI_ERROR(RT->GetVariable(name, vendor, &attributes, &bytes, value))) {
                say_wide(value, bytes);
                say_text("/");
                say_number(attributes);
        }
        say_text("]\r\n");
}

EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *table);
EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *table) {
        EFI_LOADED_IMAGE_PROTOCOL *loaded;
        ST = table;
        say_text("PAYLOAD [" NAME "]\r\n");
        if (!EFI_ERROR(BS->HandleProtocol(self, &loaded_image_guid, (void **)&loaded))) {
                say_text("OPTIONS [");
                say_wide(loaded->LoadOptions, loaded->LoadOptionsSize);
                say_text(loaded->DeviceHandle ? "]\r\nDEVICE [set]\r\n" : "]\r\nDEVICE [none]\r\n");
        }
        say_variable("INFO [", L"LoaderInfo", &loader_guid);
        say_variable("UUID [", L"LoaderDevicePartUUID", &loader_guid);
        say_variable("STUB [", L"StubInfo", &loader_guid);
        say_variable("TRIAL [", L"BallastTrial", &ballast_guid);
        say_variable("SKIPPED [", L"BallastSkipped", &ballast_guid);
        say_variable("PARAMETERS [", L"BallastParametersOutcome", &ballast_guid);
        say_variable("PROVING [", L"BallastParametersTrial", &ballast_guid);
        say_text("DONE\r\n");
#ifdef COMES_BACK
        return EFI_LOAD_ERROR;
#else
        RT->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
        return EFI_SUCCESS;
#endif
}

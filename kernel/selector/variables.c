/* The volatile variables that the started image finds. */
#include "firmware.h"
#include "variables.h"

/* systemd's, for what every boot loader says. */
static EFI_GUID loader_guid = { 0x4a67b082, 0x0a4c, 0x41cf, { 0xb6, 0xc7, 0x44, 0x0b, 0x29, 0xbb, 0x8c, 0x4f } };
/* Ballast's own. */
static EFI_GUID ballast_guid = { 0x9827a087, 0x6bb9, 0x4c6f, { 0x81, 0xe2, 0x7d, 0xd9, 0xee, 0x59, 0x6f, 0x0b } };

static CHAR16 trial_name[] = L"BallastTrial", skipped_name[] = L"BallastSkipped";
static CHAR16 reset_state_name[] = L"BallastResetState", reset_data_name[] = L"BallastResetData";

static bool delete(CHAR16 *name, EFI_GUID *vendor) {
        EFI_STATUS status = RT->SetVariable(name, vendor, 0, 0, NULL);
        return !EFI_ERROR(status) || status == EFI_NOT_FOUND;
}

static bool set(CHAR16 *name, EFI_GUID *vendor, const void *value, UINTN bytes) {
        const UINT32 volatile_runtime = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS;
        if (!EFI_ERROR(RT->SetVariable(name, vendor, volatile_runtime, bytes, (void *)value)))
                return true;
        /* A variable of that name with other attributes (left in flash by whoever) makes this fail: it has to go first. */
        delete(name, vendor);
        return !EFI_ERROR(RT->SetVariable(name, vendor, volatile_runtime, bytes, (void *)value));
}

bool variables_clear(void) {
        bool trial = delete(trial_name, &ballast_guid), skipped = delete(skipped_name, &ballast_guid);
        bool state = delete(reset_state_name, &ballast_guid), data = delete(reset_data_name, &ballast_guid);
        return trial && skipped && state && data;
}

bool variables_set_resets(struct resets resets) {
        static const CHAR16 yes[] = L"1";
        bool done = !resets.state || set(reset_state_name, &ballast_guid, yes, sizeof yes);
        return (!resets.data || set(reset_data_name, &ballast_guid, yes, sizeof yes)) && done;
}

bool variables_set(const uint8_t guid[16], bool trial, const struct skipped *skipped) {
        static const CHAR16 info[] = L"ballast-selector 3", yes[] = L"1";
        uint16_t uuid[GUID_TEXT];

        guid_text(guid, uuid);
        bool done = set(L"LoaderInfo", &loader_guid, info, sizeof info);
        done = set(L"LoaderDevicePartUUID", &loader_guid, uuid, sizeof uuid) && done;
        /* A slot before this one may have been started and come back: what it was told must not hold for this one. */
        done = (trial ? set(trial_name, &ballast_guid, yes, sizeof yes) : delete(trial_name, &ballast_guid)) && done;
        if (skipped->length > 0)
                done = set(skipped_name, &ballast_guid, skipped->text, (skipped->length + 1) * sizeof skipped->text[0]) && done;
        return done;
}

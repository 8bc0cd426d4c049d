/* Parameters are tried once. Before a set that is not proven is used, the firmware's memory must say that it was tried: a boot that does
 * not prove it (signpost does that after the mark) is followed by one without it.
 *
 *   BallastParameters       what is asked for; written by the machine's software, so it can be anything
 *   BallastParametersState  'T' or 'P', then the set that was tried or proven
 *
 * Both keep their value without power. For the started image, volatile: BallastParametersOutcome, and BallastParametersTrial where
 * this boot must prove the set. */
#include "firmware.h"
#include "parameters.h"
#include "pe.h"
#include "tryout.h"

static EFI_GUID ballast_guid = { 0x9827a087, 0x6bb9, 0x4c6f, { 0x81, 0xe2, 0x7d, 0xd9, 0xee, 0x59, 0x6f, 0x0b } };
static CHAR16 asked_name[] = L"BallastParameters", state_name[] = L"BallastParametersState";
static CHAR16 outcome_name[] = L"BallastParametersOutcome", trial_name[] = L"BallastParametersTrial";

enum {
        SEEN_BY_SYSTEM = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS,
        KEPT = SEEN_BY_SYSTEM | EFI_VARIABLE_NON_VOLATILE,
};

static bool delete(CHAR16 *name) {
        EFI_STATUS status = RT->SetVariable(name, &ballast_guid, 0, 0, NULL);
        return !EFI_ERROR(status) || status == EFI_NOT_FOUND;
}

static bool set(CHAR16 *name, UINT32 attributes, const void *value, UINTN bytes) {
        if (!EFI_ERROR(RT->SetVariable(name, &ballast_guid, attributes, bytes, (void *)value)))
                return true;
        /* One of that name with other attributes makes this fail: it has to go first. */
        delete(name);
        return !EFI_ERROR(RT->SetVariable(name, &ballast_guid, attributes, bytes, (void *)value));
}

bool tryout_clear(void) {
        bool outcome = delete(outcome_name), trial = delete(trial_name);
        return outcome && trial;
}

static const char *judge(EFI_LOADED_IMAGE_PROTOCOL *image) {
        /* One byte before the text, so that text and state are what is kept. */
        uint8_t noted[1 + PARAMETERS_MAX], state[1 + PARAMETERS_MAX], *text = noted + 1, *section;
        UINTN length = PARAMETERS_MAX, state_bytes = sizeof state;
        size_t section_bytes, place;

        EFI_STATUS status = RT->GetVariable(asked_name, &ballast_guid, NULL, &length, text);
        if (status == EFI_NOT_FOUND)
                return NULL;
        if (EFI_ERROR(status) || !parameters_allowed(text, length))
                return "forbidden";
        section = pe_writable_section(image->ImageBase, image->ImageSize, ".cmdline", &section_bytes);
        place = section ? parameters_place(section, section_bytes, length) : 0;
        if (place == 0)
                return "no-room";

        status = RT->GetVariable(state_name, &ballast_guid, NULL, &state_bytes, state);
        bool is_known = !EFI_ERROR(status) && state_bytes == length + 1 && memcmp(state + 1, text, length) == 0;
        bool is_proven = is_known && state[0] == 'P';
        if (is_known && !is_proven)
                return "failed";
        if (!is_proven) {
                /* Without the variable nothing would limit how long the boot may take to prove it. */
                noted[0] = 'T';
                if (!set(trial_name, SEEN_BY_SYSTEM, L"1", 4) || !set(state_name, KEPT, noted, length + 1))
                        return "not-noted";
        }
        memcpy(section + place, text, length);
        return is_proven ? "proven" : "trying";
}

const char *tryout_start(EFI_LOADED_IMAGE_PROTOCOL *image) {
        CHAR16 wide[16];
        size_t length = 0;

        /* A slot before this one may have been started and come back. */
        tryout_clear();
        const char *outcome = judge(image);
        if (!outcome)
                return NULL;
        if (outcome[0] != 't')
                delete(trial_name);
        while (outcome[length]) {
                wide[length] = (CHAR16)outcome[length];
                length++;
        }
        wide[length++] = 0;
        set(outcome_name, SEEN_BY_SYSTEM, wide, length * sizeof wide[0]);
        return outcome;
}

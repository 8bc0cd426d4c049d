/* Host tests of variables.c: SetVariable is played by a store of a few variables that follows UEFI 2.10, 8.2.3. */
#include <stdio.h>
#include <string.h>
#include "firmware.h"
#include "variables.h"

EFI_SYSTEM_TABLE *ST;

static struct variable {
        CHAR16 name[32];
        EFI_GUID vendor;
        UINT32 attributes;
        UINTN bytes;
        uint8_t value[4096];
} store[8];
static UINTN refuse_above = sizeof store[0].value;       /* bytes that the firmware still takes */

static size_t length16(const CHAR16 *text) {
        size_t n = 0;
        while (text[n])
                n++;
        return n;
}

static struct variable *find(const CHAR16 *name, const EFI_GUID *vendor) {
        for (size_t i = 0; i < sizeof store / sizeof store[0]; i++)
                if (store[i].bytes > 0 && memcmp(store[i].name, name, 2 * length16(name) + 2) == 0 &&
                    memcmp(&store[i].vendor, vendor, sizeof *vendor) == 0)
                        return &store[i];
        return NULL;
}

static EFI_STATUS EFIAPI fake_set(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes, UINTN bytes, void *value) {
        struct variable *v = find(name, vendor);
        if (bytes == 0 || attributes == 0) {
                if (!v)
                        return EFI_NOT_FOUND;
                v->bytes = 0;
                return EFI_SUCCESS;
        }
        if (v && v->attributes != attributes)
                return EFI_INVALID_PARAMETER;
        if (bytes > refuse_above)
                return EFI_OUT_OF_RESOURCES;
        for (size_t i = 0; !v && i < sizeof store / sizeof store[0]; i++)
                if (store[i].bytes == 0)
                        v = &store[i];
        if (!v)
                return EFI_OUT_OF_RESOURCES;
        memcpy(v->name, name, 2 * length16(name) + 2);
        v->vendor = *vendor;
        v->attributes = attributes;
        v->bytes = bytes;
        memcpy(v->value, value, bytes);
        return EFI_SUCCESS;
}

static int failures, checks;
#define CHECK(condition) check(condition, #condition, __LINE__)
static void check(bool ok, const char *what, int line) {
        checks++;
        failures += !ok;
        if (!ok)
                printf("variables.c:%d: check failed: %s\n", line, what);
}

static EFI_GUID loader = { 0x4a67b082, 0x0a4c, 0x41cf, { 0xb6, 0xc7, 0x44, 0x0b, 0x29, 0xbb, 0x8c, 0x4f } };
/* As Linux names it: 9827a087-6bb9-4c6f-81e2-7dd9ee596f0b. */
static EFI_GUID ballast = { 0x9827a087, 0x6bb9, 0x4c6f, { 0x81, 0xe2, 0x7d, 0xd9, 0xee, 0x59, 0x6f, 0x0b } };

static bool is(const CHAR16 *name, const EFI_GUID *vendor, const CHAR16 *value) {
        const struct variable *v = find(name, vendor);
        if (!value || !v)
                return !value && !v;
        return v->attributes == 6 && v->bytes == 2 * length16(value) + 2 && memcmp(v->value, value, v->bytes) == 0;
}

#define A_TEXT L"03020100-0504-0706-0809-0a0b0c0d0e0f"
#define B_TEXT L"f3f2f1f0-f5f4-f7f6-f8f9-fafbfcfdfeff"

int main(void) {
        static EFI_RUNTIME_SERVICES services = { .SetVariable = fake_set };
        static EFI_SYSTEM_TABLE table = { .RuntimeServices = &services };
        static struct skipped none, skipped;
        uint8_t a[16], b[16];
        ST = &table;
        for (uint8_t i = 0; i < 16; i++) {
                a[i] = i;
                b[i] = (uint8_t)(0xf0 + i);
        }

        CHECK(variables_clear());                                       /* nothing there is no fault */
        CHECK(variables_set(a, false, &none));
        CHECK(is(L"LoaderInfo", &loader, L"ballast-selector 3") && is(L"LoaderDevicePartUUID", &loader, A_TEXT));
        CHECK(is(L"BallastTrial", &ballast, NULL) && is(L"BallastSkipped", &ballast, NULL));

        /* B is started on trial and comes back; A, which is proven, must find no trial and learn of B. */
        CHECK(variables_set(b, true, &none));
        CHECK(is(L"BallastTrial", &ballast, L"1") && is(L"LoaderDevicePartUUID", &loader, B_TEXT));
        skipped_add(&skipped, b, "it came back: ", "firmware status 1");
        CHECK(variables_set(a, false, &skipped));
        CHECK(is(L"BallastTrial", &ballast, NULL));
        CHECK(is(L"BallastSkipped", &ballast, B_TEXT L" it came back: firmware status 1\n"));

        /* A second start in the same boot finds none of it. */
        CHECK(variables_set(b, true, &skipped));
        CHECK(variables_clear());
        CHECK(is(L"BallastTrial", &ballast, NULL) && is(L"BallastSkipped", &ballast, NULL));

        /* What is to be made anew is said once, whatever slot is started, and not in the next start. */
        CHECK(variables_set_resets((struct resets){ false, false }));
        CHECK(is(L"BallastResetState", &ballast, NULL) && is(L"BallastResetData", &ballast, NULL));
        CHECK(variables_set_resets((struct resets){ true, false }));
        CHECK(is(L"BallastResetState", &ballast, L"1") && is(L"BallastResetData", &ballast, NULL));
        CHECK(variables_set_resets((struct resets){ true, true }));
        CHECK(is(L"BallastResetState", &ballast, L"1") && is(L"BallastResetData", &ballast, L"1"));
        CHECK(variables_clear());
        CHECK(is(L"BallastResetState", &ballast, NULL) && is(L"BallastResetData", &ballast, NULL));

        /* Left in flash, with attributes that make an ordinary write fail. */
        fake_set(L"BallastTrial", &ballast, 7, 4, L"0");
        fake_set(L"LoaderInfo", &loader, 0, 0, NULL);
        fake_set(L"LoaderInfo", &loader, 7, 4, L"x");
        CHECK(variables_set(b, true, &none));
        CHECK(is(L"BallastTrial", &ballast, L"1") && is(L"LoaderInfo", &loader, L"ballast-selector 3"));
        fake_set(L"BallastTrial", &ballast, 0, 0, NULL);
        fake_set(L"BallastTrial", &ballast, 7, 4, L"0");
        CHECK(variables_clear() && is(L"BallastTrial", &ballast, NULL));

        /* One that is refused is said, and keeps none of the others back. */
        refuse_above = 100;
        memset(store, 0, sizeof store);
        for (int i = 0; i < 3; i++)
                skipped_add(&skipped, a, "it holds no PE image", "");
        CHECK(!variables_set(b, true, &skipped));
        CHECK(is(L"BallastTrial", &ballast, L"1") && is(L"LoaderDevicePartUUID", &loader, B_TEXT));
        printf("variables: %d checks, %d failed\n", checks, failures);
        return failures > 0;
}

/* Host tests of parameters.c against parameter-vectors.json, and of tryout.c against a firmware that is played: a store of variables and
 * an image in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "firmware.h"
#include "parameters.h"
#include "tryout.h"

struct vector {
        const char *text;
        size_t length;
        bool allowed;
};
#include "parameter-vectors.h"

EFI_SYSTEM_TABLE *ST;

static struct variable {
        CHAR16 name[32];
        UINT32 attributes;
        UINTN bytes;
        uint8_t value[2048];
} store[8];
static const CHAR16 *refused;           /* a name that cannot be written */

static size_t length16(const CHAR16 *text) {
        size_t n = 0;
        while (text[n])
                n++;
        return n;
}

static struct variable *find(const CHAR16 *name) {
        for (size_t i = 0; i < sizeof store / sizeof store[0]; i++)
                if (store[i].bytes > 0 && memcmp(store[i].name, name, 2 * length16(name) + 2) == 0)
                        return &store[i];
        return NULL;
}

static EFI_STATUS EFIAPI fake_set(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes, UINTN bytes, void *value) {
        struct variable *v = find(name);
        (void)vendor;
        if (bytes == 0 || attributes == 0) {
                if (v)
                        v->bytes = 0;
                return v ? EFI_SUCCESS : EFI_NOT_FOUND;
        }
        if (refused && memcmp(refused, name, 2 * length16(refused) + 2) == 0)
                return EFI_OUT_OF_RESOURCES;
        if (v && v->attributes != attributes)
                return EFI_INVALID_PARAMETER;
        for (size_t i = 0; !v && i < sizeof store / sizeof store[0]; i++)
                if (store[i].bytes == 0)
                        v = &store[i];
        if (!v)
                return EFI_OUT_OF_RESOURCES;
        memcpy(v->name, name, 2 * length16(name) + 2);
        v->attributes = attributes;
        v->bytes = bytes;
        memcpy(v->value, value, bytes);
        return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_get(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes, UINTN *bytes, void *value) {
        struct variable *v = find(name);
        (void)vendor;
        if (!v)
                return EFI_NOT_FOUND;
        UINTN room = *bytes;
        *bytes = v->bytes;
        if (v->bytes > room)
                return EFI_BUFFER_TOO_SMALL;
        memcpy(value, v->value, v->bytes);
        if (attributes)
                *attributes = v->attributes;
        return EFI_SUCCESS;
}

static int failures, checks;
#define CHECK(condition) check(condition, #condition, __LINE__)
static void check(bool ok, const char *what, int line) {
        checks++;
        failures += !ok;
        if (!ok)
                printf("tryout.c:%d: check failed: %s\n", line, what);
}

static void test_vectors(void) {
        for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
                const struct vector *v = &vectors[i];
                uint8_t *exact = malloc(v->length + !v->length);        /* AddressSanitizer sees any overrun */
                memcpy(exact, v->text, v->length);
                bool allowed = parameters_allowed(exact, v->length);
                CHECK(allowed == v->allowed);
                if (allowed != v->allowed)
                        printf("  %s\n", v->text);
                free(exact);
        }
}

static void test_place(void) {
        static const char good[] = "root=/dev/x ballast.parameters     ";
        const uint8_t *text = (const uint8_t *)good;
        size_t bytes = sizeof good - 1;
        CHECK(parameters_place(text, bytes, 4) == strlen("root=/dev/x ballast.parameters "));
        CHECK(parameters_place(text, bytes, 5) == 0);                   /* one of the five spaces stays */
        CHECK(parameters_place(text, bytes - 5, 0) == 0);
        CHECK(parameters_place(text, 5, 1) == 0 && parameters_place(text, 0, 0) == 0);
        CHECK(parameters_place((const uint8_t *)"a xballast.parameters   ", 24, 1) == 0);
        CHECK(parameters_place((const uint8_t *)"a ballast.parameters x   ", 25, 1) == 0);
        CHECK(parameters_place((const uint8_t *)"                    ", 20, 1) == 0);
}

/* An image in memory with one section, .cmdline, at the end. */
enum { HEADERS = 512, ROOM = 64 };
static const char fixed[] = "root=/dev/good ballast.parameters";
static uint8_t memory[HEADERS + sizeof fixed - 1 + ROOM];
static EFI_LOADED_IMAGE_PROTOCOL image = { .ImageBase = memory, .ImageSize = sizeof memory };

static void load(void) {
        uint8_t *section = memory + 0x40 + 24;
        memset(memory, 0, sizeof memory);
        memcpy(memory, "MZ", 2);
        put32(memory + 0x3c, 0x40);
        memcpy(memory + 0x40, "PE\0\0", 4);
        put16(memory + 0x46, 1);
        memcpy(section, ".cmdline", 8);
        put32(section + 8, sizeof memory - HEADERS);
        put32(section + 12, HEADERS);
        put32(section + 36, 0xc0000040);
        memset(memory + HEADERS, ' ', sizeof memory - HEADERS);
        memcpy(memory + HEADERS, fixed, sizeof fixed - 1);
}

/* The command line that systemd-stub sees: without the spaces at the end. */
static bool is_line(const char *expected) {
        size_t end = sizeof memory;
        while (end > HEADERS && memory[end - 1] == ' ')
                end--;
        return end - HEADERS == strlen(expected) && memcmp(memory + HEADERS, expected, strlen(expected)) == 0;
}

static bool is(const CHAR16 *name, UINT32 attributes, const char *value, size_t bytes) {
        const struct variable *v = find(name);
        return v && v->attributes == attributes && v->bytes == bytes && memcmp(v->value, value, bytes) == 0;
}

static void ask(const char *text) { fake_set(L"BallastParameters", NULL, 7, strlen(text), (void *)text); }

/* Whether a start ends in this outcome, said to the system too, and with this line. */
static bool starts(const char *outcome, const char *line) {
        load();
        const char *found = tryout_start(&image);
        if (!outcome)
                return !found && !find(L"BallastParametersOutcome") && !find(L"BallastParametersTrial") && is_line(line);
        char wide[64] = { 0 };
        for (size_t i = 0; outcome[i]; i++)
                wide[2 * i] = outcome[i];
        bool trial = strcmp(outcome, "trying") == 0;
        return found && strcmp(found, outcome) == 0 && is(L"BallastParametersOutcome", 6, wide, 2 * strlen(outcome) + 2) &&
               (find(L"BallastParametersTrial") != NULL) == trial && is_line(line);
}

#define WITH "root=/dev/good ballast.parameters hugepages=64 nosmt"

static void test_tryout(void) {
        char large[1500];
        memset(large, '1', sizeof large);
        CHECK(tryout_clear());                                          /* nothing there is no fault */
        CHECK(starts(NULL, fixed));

        ask("hugepages=64 nosmt");
        CHECK(starts("trying", WITH));
        CHECK(is(L"BallastParametersState", 7, "Thugepages=64 nosmt", 19));
        CHECK(starts("failed", fixed) && starts("failed", fixed));      /* for good, also in the next slot of the same boot */
        CHECK(tryout_clear() && !find(L"BallastParametersOutcome"));

        fake_set(L"BallastParametersState", NULL, 7, 19, "Phugepages=64 nosmt");
        CHECK(starts("proven", WITH) && starts("proven", WITH));
        ask("hugepages=64");                                            /* another set, though it begins like the proven one */
        CHECK(starts("trying", "root=/dev/good ballast.parameters hugepages=64"));
        ask("hugepages=64 nosmt");                                      /* and the former is no longer known */
        CHECK(starts("trying", WITH));
        ask("hugepages=65 nosmt");
        CHECK(starts("trying", "root=/dev/good ballast.parameters hugepages=65 nosmt"));

        /* A state that nobody of ours wrote is no proof. */
        fake_set(L"BallastParametersState", NULL, 7, 19, "phugepages=65 nosmt");
        CHECK(starts("failed", fixed));
        fake_set(L"BallastParametersState", NULL, 7, sizeof large, large);
        CHECK(starts("trying", "root=/dev/good ballast.parameters hugepages=65 nosmt"));

        ask("hugepages=64 init=/bin/sh");
        CHECK(starts("forbidden", fixed));
        memset(store, 0, sizeof store);
        fake_set(L"BallastParameters", NULL, 7, sizeof large, large);
        CHECK(starts("forbidden", fixed) && !find(L"BallastParametersState"));
}

/* What cannot be noted is not tried. */
static void test_refusals(void) {
        memset(store, 0, sizeof store);
        ask("nosmt");
        refused = L"BallastParametersState";
        CHECK(starts("not-noted", fixed));
        refused = L"BallastParametersTrial";
        CHECK(starts("not-noted", fixed) && !find(L"BallastParametersState"));
        refused = NULL;
        /* Volatile, left by whoever: replaced by one that is kept. */
        fake_set(L"BallastParametersState", NULL, 6, 6, "Pnosmx");
        CHECK(starts("trying", "root=/dev/good ballast.parameters nosmt") && is(L"BallastParametersState", 7, "Tnosmt", 6));
}

/* Images that are not made for it stay as they are, and the set counts as not tried. */
static void test_rooms(void) {
        memset(store, 0, sizeof store);
        ask("hugepages=1 irqaffinity=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20");
        CHECK(starts("no-room", fixed) && !find(L"BallastParametersState"));
        ask("nosmt");
        for (int fault = 0; fault < 6; fault++) {
                uint8_t before[sizeof memory];
                load();
                if (fault == 0)
                        put32(memory + 0x40 + 24 + 36, 0x40000040);     /* not marked writable */
                if (fault == 1)
                        put32(memory + 0x40 + 24 + 8, sizeof memory);   /* beyond the image */
                if (fault == 2)
                        put32(memory + 0x40 + 24 + 12, UINT32_MAX);
                if (fault == 3)
                        put16(memory + 0x46, 65535);
                if (fault == 4)
                        put32(memory + 0x3c, UINT32_MAX);
                if (fault == 5)
                        memory[HEADERS + 20] = 'x';                     /* another marker */
                memcpy(before, memory, sizeof memory);
                const char *outcome = tryout_start(&image);
                CHECK((outcome && strcmp(outcome, "no-room") == 0) && memcmp(before, memory, sizeof memory) == 0);
                CHECK(!find(L"BallastParametersState"));
        }
}

int main(void) {
        static EFI_RUNTIME_SERVICES services = { .SetVariable = fake_set, .GetVariable = fake_get };
        static EFI_SYSTEM_TABLE table = { .RuntimeServices = &services };
        ST = &table;
        test_vectors();
        test_place();
        test_tryout();
        test_refusals();
        test_rooms();
        printf("parameters: %d checks, %d failed\n", checks, failures);
        return failures > 0;
}

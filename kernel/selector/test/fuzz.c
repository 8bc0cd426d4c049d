/* Mutating fuzzer for the pure files: deterministic (usage: fuzz SEED ITERATIONS [IMAGE...]), seeded from valid structures, built with
 * AddressSanitizer and UBSan. Buffers are allocated to the exact size, so that one byte too far is seen. Checksums are mended after most
 * mutations, or nothing would get past them. Beyond "does not crash" each round checks what must hold for any input. */
#include "fake.h"
#include "parameters.h"
#include "pe.h"
#include "select.h"
#include "smbios.h"

static uint64_t state;

static uint64_t next(void) {    /* xorshift64* */
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return state * 0x2545f4914f6cdd1d;
}

static uint64_t below(uint64_t limit) { return next() % limit; }

static uint64_t iteration, seed;
static struct { uint64_t loaded, mended, taken, sound, blanked, allowed, placed; } reached;     /* how deep the rounds got */

#define HOLDS(condition) holds(condition, #condition, __LINE__)
static void holds(bool ok, const char *what, int line) {
        if (ok)
                return;
        fprintf(stderr, "fuzz.c:%d: does not hold: %s (seed %llu, iteration %llu)\n", line, what,
                (unsigned long long)seed, (unsigned long long)iteration);
        abort();
}

static void mutate(uint8_t *bytes, size_t count) {
        static const uint64_t odd[] = { 0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
                                        0x100000000, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX };
        if (count == 0)
                return;
        size_t at = below(count), width = (size_t)1 << below(4);
        switch (below(5)) {
        case 0:
                bytes[at] ^= (uint8_t)(1 << below(8));
                break;
        case 1:
                bytes[at] = (uint8_t)next();
                break;
        case 2:         /* an interesting number, little-endian, of 1 to 8 bytes */
        case 3: {
                uint64_t value = odd[below(sizeof odd / sizeof odd[0])] + (below(4) ? 0 : below(64));
                at -= at % width;
                for (size_t i = 0; i < width && at + i < count; i++)
                        bytes[at + i] = (uint8_t)(value >> 8 * i);
                break;
        }
        default: {      /* a piece copied over another */
                size_t from = below(count), length = below(32);
                for (size_t i = 0; i < length && at + i < count && from + i < count; i++)
                        bytes[at + i] = bytes[from + i];
        }
        }
}

/* ---- gpt: writes stay outside the partitions, a repair makes two good copies, a try is one try ---- */

static bool guarded_write(void *context, uint64_t lba, const void *buffer, size_t bytes) {
        struct fake *f = context;
        uint64_t end = lba + bytes / f->port.sector;
        HOLDS(lba >= 1 && end - 1 <= f->port.last_lba);
        HOLDS(end <= f->gpt.first_usable || lba > f->gpt.last_usable);
        return fake_write(context, lba, buffer, bytes);
}

static void reseal(struct fake *f, uint64_t lba) {
        uint32_t sector = f->port.sector;
        uint8_t *h = f->bytes + lba * sector;
        uint64_t table = get64(h + 72), bytes = (uint64_t)get32(h + 80) * get32(h + 84);
        if (table <= f->port.last_lba && bytes <= f->size - table * sector)
                put32(h + 88, gpt_crc32(f->bytes + table * sector, bytes));
        put32(h + 16, 0);
        put32(h + 16, gpt_crc32(h, get32(h + 12) <= sector ? get32(h + 12) : 92));
}

static uint8_t *exact_copy(const uint8_t *bytes, size_t count) {
        uint8_t *copy = malloc(count + !count);
        if (!copy)
                abort();
        memcpy(copy, bytes, count);
        return copy;
}

static void fuzz_gpt(struct fake *f) {
        static const uint32_t sectors[] = { 512, 512, 1024, 2048, 4096 };
        uint32_t sector = sectors[below(5)], entry_bytes = 128u << below(3), entries = 5 + (uint32_t)below(12);
        fake_alloc(f, 65536 + below(4) * 32768);
        uint64_t backup = below(3) ? 0 : f->size / sector - 1 - below(3);
        fake_make(f, sector, entries, entry_bytes, backup, next() & slot_bits(15, 15, 1), next() & slot_bits(15, 15, 1));
        f->port.write = guarded_write;
        fake_reset(f);
        if (backup == 0)
                backup = f->port.last_lba;
        size_t table_bytes = (size_t)entries * entry_bytes;

        for (uint64_t n = below(6); n > 0; n--) {
                uint64_t lba = below(2) ? 1 : backup;
                uint64_t backup_table = backup - (table_bytes + sector - 1) / sector;
                if (below(4))
                        mutate(f->bytes + lba * sector, 96);
                else
                        mutate(f->bytes + (below(2) ? 2 : backup_table) * sector, table_bytes);
        }
        if (below(8)) {
                reseal(f, 1);
                reseal(f, backup);
        }
        if (gpt_load(&f->gpt)) {
                reached.loaded++;
                struct slot slots[GPT_MAX_SLOTS];
                struct gpt_partition p;
                HOLDS(f->gpt.state[0] == GPT_GOOD || f->gpt.state[1] == GPT_GOOD);
                f->writes_left = below(3) ? -1 : (int)below(5);
                bool whole = f->gpt.state[0] == GPT_GOOD && f->gpt.state[1] == GPT_GOOD, mended = gpt_repair(&f->gpt);
                reached.mended += !whole && mended;
                bool placed = f->gpt.state[0] != GPT_NO_PLACE && f->gpt.state[1] != GPT_NO_PLACE;
                size_t count = gpt_slots(&f->gpt, slots);
                HOLDS(count <= GPT_MAX_SLOTS);
                select_order(slots, count);
                for (uint32_t number = 0; number <= f->gpt.entries + 1; number++)
                        if (gpt_partition(&f->gpt, number, &p))
                                HOLDS(p.first_lba > 1 && p.first_lba <= p.last_lba && p.last_lba < f->port.last_lba);
                bool taken = false;
                uint32_t number = count > 0 ? slots[0].number : 0;
                uint8_t tries = count > 0 ? slots[0].tries : 0;
                if (count > 0)
                        taken = gpt_take_try(&f->gpt, number);
                reached.taken += taken;
                HOLDS(!taken || (mended && placed && tries > 0));
                if (mended && placed) {
                        /* whatever happened to the last writes: a fresh look finds a table, and it says before or after */
                        f->writes_left = -1;
                        HOLDS(gpt_load(&f->gpt) && gpt_repair(&f->gpt) && gpt_load(&f->gpt));
                        HOLDS(f->gpt.state[0] == GPT_GOOD && f->gpt.state[1] == GPT_GOOD);
                        HOLDS(gpt_slots(&f->gpt, slots) == count);
                        for (size_t i = 0; i < count; i++)
                                if (slots[i].number == number)
                                        HOLDS(taken ? slots[i].tries == tries - 1 : slots[i].tries == tries || slots[i].tries == tries - 1);
                }
        } else
                HOLDS(f->writes == 0);
        free(f->bytes);
}

/* ---- select: the same order whatever the order in the table; qualified first ---- */

static void fuzz_select(void) {
        struct slot s[12], t[12];
        size_t count = below(13);
        for (size_t i = 0; i < count; i++)
                s[i] = t[i] = (struct slot){
                        .number = (uint32_t)i + 1,
                        .priority = (uint8_t)below(below(2) ? 16 : 4),
                        .tries = (uint8_t)below(below(2) ? 16 : 2),
                        .successful = below(2),
                };
        for (size_t i = count; i > 1; i--) {
                size_t j = below(i);
                struct slot swap = t[i - 1];
                t[i - 1] = t[j];
                t[j] = swap;
        }
        select_order(s, count);
        select_order(t, count);
        for (size_t i = 0; i < count; i++) {
                HOLDS(s[i].number == t[i].number);
                for (size_t j = 0; j < i; j++) {
                        bool same_kind = (s[i].tries > 0) == (s[j].tries > 0);
                        HOLDS(s[j].qualifies || !s[i].qualifies);
                        if (s[i].qualifies && s[i].tries > 0 && s[i].successful)
                                HOLDS(s[j].tries > 0);                          /* no spent slot before a rested one */
                        if (s[i].qualifies == s[j].qualifies && (same_kind || !s[i].qualifies))
                                HOLDS(s[j].priority >= s[i].priority);
                }
        }
}

/* ---- pe: the length is within the partition ---- */

static void fuzz_pe(const uint8_t *image, size_t image_bytes) {
        uint64_t length = 0;
        size_t count = below(8) ? image_bytes < 1536 ? image_bytes : 1536 : below(image_bytes + 1);
        uint8_t *bytes = exact_copy(image, count);
        for (uint64_t n = below(8); n > 0; n--)
                mutate(bytes, count < 512 ? count : 512);
        uint64_t partition = below(3) ? image_bytes : below(2) ? next() : below(image_bytes + 4096);
        if (pe_length(bytes, count, partition, &length) == NULL) {
                reached.sound++;
                HOLDS(length > 0 && length <= partition);
        }
        /* As if the firmware had loaded it: a section is found only within the image. */
        if (count >= 512 && below(2))
                memcpy(bytes + below(count - 8), ".cmdline", 8);
        size_t section_bytes = 0;
        uint8_t *section = pe_writable_section(bytes, count, ".cmdline", &section_bytes);
        HOLDS(!section || (section >= bytes && section_bytes <= count && (size_t)(section - bytes) <= count - section_bytes));
        free(bytes);
}

/* ---- parameters: what is allowed is words with single spaces, and nothing that the boot chain is made of ---- */

static void fuzz_parameters(void) {
        static const char *const words[] = { "hugepages=64", "nosmt", "irqaffinity=0,2-5", "systemd.log_level=debug", "mitigations=auto,nosmt",
                                             "hugepagesz=1G", "nvme_core.io_timeout=4294967295", "root=/dev/x", "init=/x", "--" };
        static const char *const never[] = { "root=", "init=", "dm-mod", "lockdown", "systemd.unit", "\"", "\n", "  ", " -- " };
        char text[PARAMETERS_MAX + 200];
        size_t length = 0;
        for (uint64_t n = 1 + below(4); n > 0; n--) {
                if (length > 0)
                        text[length++] = ' ';
                const char *word = words[below(below(4) ? 7 : 10)];
                memcpy(text + length, word, strlen(word));
                length += strlen(word);
        }
        for (uint64_t n = below(3); n > 0; n--)
                mutate((uint8_t *)text, length);
        uint8_t *exact = exact_copy((uint8_t *)text, length);
        text[length] = 0;
        if (parameters_allowed(exact, length)) {
                reached.allowed++;
                HOLDS(strlen(text) == length && text[0] != ' ' && text[length - 1] != ' ');
                for (size_t i = 0; i < length; i++)
                        HOLDS(text[i] >= ' ' && text[i] < 0x7f);
                for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
                        HOLDS(!strstr(text, never[i]));
        }
        free(exact);

        static const char line[] = "root=/dev/good ballast.parameters";
        size_t room = below(64), bytes = sizeof line - 1 + room;
        memset(text, ' ', bytes);
        memcpy(text, line, sizeof line - 1);
        if (below(3) == 0)
                mutate((uint8_t *)text, bytes);
        uint8_t *section = exact_copy((uint8_t *)text, bytes);
        size_t wanted = below(64), place = parameters_place(section, bytes, wanted);
        reached.placed += place > 0;
        HOLDS(place == 0 || (place <= bytes && wanted <= bytes - place && section[place - 1] == ' '));
        for (size_t i = place; place > 0 && i < bytes; i++)
                HOLDS(section[i] == ' ');
        free(section);
}

/* ---- smbios: nothing that a reader like systemd-stub would find is left ---- */

static bool stub_finds(const uint8_t *table, size_t bytes) {
        size_t at = 0;
        while (bytes - at >= 4 && table[at] != 127 && table[at + 1] <= bytes - at) {
                if (table[at] == 11) {
                        size_t text = at + 5;
                        while (text < bytes && table[text] != 0) {
                                if (bytes - text >= 16 && memcmp(table + text, "io.systemd.stub.", 16) == 0)
                                        return true;
                                while (text < bytes && table[text] != 0)
                                        text++;
                                text++;
                        }
                }
                size_t end = at + table[at + 1];
                while (bytes - end >= 2 && (table[end] != 0 || table[end + 1] != 0))
                        end++;
                if (bytes - end < 2)
                        return false;
                at = end + 2;
        }
        return false;
}

static void fuzz_smbios(void) {
        static const char *const strings[] = { "first", "io.systemd.stub.kernel-cmdline-extra=x", "io.systemd.stub",
                                               "io.systemd.stub.", "a", "io.io.systemd.stub.a", "io.systemd.stub.io.systemd.stub." };
        uint8_t table[1024];
        size_t at = 0;
        for (uint64_t n = below(6); n > 0 && at < 600; n--) {
                table[at] = below(2) ? 11 : (uint8_t)below(128);
                size_t length = below(4) ? 5 : 4 + below(12);
                table[at + 1] = (uint8_t)length;
                for (size_t i = 2; i < length; i++)
                        table[at + i] = below(3) ? 0 : (uint8_t)('a' + below(26));
                at += length;
                uint64_t k = below(4);
                if (k == 0)
                        table[at++] = 0;
                for (; k > 0 && at < 800; k--) {
                        const char *s = strings[below(7)];
                        memcpy(table + at, s, strlen(s) + 1);
                        at += strlen(s) + 1;
                }
                table[at++] = 0;
        }
        memcpy(table + at, "\x7f\x04\0\0\0\0", 6);
        at += below(8) ? 6 : 0;
        for (uint64_t n = below(4); n > 0; n--)
                mutate(table, at);
        uint8_t *bytes = exact_copy(table, at);
        size_t extent = smbios_extent(bytes, at);
        HOLDS(extent <= at);
        size_t found = smbios_blank(bytes, NULL, extent);
        reached.blanked += found > 0;
        HOLDS(found > 0 || !stub_finds(bytes, at));
        HOLDS(smbios_blank(bytes, bytes, extent) <= found);
        HOLDS(smbios_blank(bytes, NULL, extent) == 0);
        /* In a hostile table the 16 bytes can lie across a structure's header, so its layout may change; but what is installed ends at
         * the extent, and up to there the 16 bytes are nowhere. */
        HOLDS(!stub_finds(bytes, extent));
        free(bytes);
        uint8_t entry[SMBIOS_ENTRY_MAX];
        for (size_t i = 0; i < sizeof entry; i++)
                entry[i] = (uint8_t)next();
        memcpy(entry, below(2) ? "_SM3_" : "_SM_\0", 5);
        struct smbios_table t;
        HOLDS(smbios_entry_read(entry, &t));
        t.address = t.max_bytes = 1000;
        smbios_entry_move(entry, &t);
        t.address = 0;
        HOLDS(smbios_entry_read(entry, &t) && t.address == 1000 && t.max_bytes == 1000);
}

int main(int argc, char **argv) {
        static struct fake f;
        uint8_t *images[16];
        size_t sizes[16], count = 0;

        if (argc < 4) {
                fprintf(stderr, "usage: fuzz SEED ITERATIONS IMAGE...\n");
                return 2;
        }
        seed = strtoull(argv[1], NULL, 10);
        uint64_t iterations = strtoull(argv[2], NULL, 10);
        state = seed * 0x9e3779b97f4a7c15 + 1;
        for (int i = 3; i < argc && count < 16; i++) {
                FILE *file = fopen(argv[i], "rb");
                images[count] = malloc(PE_HEADERS_MAX);
                if (!file || !images[count] || (sizes[count] = fread(images[count], 1, PE_HEADERS_MAX, file)) == 0) {
                        fprintf(stderr, "fuzz: reading %s failed\n", argv[i]);
                        return 2;
                }
                fclose(file);
                count++;
        }
        for (iteration = 0; iteration < iterations; iteration++) {
                fuzz_gpt(&f);
                fuzz_select();
                size_t image = below(count);
                fuzz_pe(images[image], sizes[image]);
                fuzz_smbios();
                fuzz_parameters();
        }
        for (size_t i = 0; i < count; i++)
                free(images[i]);
        free(f.table);
        free(f.scratch);
        printf("%llu rounds of each of gpt, select, pe, smbios, parameters; seed %llu: nothing found\n",
               (unsigned long long)iterations, (unsigned long long)seed);
        printf("tables loaded %llu, mended %llu, tries taken %llu; images accepted %llu; SMBIOS tables blanked %llu; "
               "parameters allowed %llu, placed %llu\n",
               (unsigned long long)reached.loaded, (unsigned long long)reached.mended, (unsigned long long)reached.taken,
               (unsigned long long)reached.sound, (unsigned long long)reached.blanked,
               (unsigned long long)reached.allowed, (unsigned long long)reached.placed);
        return 0;
}

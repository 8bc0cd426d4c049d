/* Host unit tests of the pure files. */
#include "fake.h"
#include "pe.h"
#include "reset.h"
#include "select.h"
#include "skipped.h"
#include "smbios.h"

struct vector {
        const char *name;
        bool writable;
        size_t count;
        struct {
                struct slot slot;
                bool loadable;
        } slots[16];
        uint32_t order[16];
        size_t qualifying;
        uint32_t boots;
        size_t takes_count;
        uint32_t takes[16];
};
#include "vectors.h"

static int failures, checks;

#define CHECK(condition) check(condition, #condition, __FILE__, __LINE__)
static void check(bool ok, const char *what, const char *file, int line) {
        checks++;
        if (ok)
                return;
        failures++;
        printf("%s:%d: check failed: %s\n", file, line, what);
}

/* ---- select ---- */

static void test_vectors(void) {
        for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
                const struct vector *v = &vectors[i];
                struct slot slots[16];
                size_t qualifying = 0, takes = 0;
                uint32_t boots = 0;
                int before = failures;

                for (size_t s = 0; s < v->count; s++)
                        slots[s] = v->slots[s].slot;
                select_order(slots, v->count);
                for (size_t s = 0; s < v->count; s++) {
                        CHECK(slots[s].number == v->order[s]);
                        qualifying += slots[s].qualifies;
                        CHECK(slots[s].qualifies == (s < v->qualifying));
                }
                CHECK(qualifying == v->qualifying);
                for (size_t s = 0; s < v->count && boots == 0; s++) {   /* what try_slot in main.c does */
                        if (slots[s].tries > 0 && v->writable) {
                                CHECK(takes < v->takes_count && v->takes[takes] == slots[s].number);
                                takes++;
                        } else if (slots[s].tries > 0 && !slots[s].successful)
                                continue;
                        for (size_t t = 0; t < v->count; t++)
                                if (v->slots[t].slot.number == slots[s].number && v->slots[t].loadable)
                                        boots = slots[s].number;
                }
                CHECK(boots == v->boots);
                CHECK(takes == v->takes_count);
                if (failures > before)
                        printf("  in vector: %s\n", v->name);
        }
}

/* Every pair of slots, and a sample of sets of four: the order depends on the slots only, not on how the table lists them; and what the
 * rule promises of two slots holds. */
static void test_order_is_total(void) {
        for (unsigned a = 0; a < 512; a++)
                for (unsigned b = 0; b < 512; b++) {
                        struct slot x = { .number = 2, .priority = a & 15, .tries = a >> 4 & 15, .successful = a >> 8 };
                        struct slot y = { .number = 5, .priority = b & 15, .tries = b >> 4 & 15, .successful = b >> 8 };
                        struct slot xy[2] = { x, y }, yx[2] = { y, x };
                        select_order(xy, 2);
                        select_order(yx, 2);
                        CHECK(xy[0].number == yx[0].number && xy[1].number == yx[1].number);
                        const struct slot *f = &xy[0], *s = &xy[1];
                        CHECK(f->qualifies || !s->qualifies);
                        if (f->qualifies && s->qualifies && f->successful && s->successful)
                                CHECK(f->tries > 0 || s->tries == 0);
                        if (f->qualifies && s->qualifies && (f->tries > 0) == (s->tries > 0))
                                CHECK(f->priority >= s->priority);
                }
        uint32_t seed = 1;
        for (int n = 0; n < 200000; n++) {
                struct slot s[4], t[4];
                for (uint32_t i = 0; i < 4; i++) {
                        seed = seed * 1664525 + 1013904223;
                        s[i] = (struct slot){ .number = i + 1, .priority = seed >> 28 & 3, .tries = seed >> 24 & 1 };
                        s[i].successful = seed >> 20 & 1;
                        t[3 - i] = s[i];
                }
                select_order(s, 4);
                select_order(t, 4);
                for (int i = 0; i < 4; i++)
                        CHECK(s[i].number == t[i].number);
        }
}

/* On trial is a slot that is unproven while another one qualifies that is not behind us: a reset can end there, and only then. */
static void test_trial(void) {
        int trials = 0;
        for (unsigned a = 0; a < 512; a++)
                for (unsigned b = 0; b < 512; b++) {
                        struct slot s[2] = {
                                { .number = 2, .priority = a & 15, .tries = a >> 4 & 15, .successful = a >> 8 },
                                { .number = 5, .priority = b & 15, .tries = b >> 4 & 15, .successful = b >> 8 },
                        };
                        select_order(s, 2);
                        bool other = s[1].priority > 0 && (s[1].successful || s[1].tries > 0);
                        CHECK(select_is_trial(s, 2, 0) == (!s[0].successful && other));
                        CHECK(!select_is_trial(s, 2, 1));       /* the other one has failed in this boot */
                        CHECK(!select_is_trial(s, 1, 0));       /* there is no other one */
                        trials += select_is_trial(s, 2, 0);
                }
        CHECK(trials > 0);
        struct slot three[3] = { { .number = 2, .priority = 3, .tries = 1 }, { .number = 5, .priority = 2, .tries = 1 },
                                 { .number = 8, .priority = 1, .tries = 7, .successful = true } };
        select_order(three, 3);
        CHECK(select_is_trial(three, 3, 0) && select_is_trial(three, 3, 1) && !select_is_trial(three, 3, 2));
}

/* ---- reset ---- */

/* Bit 58 of STATE and DATA, wherever they are in the table, and no other bit and no other partition. */
static void test_resets(struct fake *f) {
        static const char state[16] = "\xbb\x08\x04\x44\x0b\xeb\x28\x43\xa6\xe5\xa2\x90\x38\xfa\xd7\x06", data[16] = "ttobeltdharmarks";
        const uint64_t due = 1ull << 58;

        for (int sector = 512; sector <= 4096; sector *= 8)
                for (unsigned n = 0; n < 64; n++) {
                        uint32_t last = n & 32 ? 128 : 5;
                        bool has_state = n & 1, has_data = n & 2;
                        fake_make(f, (uint32_t)sector, 128, 128, 0, slot_bits(1, 7, 1) | due, ~0ull);
                        fake_reset(f);
                        CHECK(gpt_load(&f->gpt));
                        uint8_t *e = f->gpt.table + 3 * 128, *o = f->gpt.table + (size_t)(last - 1) * 128;
                        if (has_state)
                                memcpy(e, state, 16);
                        if (has_data)
                                memcpy(o, data, 16);
                        put64(e + 48, n & 4 ? due | 1ull << 57 : ~due);
                        put64(o + 48, n & 8 ? due : n & 16 ? ~due : 0);
                        struct resets resets = reset_due(&f->gpt);
                        CHECK(resets.state == (has_state && n & 4));
                        CHECK(resets.data == (has_data && n & 8));
                }
}

/* ---- skipped ---- */

static bool same_text(const uint16_t *text, const char *expected) {
        while (*expected && *text == (uint8_t)*expected) {
                text++;
                expected++;
        }
        return *text == 0 && *expected == 0;
}

static void test_skipped(void) {
        struct skipped *s = calloc(1, sizeof *s);       /* of its own: AddressSanitizer sees any overrun */
        uint8_t guid[16];
        char longest[SKIPPED_MAX + 1];
        if (!s)
                abort();
        for (uint8_t i = 0; i < 16; i++)
                guid[i] = (uint8_t)(0xa0 + i);
        skipped_add(s, guid, "it holds no PE image", "");
        CHECK(same_text(s->text, "a3a2a1a0-a5a4-a7a6-a8a9-aaabacadaeaf it holds no PE image\n"));
        skipped_add(s, guid, "x: ", "y");
        CHECK(same_text(s->text, "a3a2a1a0-a5a4-a7a6-a8a9-aaabacadaeaf it holds no PE image\n"
                                 "a3a2a1a0-a5a4-a7a6-a8a9-aaabacadaeaf x: y\n"));
        size_t before = s->length;
        /* Reasons of every length: what fits is added to the last character, what does not changes nothing. */
        for (size_t length = 0; length < sizeof longest; length++) {
                memset(longest, 'z', length);
                longest[length] = 0;
                s->length = before;
                s->text[before] = 0;
                skipped_add(s, guid, longest, "");
                bool fits = before + 36 + 1 + length + 1 + 1 <= SKIPPED_MAX;
                CHECK(s->length == (fits ? before + 36 + 1 + length + 1 : before));
                CHECK(s->text[s->length] == 0 && s->text[s->length - 1] == '\n');
        }
        free(s);
}

/* ---- gpt ---- */

static void load(struct fake *f) {
        fake_reset(f);
        CHECK(gpt_load(&f->gpt));
}

static void expect_bits(struct fake *f, uint64_t a, uint64_t b) {
        load(f);
        CHECK(f->gpt.state[GPT_PRIMARY] == GPT_GOOD && f->gpt.state[GPT_BACKUP] == GPT_GOOD);
        CHECK((get64(f->gpt.table + (size_t)(BOOT_A - 1) * f->gpt.entry_bytes + 48)) == a);
        CHECK((get64(f->gpt.table + (size_t)(BOOT_B - 1) * f->gpt.entry_bytes + 48)) == b);
}

static uint64_t other_bits(void) { return 1ull << 63 | 7 | 1ull << 47; }    /* attributes that are not ours must survive */

static void test_gpt_normal(struct fake *f) {
        const struct { uint32_t sector, entries, entry_bytes; uint64_t backup; } shapes[] = {
                { 512, 128, 128, 0 }, { 4096, 128, 128, 0 }, { 512, 128, 128, 1000 }, { 4096, 128, 128, 200 }, { 512, 5, 256, 0 },
                { 512, 7, 128, 0 }, { 1024, 13, 512, 0 }, { 2048, 64, 128, 0 }, { 4096, 16, 8192, 0 }, { 4096, 5, 128, 0 },
        };
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
                struct slot slots[GPT_MAX_SLOTS];
                fake_make(f, shapes[i].sector, shapes[i].entries, shapes[i].entry_bytes, shapes[i].backup,
                          slot_bits(1, 7, 1) | other_bits(), slot_bits(2, 2, 0));
                load(f);
                CHECK(f->gpt.state[GPT_PRIMARY] == GPT_GOOD && f->gpt.state[GPT_BACKUP] == GPT_GOOD);
                CHECK(gpt_repair(&f->gpt) && f->writes == 0);
                CHECK(gpt_slots(&f->gpt, slots) == 2);
                CHECK(slots[0].number == BOOT_A && slots[0].priority == 1 && slots[0].tries == 7 && slots[0].successful);
                CHECK(slots[1].number == BOOT_B && slots[1].priority == 2 && slots[1].tries == 2 && !slots[1].successful);
                CHECK(gpt_take_try(&f->gpt, BOOT_B));
                CHECK(strcmp(f->log, "tbftpf") == 0);   /* backup, flush, primary, flush; table before header */
                CHECK(gpt_take_try(&f->gpt, BOOT_A));
                expect_bits(f, slot_bits(1, 6, 1) | other_bits(), slot_bits(2, 1, 0));
                CHECK(gpt_take_try(&f->gpt, BOOT_B));
                CHECK(!gpt_take_try(&f->gpt, BOOT_B));  /* none left: the bits do not wrap */
                CHECK(!gpt_take_try(&f->gpt, 0) && !gpt_take_try(&f->gpt, shapes[i].entries + 1));
                expect_bits(f, slot_bits(1, 6, 1) | other_bits(), slot_bits(2, 0, 0));
        }
}

/* Any one byte of either copy is changed: the other copy mends it, bit for bit. */
static void test_gpt_repair(struct fake *f) {
        uint8_t *whole = malloc(FAKE_BYTES);
        for (int sector = 512; sector <= 4096; sector *= 8)
                for (int grown = 0; grown <= 1; grown++) {
                        uint64_t backup = grown ? 100 : 0;
                        fake_make(f, (uint32_t)sector, 128, 128, backup, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
                        uint64_t header[2] = { 1, backup ? backup : f->port.last_lba };
                        uint64_t table[2] = { 2, header[1] - 16384 / (unsigned)sector };
                        memcpy(whole, f->bytes, FAKE_BYTES);
                        for (int copy = 0; copy < 2; copy++)
                                for (size_t at = 0; at < 92 + 16384; at += at < 92 ? 1 : 37) {
                                        uint64_t lba = at < 92 ? header[copy] : table[copy];
                                        f->bytes[lba * (unsigned)sector + (at < 92 ? at : at - 92)] ^= 0x40;
                                        fake_reset(f);
                                        bool found = gpt_load(&f->gpt);
                                        /* A primary header that is damaged in the field that says where the backup is, on a grown
                                         * disk, hides the backup: the table is given up, and nothing is written. */
                                        if (!found && grown && copy == 0 && at >= 32 && at < 40) {
                                                CHECK(f->writes == 0);
                                                memcpy(f->bytes, whole, FAKE_BYTES);
                                                continue;
                                        }
                                        CHECK(found && f->gpt.state[copy] == GPT_DAMAGED && f->gpt.state[!copy] == GPT_GOOD);
                                        CHECK(!gpt_take_try(&f->gpt, BOOT_A) && f->writes == 0);
                                        CHECK(gpt_repair(&f->gpt));
                                        CHECK(memcmp(f->bytes, whole, FAKE_BYTES) == 0);
                                        memcpy(f->bytes, whole, FAKE_BYTES);
                                }
                        /* both damaged: refused, nothing written */
                        f->bytes[header[0] * (unsigned)sector + 20] ^= 1;
                        f->bytes[table[1] * (unsigned)sector] ^= 1;
                        fake_reset(f);
                        CHECK(!gpt_load(&f->gpt) && f->writes == 0);
                }
        free(whole);
}

/* The power fails after each write in turn, and the write in which it fails is torn at half: at the next start one of the two states
 * holds and both copies say the same again; and if anything was lost, it is at most the one try. */
static void test_power_cuts(struct fake *f) {
        for (int cut = 0; cut <= 4; cut++)
                for (int torn = 0; torn <= 1; torn++) {
                        fake_make(f, 512, 128, 128, 0, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
                        load(f);
                        f->writes_left = cut;
                        uint8_t before[512];
                        memcpy(before, f->bytes + 512, 512);
                        CHECK(gpt_take_try(&f->gpt, BOOT_B) == (cut == 4));
                        /* the sector that would have been next keeps half of the old bytes */
                        if (torn && cut == 0)
                                memset(f->bytes + (f->port.last_lba - 32) * 512 + 64, 0xa5, 256);
                        if (torn && cut == 1)
                                memset(f->bytes + f->port.last_lba * 512 + 16, 0xa5, 8);
                        if (torn && cut == 2)
                                memset(f->bytes + 2 * 512 + 64, 0xa5, 256);
                        if (torn && cut == 3)
                                memset(f->bytes + 512 + 16, 0xa5, 8);
                        load(f);
                        CHECK(gpt_repair(&f->gpt));
                        CHECK(f->gpt.state[GPT_PRIMARY] == GPT_GOOD && f->gpt.state[GPT_BACKUP] == GPT_GOOD);
                        struct slot slots[GPT_MAX_SLOTS];
                        CHECK(gpt_slots(&f->gpt, slots) == 2);
                        bool taken = cut >= 3 || (cut == 2 && torn);
                        expect_bits(f, slot_bits(1, 7, 1), slot_bits(2, taken ? 1 : 2, 0));
                }
        /* A failed write of one copy never leads to a write of the other, and no further try is taken. */
        fake_make(f, 512, 128, 128, 0, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
        load(f);
        f->writes_left = 1;
        CHECK(!gpt_take_try(&f->gpt, BOOT_B));
        f->writes_left = -1;
        CHECK(!gpt_take_try(&f->gpt, BOOT_A));
        CHECK(strcmp(f->log, "t") == 0);
}

static void reseal(struct fake *f, uint64_t lba) {
        uint8_t *h = f->bytes + lba * f->port.sector;
        put32(h + 16, 0);
        put32(h + 16, gpt_crc32(h, get32(h + 12) <= f->port.sector ? get32(h + 12) : 92));
}

/* Headers with a good checksum and bad contents, in both copies: refused. */
static void test_hostile_headers(struct fake *f) {
        const struct { size_t at; int bytes; uint64_t value; } bad[] = {
                { 8, 4, 0x20000 }, { 12, 4, 91 }, { 12, 4, 513 }, { 24, 8, 2 },
                { 40, 8, 0 }, { 40, 8, 1 }, { 40, 8, UINT64_MAX }, { 48, 8, UINT64_MAX }, { 48, 8, 1 },
                { 48, 8, FAKE_BYTES / 512 - 1 }, { 72, 8, 0 }, { 72, 8, 1 }, { 72, 8, UINT64_MAX }, { 72, 8, 900 },
                { 80, 4, 0 }, { 80, 4, 8193 }, { 80, 4, UINT32_MAX }, { 84, 4, 0 },
                { 84, 4, 64 }, { 84, 4, 192 }, { 84, 4, 1u << 31 }, { 84, 4, UINT32_MAX }, { 84, 4, 8192 },
        };
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
                fake_make(f, 512, 128, 128, 0, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
                for (int copy = 0; copy < 2; copy++) {
                        uint64_t lba = copy ? f->port.last_lba : 1;
                        uint8_t *h = f->bytes + lba * 512 + bad[i].at;
                        if (bad[i].bytes == 8)
                                put64(h, bad[i].value);
                        else
                                put32(h, (uint32_t)bad[i].value);
                        reseal(f, lba);
                }
                fake_reset(f);
                CHECK(!gpt_load(&f->gpt));
                if (failures)
                        printf("  hostile header %zu\n", i);
        }

        /* The primary places the backup inside the partitions or past the end: it is never written there. */
        const uint64_t places[] = { 0, 2, 34, 100, FAKE_BYTES / 512, UINT64_MAX, FAKE_BYTES / 512 - 33 };
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
                fake_make(f, 512, 128, 128, 0, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
                put64(f->bytes + 512 + 32, places[i]);
                reseal(f, 1);
                load(f);
                CHECK(f->gpt.state[GPT_BACKUP] == GPT_NO_PLACE);
                CHECK(gpt_repair(&f->gpt) && !gpt_take_try(&f->gpt, BOOT_A) && f->writes == 0);
        }

        /* First usable sector inside the primary table: the primary is invalid, and there is no room to write it anew. */
        fake_make(f, 512, 128, 128, 0, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
        for (int copy = 0; copy < 2; copy++) {
                uint64_t lba = copy ? f->port.last_lba : 1;
                put64(f->bytes + lba * 512 + 40, 33);
                reseal(f, lba);
        }
        load(f);
        CHECK(f->gpt.state[GPT_BACKUP] == GPT_GOOD && f->gpt.state[GPT_PRIMARY] == GPT_NO_PLACE);
        CHECK(gpt_repair(&f->gpt) && !gpt_take_try(&f->gpt, BOOT_A) && f->writes == 0);

        /* Partition bounds. */
        struct gpt_partition p;
        const uint64_t bounds[][2] = { { 0, 50 }, { 33, 50 }, { 50, 49 },
                                       { 50, FAKE_BYTES / 512 - 33 }, { 50, UINT64_MAX }, { UINT64_MAX, UINT64_MAX } };
        for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
                fake_make(f, 512, 128, 128, 0, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
                load(f);
                CHECK(gpt_partition(&f->gpt, BOOT_A, &p));
                put64(f->gpt.table + 128 + 32, bounds[i][0]);
                put64(f->gpt.table + 128 + 40, bounds[i][1]);
                CHECK(!gpt_partition(&f->gpt, BOOT_A, &p));
        }
        CHECK(!gpt_partition(&f->gpt, 0, &p) && !gpt_partition(&f->gpt, 129, &p));
}

/* Tables that are sound in themselves, checksums and all, but not to be used. */
static void test_hostile_tables(struct fake *f) {
        struct fake big = { 0 };
        fake_alloc(&big, 8u << 20);
        fake_make(&big, 512, 16384, 128, 0, slot_bits(1, 7, 1), 0);     /* 2 MiB */
        fake_reset(&big);
        CHECK(!gpt_load(&big.gpt));
        fake_make(&big, 512, 8192, 128, 0, slot_bits(1, 7, 1), 0);      /* 1 MiB: just allowed */
        load(&big);
        CHECK(big.gpt.state[GPT_BACKUP] == GPT_GOOD && gpt_take_try(&big.gpt, BOOT_A));
        free(big.bytes);
        free(big.table);
        free(big.scratch);

        fake_make(f, 512, 8, 192, 0, slot_bits(1, 7, 1), 0);            /* no power of two */
        fake_reset(f);
        CHECK(!gpt_load(&f->gpt));
}

static void test_backup_headers(struct fake *f) {
        fake_make(f, 512, 128, 128, 0, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
        uint64_t last = f->port.last_lba;

        /* a backup that names another primary is not believed */
        put64(f->bytes + last * 512 + 32, 7);
        reseal(f, last);
        load(f);
        CHECK(f->gpt.state[GPT_PRIMARY] == GPT_GOOD && f->gpt.state[GPT_BACKUP] == GPT_DAMAGED);
        f->bytes[512] ^= 1;
        fake_reset(f);
        CHECK(!gpt_load(&f->gpt));

        /* a valid but smaller backup right before its header: ours would not fit there, so it moves */
        fake_make(f, 512, 128, 128, 0, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
        fake_header(f, last, 1, last - 1, 4, 128, last);
        put64(f->bytes + last * 512 + 48, last - 33);
        reseal(f, last);
        load(f);
        CHECK(f->gpt.state[GPT_BACKUP] == GPT_DIFFERENT && f->gpt.table_lba[GPT_BACKUP] == last - 32);
        CHECK(gpt_repair(&f->gpt));
        expect_bits(f, slot_bits(1, 7, 1), slot_bits(2, 2, 0));

        /* a backup that places its table elsewhere, with room to spare, is left as it is */
        fake_make(f, 512, 16, 128, 0, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
        for (int copy = 0; copy < 2; copy++) {
                put64(f->bytes + (copy ? last : 1) * 512 + 48, last - 40);
                if (copy) {
                        memcpy(f->bytes + (last - 30) * 512, f->bytes + 2 * 512, 16 * 128);
                        put64(f->bytes + last * 512 + 72, last - 30);
                }
                reseal(f, copy ? last : 1);
        }
        load(f);
        CHECK(f->gpt.state[GPT_BACKUP] == GPT_GOOD && f->gpt.table_lba[GPT_BACKUP] == last - 30);
        CHECK(gpt_take_try(&f->gpt, BOOT_B));
        expect_bits(f, slot_bits(1, 7, 1), slot_bits(2, 1, 0));
}

static void test_interrupted(struct fake *f) {
        fake_make(f, 512, 128, 128, 0, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
        uint64_t table = f->port.last_lba - 32;
        put64(f->bytes + table * 512 + 4 * 128 + 48, slot_bits(2, 1, 0));
        fake_header(f, f->port.last_lba, 1, table, 128, 128, f->port.last_lba);
        load(f);
        CHECK(f->gpt.state[GPT_BACKUP] == GPT_DIFFERENT);
        CHECK(!gpt_take_try(&f->gpt, BOOT_A) && f->writes == 0);
        CHECK(gpt_repair(&f->gpt));
        expect_bits(f, slot_bits(1, 7, 1), slot_bits(2, 2, 0));
}

/* ---- pe ---- */

static size_t read_file(const char *path, uint8_t **bytes) {
        FILE *file = fopen(path, "rb");
        if (!file)
                return 0;
        fseek(file, 0, SEEK_END);
        size_t size = (size_t)ftell(file);
        rewind(file);
        *bytes = malloc(size + 1);
        size = fread(*bytes, 1, size, file);
        fclose(file);
        return size;
}

/* A real image: its length is the length of its file, wherever the partition ends; and no shorter partition will do. */
static void test_real_image(const char *path) {
        uint8_t *bytes;
        uint64_t length = 0;
        size_t size = read_file(path, &bytes);
        CHECK(size > 0);
        if (size == 0)
                return;
        size_t head = size < PE_HEADERS_MAX ? size : PE_HEADERS_MAX;
        const char *why = pe_length(bytes, head, size, &length);
        CHECK(why == NULL && length == size);
        CHECK(pe_length(bytes, head, size + 4096, &length) == NULL && length == size);
        CHECK(pe_length(bytes, head, size - 1, &length) != NULL);
        if (failures)
                printf("  image %s: %s, length %llu of %zu\n", path, why ? why : "no error", (unsigned long long)length, size);
        for (size_t cut = 0; cut < head; cut += 1 + cut / 64) {        /* exact allocations: AddressSanitizer sees any overrun */
                uint8_t *exact = malloc(cut + !cut);
                memcpy(exact, bytes, cut);
                pe_length(exact, cut, cut, &length);
                pe_length(exact, cut, size, &length);
                free(exact);
        }
        free(bytes);
}

static void test_pe(void) {
        uint8_t head[1024] = { 'M', 'Z' };
        uint64_t length = 0;
        put32(head + 0x3c, 0x80);
        memcpy(head + 0x80, "PE\0\0", 4);
        put16(head + 0x84, 0x8664);
        put16(head + 0x86, 1);
        put16(head + 0x94, 240);
        uint8_t *opt = head + 0x98, *section = opt + 240;
        put16(opt, 0x20b);
        put32(opt + 60, 1024);
        put16(opt + 68, 10);
        put32(opt + 108, 16);
        put32(section + 16, 512);
        put32(section + 20, 1024);
        CHECK(pe_length(head, sizeof head, 1 << 20, &length) == NULL && length == 1536);
        put32(opt + 144, 1536);
        put32(opt + 148, 1000);
        CHECK(pe_length(head, sizeof head, 1 << 20, &length) == NULL && length == 2536);
        CHECK(pe_length(head, sizeof head, 2536, &length) == NULL);
        CHECK(pe_length(head, sizeof head, 2535, &length) != NULL);
        put32(opt + 148, UINT32_MAX);
        CHECK(pe_length(head, sizeof head, 1 << 20, &length) != NULL);
        put32(opt + 148, 8);
        put32(opt + 144, 1528);                                         /* inside the section */
        CHECK(pe_length(head, sizeof head, 1 << 20, &length) != NULL);
        put32(opt + 144, 1537);                                         /* not aligned */
        CHECK(pe_length(head, sizeof head, 1 << 20, &length) != NULL);
        put32(opt + 108, 4);                                            /* no such directory */
        CHECK(pe_length(head, sizeof head, 1 << 20, &length) == NULL && length == 1536);
        put32(section + 20, UINT32_MAX);
        put32(section + 16, UINT32_MAX);
        CHECK(pe_length(head, sizeof head, 1 << 20, &length) != NULL);
        CHECK(pe_length(head, sizeof head, UINT64_MAX, &length) == NULL && length == 2 * (uint64_t)UINT32_MAX);
        put16(head + 0x86, 65535);
        CHECK(pe_length(head, sizeof head, 1 << 20, &length) != NULL);
        put32(head + 0x3c, UINT32_MAX);
        CHECK(pe_length(head, sizeof head, 1 << 20, &length) != NULL);

        /* An optional header too short for what is read from it; exact allocation. */
        for (uint16_t bytes = 0; bytes <= 160; bytes = (uint16_t)(bytes + 8)) {
                uint8_t *exact = calloc(1, 0x98 + bytes + 40u);
                exact[0] = 'M';
                exact[1] = 'Z';
                put32(exact + 0x3c, 0x80);
                memcpy(exact + 0x80, "PE\0\0", 4);
                put16(exact + 0x84, 0x8664);
                put16(exact + 0x86, 1);
                put16(exact + 0x94, bytes);
                put16(exact + 0x98, 0x20b);
                if (bytes >= 112) {
                        put32(exact + 0x98 + 60, 512);
                        put16(exact + 0x98 + 68, 10);
                        put32(exact + 0x98 + 108, 16);
                        put32(exact + 0x98 + bytes + 16, 512);
                        put32(exact + 0x98 + bytes + 20, 512);
                }
                const char *why = pe_length(exact, 0x98 + bytes + 40u, 1 << 20, &length);
                CHECK(bytes < 112 ? why != NULL : why == NULL && length == 1024);
                free(exact);
        }
}

/* ---- smbios ---- */

static size_t add(uint8_t *table, size_t at, uint8_t type, uint8_t length, const char *strings, size_t bytes) {
        memset(table + at, 0, length);
        table[at] = type;
        table[at + 1] = length;
        memcpy(table + at + length, strings, bytes);
        return at + length + bytes;
}

static void test_smbios(void) {
        static const char evil[] = "first\0io.systemd.stub.kernel-cmdline-extra=x\0last\0";
        char clean[sizeof evil];
        memcpy(clean, evil, sizeof evil);
        memset(clean + 6, ' ', strlen(evil + 6));
        uint8_t table[256], out[256], entry[SMBIOS_ENTRY_MAX];
        struct smbios_table t;
        size_t at = add(table, 0, 1, 27, "\0", 2), text = at + 5;
        at = add(table, at, 11, 5, evil, sizeof evil);
        at = add(table, at, 127, 4, "\0", 2);
        size_t end = at;
        memset(table + end, 'x', sizeof table - end);

        CHECK(smbios_extent(table, sizeof table) == end);
        CHECK(smbios_extent(table, end) == end);
        memcpy(out, table, sizeof table);
        CHECK(smbios_blank(table, NULL, end) == 1 && memcmp(out, table, sizeof table) == 0);
        CHECK(smbios_blank(table, out, end) == 1);
        CHECK(memcmp(out + text, clean, sizeof clean) == 0);
        memcpy(out + text, evil, sizeof evil);
        CHECK(memcmp(out, table, sizeof table) == 0);                   /* nothing else changed */
        for (size_t cut = 0; cut <= end; cut++) {                       /* exact allocations */
                uint8_t *exact = malloc(cut + !cut);
                memcpy(exact, table, cut);
                size_t extent = smbios_extent(exact, cut);
                CHECK(extent <= cut);
                smbios_blank(exact, exact, extent);
                CHECK(smbios_blank(exact, NULL, extent) == 0);
                free(exact);
        }

        memset(entry, 0, sizeof entry);
        CHECK(!smbios_entry_read(entry, &t));
        memcpy(entry, "_SM3_", 5);
        entry[6] = 24;
        smbios_entry_move(entry, &(struct smbios_table){ .address = 0x123456789abc, .max_bytes = 77 });
        CHECK(smbios_entry_read(entry, &t) && t.address == 0x123456789abc && t.max_bytes == 77 && smbios_entry_bytes(entry) == 24);
        uint8_t sum = 0;
        for (int i = 0; i < 24; i++)
                sum = (uint8_t)(sum + entry[i]);
        CHECK(sum == 0);
        memset(entry, 0, sizeof entry);
        memcpy(entry, "_SM_", 4);
        memcpy(entry + 16, "_DMI_", 5);
        entry[5] = 31;
        smbios_entry_move(entry, &(struct smbios_table){ .address = 0x12345678, .max_bytes = 77 });
        CHECK(smbios_entry_read(entry, &t) && t.address == 0x12345678 && t.max_bytes == 77 && smbios_entry_bytes(entry) == 31);
        uint8_t part = 0;
        sum = 0;
        for (int i = 0; i < 31; i++) {
                sum = (uint8_t)(sum + entry[i]);
                if (i >= 16)
                        part = (uint8_t)(part + entry[i]);
        }
        CHECK(sum == 0 && part == 0);
}

/* Arguments: real images, each exactly as long as its file. */
int main(int argc, char **argv) {
        static struct fake f;
        fake_alloc(&f, FAKE_BYTES);
        CHECK(gpt_crc32((const uint8_t *)"123456789", 9) == 0xcbf43926);
        test_vectors();
        test_order_is_total();
        test_trial();
        test_skipped();
        test_resets(&f);
        test_gpt_normal(&f);
        test_gpt_repair(&f);
        test_power_cuts(&f);
        test_hostile_headers(&f);
        test_hostile_tables(&f);
        test_backup_headers(&f);
        test_interrupted(&f);
        test_pe();
        test_smbios();
        for (int i = 1; i < argc; i++)
                test_real_image(argv[i]);
        free(f.bytes);
        free(f.table);
        free(f.scratch);
        printf("%zu selection vectors, %d real images, %d checks, %d failed\n",
               sizeof vectors / sizeof vectors[0], argc - 1, checks, failures);
        return failures > 0;
}

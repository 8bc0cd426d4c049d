/* The Ballast slot selector: picks a BOOT partition of the disk it was loaded from, takes a try, starts the image in it.
 *
 * There is no stack protector: GCC's needs a canary and a failure handler from a run-time library that EFI does not have. The parsers
 * instead run under AddressSanitizer in the host tests and the fuzzer. */
#include "console.h"
#include "disk.h"
#include "firmware.h"
#include "pe.h"
#include "tryout.h"
#include "variables.h"

struct selector {
        EFI_HANDLE self;
        struct disk disk;
        struct gpt gpt;
        struct slot slots[GPT_MAX_SLOTS];       /* in the order in which they are tried */
        uint32_t numbers[GPT_MAX_SLOTS];        /* partition numbers in table order: the first is slot A */
        size_t count;
        struct skipped skipped;
        uint8_t file_path[DISK_PATH_MAX + 256];
};

static EFI_GUID loaded_image_guid = { 0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };

static void *pages(uint64_t bytes) {
        EFI_PHYSICAL_ADDRESS address;
        EFI_STATUS status = BS->AllocatePages(AllocateAnyPages, EfiLoaderData, EFI_SIZE_TO_PAGES(bytes), &address);
        return EFI_ERROR(status) ? NULL : (void *)(UINTN)address;
}

static void free_pages(void *p, uint64_t bytes) {
        if (p)
                BS->FreePages((UINTN)p, EFI_SIZE_TO_PAGES(bytes));
}

/* Nothing can be started. A reset, not a return to the firmware: it would go on to another disk or wait at a menu for good. */
static EFI_STATUS give_up(const char *why) {
        say(why);
        say("resetting the machine in 10 seconds");
        BS->Stall(10 * 1000 * 1000);
        RT->ResetSystem(EfiResetCold, EFI_SUCCESS, 0, NULL);
        return EFI_ABORTED;
}

static char slot_letter(const struct selector *s, uint32_t number) {
        for (size_t i = 0; i < s->count && i < 26; i++)
                if (s->numbers[i] == number)
                        return (char)('A' + i);
        return '?';
}

static void say_slot(const struct selector *s, const struct slot *slot, const char *text) {
        char letter[] = { slot_letter(s, slot->number), 0 };
        say_begin();
        say_text("slot ");
        say_text(letter);
        say_text(" (partition ");
        say_number(slot->number);
        say_text(")");
        say_text(text);
}

/* On the console, and for whoever is started in its place. */
static void skip(struct selector *s, const struct slot *slot, const struct gpt_partition *p, const char *why, const char *detail) {
        say_slot(s, slot, " skipped: ");
        say_text(why);
        say_text(detail);
        say_end();
        skipped_add(&s->skipped, p->guid, why, detail);
}

/* Reads the image at the start of a partition. Returns the reason why not, or NULL. */
static const char *read_image(struct selector *s, const struct gpt_partition *p, uint8_t **image, uint64_t *length) {
        uint32_t sector = s->disk.port.sector;
        uint64_t sectors = p->last_lba - p->first_lba + 1;
        /* A larger partition is taken for one of 4 GiB: the offsets in a PE image are of 32 bits. */
        uint64_t bytes = (sectors > (1ull << 32) / sector ? (1ull << 32) / sector : sectors) * sector;
        size_t head_bytes = bytes < PE_HEADERS_MAX ? (size_t)bytes : PE_HEADERS_MAX;
        uint8_t *head = pages(head_bytes);
        const char *why = "memory ran out";

        *image = NULL;
        if (head) {
                why = "reading its partition failed";
                if (disk_read(&s->disk, p->first_lba, head, head_bytes))
                        why = pe_length(head, head_bytes, bytes, length);
        }
        free_pages(head, head_bytes);
        if (why)
                return why;

        uint64_t rounded = (*length + sector - 1) / sector * sector;    /* <= bytes, which is a multiple of the sector */
        *image = pages(rounded);
        if (!*image)
                return "memory ran out";
        if (disk_read(&s->disk, p->first_lba, *image, (size_t)rounded))
                return NULL;
        free_pages(*image, rounded);
        *image = NULL;
        return "reading its image failed";
}

/* Hands the image to the firmware, which checks its signature if Secure Boot is on. */
static bool load(struct selector *s, const struct slot *slot, const struct gpt_partition *p, EFI_HANDLE *handle,
                 EFI_LOADED_IMAGE_PROTOCOL **info) {
        CHAR16 name[] = L"\\slot-?.efi";
        EFI_LOADED_IMAGE_PROTOCOL *loaded;
        uint8_t *image;
        uint64_t length;
        char text[STATUS_TEXT];

        const char *why = read_image(s, p, &image, &length);
        if (why) {
                skip(s, slot, p, why, "");
                return false;
        }
        name[6] = (CHAR16)slot_letter(s, slot->number);
        disk_file_path(&s->disk, slot->number, p, name, s->file_path);
        *handle = NULL;
        EFI_STATUS status = BS->LoadImage(FALSE, s->self, (EFI_DEVICE_PATH *)s->file_path, image, (UINTN)length, handle);
        free_pages(image, (length + s->disk.port.sector - 1) / s->disk.port.sector * s->disk.port.sector);
        if (EFI_ERROR(status)) {
                if (*handle)    /* after a security violation the image is loaded all the same (UEFI 2.10, 7.4.1) */
                        BS->UnloadImage(*handle);
                skip(s, slot, p, "the firmware refused to load its image: ", status_text(status, text));
                return false;
        }
        if (EFI_ERROR(BS->HandleProtocol(*handle, &loaded_image_guid, (void **)&loaded))) {
                BS->UnloadImage(*handle);
                skip(s, slot, p, "the firmware gives no access to its loaded image", "");
                return false;
        }
        /* systemd-stub 257 takes add-ons, credentials and extensions from the file system on this handle, and a random seed from the ESP
         * of the disk that the handle is on; all but the add-ons unsigned. Without a handle it looks for none of them. Without load
         * options it uses the command line that is part of the signed image. */
        loaded->DeviceHandle = NULL;
        loaded->LoadOptions = NULL;
        loaded->LoadOptionsSize = 0;
        *info = loaded;
        return true;
}

/* Comes back only if the slot cannot be started. */
static void try_slot(struct selector *s, size_t index) {
        struct slot *slot = &s->slots[index];
        struct gpt_partition partition;
        EFI_LOADED_IMAGE_PROTOCOL *info;
        EFI_HANDLE image;
        char text[STATUS_TEXT];

        /* It tells the partition's GUID in any case. */
        bool sound = gpt_partition(&s->gpt, slot->number, &partition);
        if (slot->tries > 0) {
                if (gpt_take_try(&s->gpt, slot->number))
                        slot->tries--;
                else if (slot->successful) {
                        say_slot(s, slot, ": taking a try failed: the partition table could not be written; it is proven and boots");
                        say_end();
                } else {
                        /* It could fail for ever, each time with the same number of tries. */
                        skip(s, slot, &partition, "it is unproven, and its try could not be written to the partition table", "");
                        return;
                }
        }
        if (!sound) {
                skip(s, slot, &partition, "its partition lies outside the usable part of the disk", "");
                return;
        }
        if (!load(s, slot, &partition, &image, &info))
                return;
        if (!firmware_clean_smbios()) {
                BS->UnloadImage(image);
                skip(s, slot, &partition, "SMBIOS adds to its command line, and this could not be taken out", "");
                return;
        }
        bool trial = select_is_trial(s->slots, s->count, index);
        if (!variables_set(partition.guid, trial, &s->skipped))
                say("saying what is started failed: the firmware refused a variable");
        const char *parameters = tryout_start(info);

        say_slot(s, slot, slot->qualifies ? ": priority " : " as a last resort: priority ");
        say_number(slot->priority);
        say_text(", tries ");
        say_number(slot->tries);
        say_text(trial ? " left, on trial" : " left");
        if (parameters) {
                say_text(", parameters ");
                say_text(parameters);
        }
        say_end();
        EFI_STATUS status = BS->StartImage(image, NULL, NULL);
        skip(s, slot, &partition, "it came back: ", status_text(status, text));
}

/* Before any slot is tried: it holds for whichever is started. */
static void say_resets(struct selector *s) {
        struct resets resets = reset_due(&s->gpt);
        if (resets.state)
                say("a reset is due: STATE is to be made anew");
        if (resets.data)
                say("a reset is due: DATA is to be made anew");
        if (!variables_set_resets(resets))
                say("saying that a reset is due failed: the firmware refused a variable");
}

static void repair(struct gpt *gpt) {
        const char *copy = gpt->state[GPT_PRIMARY] != GPT_GOOD ? "primary" : "backup";
        enum gpt_state state = gpt->state[GPT_PRIMARY] != GPT_GOOD ? gpt->state[GPT_PRIMARY] : gpt->state[GPT_BACKUP];

        if (state == GPT_GOOD)
                return;
        say_begin();
        say_text("the ");
        say_text(copy);
        say_text(" partition table is ");
        say_text(state == GPT_DIFFERENT ? "not the same as the primary" : state == GPT_DAMAGED ? "damaged" : "at no sound address");
        say_text(state == GPT_NO_PLACE ? " and stays as it is" : gpt_repair(gpt) ? ": written anew" : ", and writing it anew failed");
        say_end();
}

/* gnu-efi's start code relocates the image and calls this (as `_entry`, with the C calling convention). */
EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *table);
EFI_STATUS _entry(EFI_HANDLE self, EFI_SYSTEM_TABLE *table) {
        EFI_LOADED_IMAGE_PROTOCOL *loaded;
        const char *why;

        ST = table;
        struct selector *s = pages(sizeof *s);
        uint8_t *tables = pages(2 * GPT_TABLE_MAX);
        if (!s || !tables)
                return give_up("starting failed: memory ran out");
        memset(s, 0, sizeof *s);
        s->self = self;
        if (!tryout_clear())
                say("deleting what was said of parameters failed: the firmware refused");
        if (!variables_clear())
                say("deleting what an earlier start said failed: the firmware refused");
        if (EFI_ERROR(BS->HandleProtocol(self, &loaded_image_guid, (void **)&loaded)))
                return give_up("finding the disk failed: the firmware does not say where the selector was loaded from");
        if ((why = disk_open(&s->disk, loaded->DeviceHandle))) {
                say_begin();
                say_text("finding the disk failed: ");
                say_text(why);
                say_end();
                return give_up("starting a slot failed: there is no disk to look on");
        }

        s->gpt.disk = &s->disk.port;
        s->gpt.table = tables;
        s->gpt.scratch = tables + GPT_TABLE_MAX;
        if (!gpt_load(&s->gpt))
                return give_up("reading the partition table failed: both copies are damaged");
        if (!disk_matches(&s->disk, &s->gpt))
                return give_up("reading the partition table failed: it is not the one through which the selector was found");
        repair(&s->gpt);
        say_resets(s);

        s->count = gpt_slots(&s->gpt, s->slots);
        for (size_t i = 0; i < s->count; i++)
                s->numbers[i] = s->slots[i].number;
        select_order(s->slots, s->count);
        for (size_t i = 0; i < s->count; i++)
                try_slot(s, i);
        return give_up(s->count > 0 ? "starting a slot failed: none could be started"
                                    : "starting a slot failed: the disk has no BOOT partition");
}

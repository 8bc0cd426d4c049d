/* What the selected image must not find in the firmware: a command line in SMBIOS. */
#include "firmware.h"
#include "smbios.h"

EFI_SYSTEM_TABLE *ST;

static EFI_GUID smbios2_guid = SMBIOS_TABLE_GUID, smbios3_guid = SMBIOS3_TABLE_GUID;

static const uint8_t *find_entry(const EFI_GUID *guid, struct smbios_table *table) {
        for (UINTN i = 0; i < ST->NumberOfTableEntries; i++) {
                EFI_CONFIGURATION_TABLE *c = &ST->ConfigurationTable[i];
                if (memcmp(&c->VendorGuid, guid, sizeof *guid) != 0)
                        continue;
                if (!c->VendorTable || !smbios_entry_read(c->VendorTable, table) || table->address == 0)
                        return NULL;
                if (table->max_bytes > UINT64_MAX - table->address)
                        table->max_bytes = UINT64_MAX - table->address;
                return c->VendorTable;
        }
        return NULL;
}

/* A cleaned copy is installed in place of the firmware's table, which is never written to: it may lie in memory that is mapped
 * read-only (a page fault) or in a shadow of the ROM (a write without effect). Then what is published is looked at again. */
static bool clean(EFI_GUID *guid) {
        struct smbios_table table;
        const uint8_t *entry = find_entry(guid, &table);
        if (!entry)
                return true;
        const uint8_t *old = (const uint8_t *)(UINTN)table.address;
        size_t bytes = smbios_extent(old, table.max_bytes);
        if (smbios_blank(old, NULL, bytes) == 0)
                return true;

        /* Below 4 GiB for the 32-bit address in a 2.x entry point; the memory type is the one UEFI 2.10, 2.3.4 asks for. */
        EFI_PHYSICAL_ADDRESS address = 0xffffffff;
        if (EFI_ERROR(BS->AllocatePages(AllocateMaxAddress, EfiRuntimeServicesData, EFI_SIZE_TO_PAGES(SMBIOS_ENTRY_MAX + bytes), &address)))
                return false;
        uint8_t *new_entry = (uint8_t *)(UINTN)address, *new_table = new_entry + SMBIOS_ENTRY_MAX;
        memcpy(new_table, old, bytes);
        smbios_blank(new_table, new_table, bytes);
        memcpy(new_entry, entry, smbios_entry_bytes(entry));
        smbios_entry_move(new_entry, &(struct smbios_table){ .address = (UINTN)new_table, .max_bytes = bytes });
        if (EFI_ERROR(BS->InstallConfigurationTable(guid, new_entry)))
                return false;
        return find_entry(guid, &table) == new_entry && smbios_blank(new_table, NULL, bytes) == 0;
}

bool firmware_clean_smbios(void) {
        bool clean3 = clean(&smbios3_guid), clean2 = clean(&smbios2_guid);
        return clean3 && clean2;
}

#ifndef FIRMWARE_H
#define FIRMWARE_H

#include <efi.h>
#include "bytes.h"

/* The system table, for every file; _entry sets it. */
extern EFI_SYSTEM_TABLE *ST;
#define BS (ST->BootServices)
#define RT (ST->RuntimeServices)

/* Makes sure that systemd-stub finds no "io.systemd.stub." string in SMBIOS. False: it still would. */
bool firmware_clean_smbios(void);

#endif

#ifndef CONSOLE_H
#define CONSOLE_H

#include <efi.h>

/* One message is one line: text, number, text, number ... No format strings. */
void say_begin(void);
void say_text(const char *text);
void say_number(UINT64 number);
void say_status(EFI_STATUS status);
void say_end(void);

void say(const char *line);

#endif

#ifndef CONSOLE_H
#define CONSOLE_H

#include <efi.h>

/* One message is one line: text, number, text, number ... No format strings. */
void say_begin(void);
void say_text(const char *text);
void say_number(UINT64 number);
void say_end(void);

void say(const char *line);

#define STATUS_TEXT 48u         /* bytes that the longest text of a status needs */

/* A firmware status in words; `buffer` holds them if they are not constant. */
const char *status_text(EFI_STATUS status, char buffer[STATUS_TEXT]);

#endif

/* Messages on the firmware's console (screen and serial line). */
#include "console.h"
#include "firmware.h"

static void put(CHAR16 c) {
        CHAR16 text[2] = { c, 0 };
        if (ST->ConOut)
                ST->ConOut->OutputString(ST->ConOut, text);
}

void say_text(const char *text) {
        while (*text)
                put((CHAR16)*text++);
}

/* The digits end at the end of the buffer; returns where they begin. */
static char *digits(UINT64 number, char buffer[21]) {
        char *p = buffer + 20;
        *p = 0;
        do
                *--p = (char)('0' + number % 10);
        while ((number /= 10) > 0);
        return p;
}

void say_number(UINT64 number) {
        char buffer[21];
        say_text(digits(number, buffer));
}

const char *status_text(EFI_STATUS status, char buffer[STATUS_TEXT]) {
        static const char prefix[] = "firmware status ";
        char number[21];

        if (status == EFI_SECURITY_VIOLATION || status == EFI_ACCESS_DENIED)
                return "Secure Boot does not accept its signature";
        if (status == EFI_OUT_OF_RESOURCES)
                return "out of memory";
        char *from = digits(status & ~EFIERR(0), number);
        memcpy(buffer, prefix, sizeof prefix - 1);
        memcpy(buffer + sizeof prefix - 1, from, (size_t)(number + sizeof number - from));
        return buffer;
}

void say_begin(void) { say_text("ballast-selector: "); }

void say_end(void) { say_text("\r\n"); }

void say(const char *line) {
        say_begin();
        say_text(line);
        say_end();
}

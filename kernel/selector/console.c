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

void say_number(UINT64 number) {
        char digits[21], *p = digits + sizeof digits - 1;
        *p = 0;
        do
                *--p = (char)('0' + number % 10);
        while ((number /= 10) > 0);
        say_text(p);
}

void say_status(EFI_STATUS status) {
        if (status == EFI_SECURITY_VIOLATION || status == EFI_ACCESS_DENIED)
                say_text("Secure Boot does not accept its signature");
        else if (status == EFI_OUT_OF_RESOURCES)
                say_text("out of memory");
        else {
                say_text("firmware status ");
                say_number(status & ~EFIERR(0));
        }
}

void say_begin(void) { say_text("ballast-selector: "); }

void say_end(void) { say_text("\r\n"); }

void say(const char *line) {
        say_begin();
        say_text(line);
        say_end();
}

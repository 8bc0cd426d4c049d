/* The three functions GCC may call on its own even in freestanding code. EFI build only; the host has libc.
 * The Makefile compiles this with -fno-tree-loop-distribute-patterns, or GCC would turn each loop into a call to itself. */
#include "bytes.h"

void *memcpy(void *to, const void *from, size_t n) {
        uint8_t *t = to;
        const uint8_t *f = from;
        while (n-- > 0)
                *t++ = *f++;
        return to;
}

void *memset(void *to, int byte, size_t n) {
        uint8_t *t = to;
        while (n-- > 0)
                *t++ = (uint8_t)byte;
        return to;
}

int memcmp(const void *a, const void *b, size_t n) {
        const uint8_t *x = a, *y = b;
        for (; n > 0; n--, x++, y++)
                if (*x != *y)
                        return *x < *y ? -1 : 1;
        return 0;
}

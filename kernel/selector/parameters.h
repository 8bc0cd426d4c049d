/* Kernel and init parameters that the machine's settings ask for: which may be, and where they go in the image. */
#ifndef PARAMETERS_H
#define PARAMETERS_H

#include "bytes.h"

#define PARAMETERS_MAX 1000u    /* bytes of a whole set; the build leaves more room than that in the image */

/* Is this text, `name` or `name=value` joined by single spaces, made of nothing but parameters that may be set? */
bool parameters_allowed(const uint8_t *text, size_t length);

/* Bytes from the start of an image's .cmdline to the place for parameters, or 0 if there is no room for `length` of them. The section
 * must end in the marker ` ballast.parameters` and spaces; both are part of what is signed. */
size_t parameters_place(const uint8_t *section, size_t bytes, size_t length);

#endif

#ifndef PE_H
#define PE_H

#include "bytes.h"

#define PE_HEADERS_MAX 65536u   /* headers and section table must end within this many bytes */

/* Finds out how many bytes, from the start of the partition, are the PE image. `head` holds the partition's first `head_bytes`.
 * Returns NULL and sets *length, or returns the reason why this is no image to load. */
const char *pe_length(const uint8_t *head, size_t head_bytes, uint64_t partition_bytes, uint64_t *length);

/* The section of that name in an image that the firmware has loaded to memory, if it is marked writable; else NULL. */
uint8_t *pe_writable_section(uint8_t *image, uint64_t image_bytes, const char name[8], size_t *bytes);

#endif

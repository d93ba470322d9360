#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/* simdjson's first stage, handed to Swift: where every structural character, string and scalar of a JSON text begins. The second
   stage (grammar, numbers, strings) is Swift's, so that values are built once, numbers keep their source text, and every fault has
   its offset. */

typedef struct csimdjson_indexer csimdjson_indexer;

enum {
    CSIMDJSON_OK = 0,
    CSIMDJSON_EMPTY = 1,             /* nothing but white space */
    CSIMDJSON_INVALID_UTF8 = 2,      /* somewhere in the text */
    CSIMDJSON_UNCLOSED_STRING = 3,   /* the text ends inside a string */
    CSIMDJSON_CONTROL_CHARACTER = 4, /* a byte below 0x20 inside a string */
    CSIMDJSON_NO_MEMORY = 5,
    CSIMDJSON_OTHER = 6
};

/* An indexer; not to be used by two threads at once. NULL without memory. */
csimdjson_indexer *csimdjson_indexer_new(void);
void csimdjson_indexer_free(csimdjson_indexer *indexer);

/* Finds the tokens of `length` bytes (at most 4 GB). `offsets` stays valid until the next call; the bytes need no padding. */
int csimdjson_index(
    csimdjson_indexer *indexer, const uint8_t *bytes, size_t length, const uint32_t **offsets, size_t *count);

/* Gives back the memory of large texts: keeps room for `length` bytes at most. */
void csimdjson_indexer_trim(csimdjson_indexer *indexer, size_t length);

/* Whether the bytes are UTF-8 (RFC 3629). */
bool csimdjson_is_utf8(const uint8_t *bytes, size_t length);

#ifdef __cplusplus
}
#endif

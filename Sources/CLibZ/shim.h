#pragma once
#include <zlib.h>

// zlib's own starting functions are macros, which Swift does not see. `window` is 15 for zlib's format, 15 + 16 for gzip,
// and for reading 15 + 32 for whichever it is.
static inline int clibz_deflate_start(z_stream *stream, int window)
{
    return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
}

static inline int clibz_inflate_start(z_stream *stream, int window) { return inflateInit2(stream, window); }

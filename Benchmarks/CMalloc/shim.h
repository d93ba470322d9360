#pragma once
#include <malloc.h>

// Bytes that the process holds from malloc, after what is free was given back.
static inline size_t cmalloc_used(void)
{
    malloc_trim(0);
    struct mallinfo2 memory = mallinfo2();
    return memory.uordblks + memory.hblkhd;
}

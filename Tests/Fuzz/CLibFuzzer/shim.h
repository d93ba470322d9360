#include <stddef.h>
#include <stdint.h>

// libFuzzer's own entry point, in the compiler's runtime library; that library has no header for it.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

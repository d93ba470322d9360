// Valgrind writes into the mask that sigsuspend is given; libdispatch gives it one in read-only memory, and valgrind dies of that.
// Preloaded under valgrind, this hands on a copy.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return syscall(SYS_rt_sigsuspend, &copy, _NSIG / 8);
}

/*
 * Holds the namespaces of a workload: waits, takes the exit statuses of what lost its parent, and ends when it is asked
 * to. Without a C library, so that nothing else is in its image. All signals are blocked and fetched: a blocked one is
 * kept even for PID 1, and no handler is needed.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { KERNEL_SIGSET_BYTES = 8 };

static long call(long number, long a, long b, long c, long d) {
    long result;
    register long fourth __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

_Noreturn void _start(void) {
    unsigned long all = ~0UL;
    call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&all, 0, KERNEL_SIGSET_BYTES);
    for (;;) {
        long signal = call(SYS_rt_sigtimedwait, (long)&all, 0, 0, KERNEL_SIGSET_BYTES);
        if (signal == SIGCHLD)
            while (call(SYS_wait4, -1, 0, WNOHANG, 0) > 0)
                ;
        else if (signal == SIGTERM || signal == SIGINT)
            for (;;)
                call(SYS_exit_group, 0, 0, 0, 0);
    }
}

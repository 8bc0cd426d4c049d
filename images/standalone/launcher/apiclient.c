/*
 * Starts the machine's apiclient in a container, whatever C library the container has, or none: our executable by our
 * own loader with our own libraries, all below one folder that is mounted there. Without a C library itself.
 */
#include <stddef.h>
#include <sys/syscall.h>

#define FOLDER "/.ballast/client"

static char *const loader[] = {
    FOLDER "/ld-linux-x86-64.so.2",
    /* The container's ld.so.cache knows the container's libraries. */
    "--inhibit-cache",
    "--library-path",
    FOLDER,
    /* The executable carries several programs and is told by this name which one it is. */
    "--argv0",
    "apiclient",
    FOLDER "/ballast",
};
enum { LOADER_ARGS = sizeof loader / sizeof *loader };

/* What the container sets for its own libraries: here it would change which files are loaded, and how. */
static const char *const dropped[] = {
    "LD_", "GLIBC_TUNABLES=", "GCONV_PATH=", "LOCPATH=", "NODE_", "OPENSSL_",
};

static const char failure[] =
    "apiclient: Cannot start " FOLDER "/ballast: the folder must be mounted as the machine mounts it in its containers\n";
enum { EXIT_CANNOT_START = 127, STDERR = 2 };

static long call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}

static int begins_with(const char *text, const char *prefix) {
    while (*prefix != 0)
        if (*text++ != *prefix++)
            return 0;
    return 1;
}

static int is_dropped(const char *variable) {
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (begins_with(variable, dropped[i]))
            return 1;
    return 0;
}

/* The kernel leaves on the stack: the count of arguments, the arguments, a null, the environment, a null. */
__attribute__((used)) static _Noreturn void start(long *stack) {
    long count = stack[0];
    char **given = (char **)(stack + 1);
    char **environment = given + count + 1;
    char *args[LOADER_ARGS + count + 1];
    char **next = args;
    for (size_t i = 0; i < LOADER_ARGS; i++)
        *next++ = loader[i];
    for (long i = 1; i < count; i++)
        *next++ = given[i];
    *next = NULL;
    char **kept = environment;
    for (char **variable = environment; *variable != NULL; variable++)
        if (!is_dropped(*variable))
            *kept++ = *variable;
    *kept = NULL;
    call(SYS_execve, (long)args[0], (long)args, (long)environment);
    call(SYS_write, STDERR, (long)failure, sizeof failure - 1);
    for (;;)
        call(SYS_exit_group, EXIT_CANNOT_START, 0, 0);
}

__asm__(".globl _start\n"
        "_start:\n"
        "    xor %ebp, %ebp\n"
        "    mov %rsp, %rdi\n"
        "    and $-16, %rsp\n"
        "    call start\n");

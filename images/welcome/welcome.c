/*
 * Answers HTTP with one short page, for as long as nobody asks it to end. Without a C library, so that nothing else is in
 * its image. One process, no memory but its own: a client that says nothing, or too much, costs one place in a table, and
 * when the table is full the oldest gives way.
 */
#include <linux/signalfd.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

enum {
    PORT = 8080,
    BACKLOG = 64,
    KERNEL_SIGSET_BYTES = 8,
    /* Poll's first places: signals, the listener; then clients, oldest first. */
    SIGNALS = 0,
    LISTENER = 1,
    CLIENTS = 2,
    PLACES = CLIENTS + 64,
    REQUEST_BYTES = 8192,
    ANSWER_BYTES = 512,
};

static const char greeting[] = "Hello from a container on Ballast\n";

static struct pollfd places[PLACES];
static nfds_t used = CLIENTS;
static char request[REQUEST_BYTES];
static struct utsname machine;

static long call(long number, long a, long b, long c, long d) {
    long result;
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
                     : "rcx", "r11", "memory");
    return result;
}

_Noreturn static void end(int code) {
    for (;;)
        call(SYS_exit_group, code, 0, 0, 0);
}

static size_t length_of(const char *text) {
    size_t length = 0;
    while (text[length] != 0)
        length++;
    return length;
}

struct answer {
    char text[ANSWER_BYTES];
    size_t length;
};

static void add(struct answer *answer, const char *text) {
    while (*text != 0 && answer->length < ANSWER_BYTES)
        answer->text[answer->length++] = *text++;
}

static void add_number(struct answer *answer, size_t number) {
    char digits[20];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    add(answer, digits + at);
}

static int begins_with(const char *word, long length) {
    for (long i = 0; word[i] != 0; i++)
        if (i >= length || request[i] != word[i])
            return 0;
    return 1;
}

/* What a request asks for is of no matter: there is one page. */
static void answer(int client, long length) {
    static struct answer answer;
    answer.length = 0;
    int is_get = begins_with("GET ", length);
    int is_head = begins_with("HEAD ", length);
    add(&answer, is_get || is_head ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n");
    add(&answer, "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: ");
    add_number(&answer, is_get || is_head ? sizeof greeting - 1 + length_of(machine.nodename) + 1 : 0);
    add(&answer, "\r\n\r\n");
    if (is_get) {
        add(&answer, greeting);
        add(&answer, machine.nodename);
        add(&answer, "\n");
    }
    /* It fits into the buffer of a new connection; a client that is gone is not worth more than the attempt. */
    call(SYS_sendto, client, (long)answer.text, (long)answer.length, MSG_NOSIGNAL | MSG_DONTWAIT);
    call(SYS_shutdown, client, SHUT_WR, 0, 0);
}

static void drop(nfds_t place) {
    call(SYS_close, places[place].fd, 0, 0, 0);
    used--;
    for (nfds_t i = place; i < used; i++) {
        places[i].fd = places[i + 1].fd;
        places[i].events = places[i + 1].events;
        places[i].revents = places[i + 1].revents;
    }
}

static void welcome(void) {
    long client = call(SYS_accept4, places[LISTENER].fd, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0)
        return;
    if (used == PLACES)
        drop(CLIENTS);
    places[used].fd = (int)client;
    places[used].events = POLLIN;
    places[used].revents = 0;
    used++;
}

static void serve(nfds_t place) {
    long length = call(SYS_read, places[place].fd, (long)request, sizeof request, 0);
    if (length > 0)
        answer(places[place].fd, length);
    drop(place);
}

static int listen_on(int port) {
    long listener = call(SYS_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = (in_port_t)(port >> 8 | (port & 0xff) << 8),
        .sin_addr = {INADDR_ANY},
    };
    if (call(SYS_bind, listener, (long)&address, sizeof address, 0) < 0 || call(SYS_listen, listener, BACKLOG, 0, 0) < 0)
        end(1);
    return (int)listener;
}

__attribute__((force_align_arg_pointer)) _Noreturn void _start(void) {
    unsigned long asked_to_end = 1UL << (SIGTERM - 1) | 1UL << (SIGINT - 1);
    call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&asked_to_end, 0, KERNEL_SIGSET_BYTES);
    places[SIGNALS].fd = (int)call(SYS_signalfd4, -1, (long)&asked_to_end, KERNEL_SIGSET_BYTES, SFD_CLOEXEC);
    places[LISTENER].fd = listen_on(PORT);
    places[SIGNALS].events = places[LISTENER].events = POLLIN;
    call(SYS_uname, (long)&machine, 0, 0, 0);
    for (;;) {
        call(SYS_poll, (long)places, (long)used, -1, 0);
        if (places[SIGNALS].revents != 0)
            end(0);
        /* Backwards: what is dropped moves only those behind it. */
        for (nfds_t place = used; place-- > CLIENTS;)
            if (places[place].revents != 0)
                serve(place);
        if (places[LISTENER].revents != 0)
            welcome();
    }
}

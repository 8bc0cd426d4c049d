/*
 * The one program of the images that tests run, linked statically: it needs nothing beside it. The same program stands
 * outside of them too, as PID 1 of the lab and as the client that asks from its network.
 */
#include "attempts.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *act) {
    fprintf(stderr, "probe: cannot %s: %s\n", act, strerror(errno));
    exit(111);
}

static void end(int signal) {
    (void)signal;
    _exit(0);
}

/* PID 1: takes the exit statuses of everything that lost its parent. */
static _Noreturn void init(void) {
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    if (s < 0 || ioctl(s, SIOCSIFFLAGS, &request) < 0)
        fail("switch the loopback interface on");
    close(s);
    puts("ready");
    fflush(stdout);
    for (;;)
        if (wait(NULL) < 0)
            pause();
}

/* Reads hosts(5) at each lookup, as a libc does; glibc's own needs more than a static program has. */
static int look_up(const char *host, struct in_addr *found) {
    char line[4096];
    FILE *file = fopen("/etc/hosts", "r");
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL) {
        char *address = strtok(line, " \t\n"), *name;
        while (address != NULL && (name = strtok(NULL, " \t\n")) != NULL)
            if (!strcmp(name, host) && inet_pton(AF_INET, address, found) == 1) {
                fclose(file);
                return 1;
            }
    }
    fclose(file);
    return 0;
}

static struct sockaddr_in address_of(const char *host, const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1 && !look_up(host, &address.sin_addr))
        fail("read the address");
    return address;
}

/* When this process began, in clock ticks since the machine did (proc(5)). */
static const char *birth(void) {
    static char stat[1024], ticks[32];
    FILE *file = fopen("/proc/self/stat", "r");
    if (file == NULL || fgets(stat, sizeof stat, file) == NULL)
        fail("read how this process is");
    /* The name, in brackets, is the second of its fields and may hold anything. */
    const char *rest = strrchr(stat, ')');
    for (int field = 2; field < 22 && rest != NULL; field++)
        rest = strchr(rest + 1, ' ');
    if (rest == NULL || sscanf(rest, "%31s", ticks) != 1)
        fail("read when this process began");
    return ticks;
}

/*
 * Answers every HTTP request with the text, "birth" with when it began; with 503 while a file that is named is not there.
 */
static _Noreturn void serve(const char *port, const char *text, const char *file) {
    if (!strcmp(text, "birth"))
        text = birth();
    struct sockaddr_in address = address_of("0.0.0.0", port);
    int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(s, (struct sockaddr *)&address, sizeof address) < 0 || listen(s, 16) < 0)
        fail("listen");
    puts("serving");
    fflush(stdout);
    for (;;) {
        char request[4096];
        int c = accept(s, NULL, NULL);
        if (c < 0)
            continue;
        const char *status = file == NULL || access(file, F_OK) == 0 ? "200 OK" : "503 No";
        if (read(c, request, sizeof request) > 0)
            dprintf(c, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", status,
                    strlen(text), text);
        close(c);
    }
}

/* Prints the body of an HTTP answer. */
static int ask(const char *host, const char *port) {
    struct sockaddr_in address = address_of(host, port);
    struct timeval limit = {.tv_sec = 5};
    char answer[8192];
    size_t size = 0;
    ssize_t got;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(s, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect");
    dprintf(s, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
    while (size < sizeof answer - 1 && (got = read(s, answer + size, sizeof answer - 1 - size)) > 0)
        size += got;
    answer[size] = 0;
    char *body = strstr(answer, "\r\n\r\n");
    if (body == NULL)
        fail("read the answer");
    fputs(body + 4, stdout);
    return 0;
}

/* Looks an IPv4 address up (RFC 1035, 4.1) at the first server of resolv.conf; as a stub does it, without libc's. */
static int resolve(const char *name) {
    unsigned char query[512] = {0x42, 0x42, 1, 0, 0, 1}, answer[512];
    char conf[1024] = "", server[64] = "";
    FILE *file = fopen("/etc/resolv.conf", "r");
    if (file == NULL)
        fail("open resolv.conf");
    while (*server == 0 && fgets(conf, sizeof conf, file) != NULL)
        sscanf(conf, "nameserver %63s", server);
    struct sockaddr_in address = address_of(server, "53");
    size_t size = 12;
    for (const char *label = name; *label != 0;) {
        size_t length = strcspn(label, ".");
        query[size++] = length;
        memcpy(query + size, label, length);
        size += length;
        label += length + (label[length] == '.');
    }
    query[size + 2] = query[size + 4] = 1;
    struct timeval limit = {.tv_sec = 5};
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(s, (struct sockaddr *)&address, sizeof address) < 0 ||
        send(s, query, size + 5, 0) < 0 || recv(s, answer, sizeof answer, 0) < 12)
        fail("ask the server");
    return answer[7] > 0 && (answer[3] & 15) == 0 ? 0 : 1;
}

static int show(const char *path) {
    char data[4096];
    ssize_t got;
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        fail("read the file");
    while ((got = read(fd, data, sizeof data)) > 0)
        if (write(1, data, got) < 0)
            fail("print");
    return 0;
}

static int put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        fail("write the file");
    return 0;
}

/* Gives a new file to a user, then becomes that user, as images do that begin as root. */
static int become(const char *path, int user) {
    put(path, "");
    if (chown(path, user, user) < 0)
        fail("give the file away");
    if (setgid(user) < 0 || setuid(user) < 0)
        fail("become the user");
    return put(path, "mine");
}

/* Starts processes until the kernel refuses; returns how many there are then with this one. */
static int fork_all(void) {
    int count = 1;
    for (pid_t child; count < 200 && (child = fork()) >= 0; count++)
        if (child == 0)
            for (;;)
                pause();
    return count;
}

static int list(const char *path) {
    struct dirent *entry;
    DIR *folder = opendir(path);
    if (folder == NULL)
        fail("read the folder");
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            puts(entry->d_name);
    return 0;
}

static int lay(const char *target) {
    if (mount("tmpfs", target, "tmpfs", 0, "") < 0)
        fail("mount");
    return 0;
}

/* Prints so many lines of 100 bytes that begin with their number, one at a time, and holds. */
static void chat(const char *lines, const char *pause_ms) {
    struct timespec time = {0, atoi(pause_ms) * 1000000L};
    for (int i = 0; i < atoi(lines); i++) {
        printf("%08d;%090d\n", i, 0);
        fflush(stdout);
        nanosleep(&time, NULL);
    }
}

/* Carries what one descriptor gives to another; 0 when there is no more. */
static int carry(int from, int to) {
    char data[65536];
    ssize_t got = read(from, data, sizeof data), put;
    for (ssize_t done = 0; done < got; done += put)
        if ((put = write(to, data + done, got - done)) < 0)
            return 0;
    return got > 0;
}

/* Leads each connection to a port of the loopback address to a unix socket, where who is in another network listens. */
static _Noreturn void bridge(const char *port, const char *path) {
    struct sockaddr_in address = address_of("127.0.0.1", port);
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    strncpy(there.sun_path, path, sizeof there.sun_path - 1);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    signal(SIGCHLD, SIG_IGN);
    if (bind(s, (struct sockaddr *)&address, sizeof address) < 0 || listen(s, 64) < 0)
        fail("listen");
    puts("bridging");
    fflush(stdout);
    for (;;) {
        int c = accept(s, NULL, NULL);
        if (c < 0)
            continue;
        if (fork() == 0) {
            int u = socket(AF_UNIX, SOCK_STREAM, 0);
            if (connect(u, (struct sockaddr *)&there, sizeof there) < 0)
                _exit(0);
            struct pollfd ends[2] = {{.fd = c, .events = POLLIN}, {.fd = u, .events = POLLIN}};
            while (poll(ends, 2, -1) > 0)
                if ((ends[0].revents && !carry(c, u)) || (ends[1].revents && !carry(u, c)))
                    _exit(0);
            _exit(0);
        }
        close(c);
    }
}

/* Takes so much memory and writes to it, a mebibyte at a time, and holds it. */
static void eat(const char *mebibytes) {
    for (int i = 0; i < atoi(mebibytes); i++) {
        char *piece = malloc(1 << 20);
        if (piece == NULL)
            fail("take memory");
        memset(piece, i + 1, 1 << 20);
    }
    puts("full");
    fflush(stdout);
}

/* Copies its input to its output. */
static int cat(void) {
    while (carry(0, 1))
        ;
    return 0;
}

/* Prints forever. */
static _Noreturn void flood(void) {
    static char data[65536];
    memset(data, 'f', sizeof data);
    for (;;)
        if (write(1, data, sizeof data) < 0)
            fail("print");
}

static void print_window(int signal) {
    struct winsize size = {0};
    (void)signal;
    if (ioctl(0, TIOCGWINSZ, &size) < 0)
        dprintf(1, "no terminal\n");
    else
        dprintf(1, "%dx%d\n", size.ws_row, size.ws_col);
}

/* Prints the size of its terminal, again whenever that changes, and ends with the first line of its input. */
static int window(void) {
    struct sigaction action = {.sa_handler = print_window, .sa_flags = SA_RESTART};
    char line[64];
    sigaction(SIGWINCH, &action, NULL);
    print_window(0);
    return read(0, line, sizeof line) < 0 ? 111 : 0;
}

static _Noreturn void hold(int stubborn) {
    if (stubborn)
        signal(SIGTERM, SIG_IGN);
    for (;;)
        pause();
}

int main(int count, char **words) {
    const char *act = count > 1 ? words[1] : "hold";
    signal(SIGTERM, end);
    if (!strcmp(act, "init"))
        init();
    if (!strcmp(act, "hold") || !strcmp(act, "stubborn"))
        hold(act[0] == 's');
    if (!strcmp(act, "print")) {
        for (int i = 2; i < count; i++)
            puts(words[i]);
        return 0;
    }
    if (!strcmp(act, "env") && count == 3) {
        const char *value = getenv(words[2]);
        puts(value == NULL ? "(unset)" : value);
        return 0;
    }
    if (!strcmp(act, "id")) {
        printf("%d:%d\n", (int)getuid(), (int)getgid());
        return 0;
    }
    if (!strcmp(act, "end") && count == 4) {
        struct timespec time = {atoi(words[2]) / 1000, atoi(words[2]) % 1000 * 1000000L};
        nanosleep(&time, NULL);
        return atoi(words[3]);
    }
    if (!strcmp(act, "chat") && count == 4) {
        chat(words[2], words[3]);
        hold(0);
    }
    if (!strcmp(act, "bridge") && count == 4)
        bridge(words[2], words[3]);
    if (!strcmp(act, "eat") && count == 3) {
        eat(words[2]);
        hold(0);
    }
    if (!strcmp(act, "cat"))
        return cat();
    if (!strcmp(act, "flood"))
        flood();
    if (!strcmp(act, "window"))
        return window();
    if (!strcmp(act, "say") && count == 4) {
        dprintf(1, "%s\n", words[2]);
        dprintf(2, "%s\n", words[3]);
        return 0;
    }
    if (!strcmp(act, "show") && count == 3)
        return show(words[2]);
    if (!strcmp(act, "put") && count == 4)
        return put(words[2], words[3]);
    if (!strcmp(act, "become") && count == 4)
        return become(words[2], atoi(words[3]));
    if (!strcmp(act, "fork"))
        return fork_all();
    if (!strcmp(act, "attempt"))
        return attempt_all();
    if (!strcmp(act, "list") && count == 3)
        return list(words[2]);
    if (!strcmp(act, "mount") && count == 3)
        return lay(words[2]);
    if (!strcmp(act, "serve") && (count == 4 || count == 5))
        serve(words[2], words[3], words[4]);
    if (!strcmp(act, "ask") && count == 4)
        return ask(words[2], words[3]);
    if (!strcmp(act, "resolve") && count == 3)
        return resolve(words[2]);
    fprintf(stderr, "probe: unknown act \"%s\"\n", act);
    return 112;
}

/*
 * What a program in a container may try to get out of it or to become more than it is. Each attempt is one system call as
 * an attacker would make it, with arguments that would succeed, or fail for another reason than a lack of rights. As root
 * of the machine they do harm.
 */
#include "attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int writable(const char *path) { return open(path, O_WRONLY | O_CLOEXEC); }
static int core_pattern(void) { return writable("/proc/sys/kernel/core_pattern"); }
static int sysrq(void) { return writable("/proc/sysrq-trigger"); }
static int control_group(void) { return writable("/sys/fs/cgroup/cgroup.procs"); }
static int device_of_sys(void) { return writable("/sys/class/net/lo/mtu"); }

/* Masked files are empty, masked folders too. */
static int content(const char *path) {
    char byte;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, &byte, 1);
    if (got == 0)
        errno = ENODATA;
    return got > 0 ? 0 : -1;
}
static int memory(void) { return content("/proc/kcore"); }
static int keys(void) { return content("/proc/keys"); }
static int timers(void) { return content("/proc/timer_list"); }

static int disk(void) { return mknod("/tmp/disk", S_IFBLK | 0600, makedev(254, 0)); }
static int lay(void) { return mount("tmpfs", "/tmp", "tmpfs", 0, ""); }
static int lay_anew(void) { return syscall(SYS_fsopen, "tmpfs", 0); }
static int lay_proc(void) { return mount("/proc", "/tmp", NULL, MS_BIND, NULL); }
static int unlay(void) { return umount2("/proc", MNT_DETACH); }
static int by_handle(void) { return syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, 0); }
static int change_root(void) { return chroot("/tmp"); }
static int swap(void) { return swapon("/tmp/disk", 0); }

static int module(void) { return syscall(SYS_init_module, "", 0, ""); }
static int module_file(void) { return syscall(SYS_finit_module, 0, "", 0); }
static int kernel(void) { return syscall(SYS_kexec_load, 0, 0, NULL, 0); }
static int program_of_kernel(void) { return syscall(SYS_bpf, 0, NULL, 0); }
static int counters(void) {
    struct perf_event_attr attributes = {.size = sizeof attributes, .exclude_kernel = 1};
    return syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}
static int faults(void) { return syscall(SYS_userfaultfd, 0); }
static int ports(void) { return syscall(SYS_iopl, 3); }
static int keyring(void) { return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0); }
static int power_off(void) { return syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, NULL); }
static int name(void) { return sethostname("other", 5); }
static int clock_of_all(void) {
    struct timeval now = {.tv_sec = time(NULL)};
    return settimeofday(&now, NULL);
}

static int users(void) { return unshare(CLONE_NEWUSER); }
static int mounts(void) { return unshare(CLONE_NEWNS); }
static int network(void) { return unshare(CLONE_NEWNET); }
static int join(void) { return setns(open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC), 0); }
static int child(long pid) {
    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid < 0 ? -1 : 0;
}
static int child_users(void) { return child(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }
static int child_users_anew(void) {
    struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    return child(syscall(SYS_clone3, &args, sizeof args));
}

static int opened(int family, int type, int protocol) { return socket(family, type | SOCK_CLOEXEC, protocol); }
static int raw(void) { return opened(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static int frames(void) { return opened(AF_PACKET, SOCK_RAW, 0); }
static int hypervisor(void) { return opened(AF_VSOCK, SOCK_STREAM, 0); }
static int card(void) {
    struct ifreq request = {.ifr_name = "lo"};
    return ioctl(opened(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &request);
}
static int reach(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    return connect(opened(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
}
static int api(void) { return reach("/run/ballast/api.sock"); }
static int manager(void) { return reach("/run/ballast/containers/exec.sock"); }
static int containerd(void) { return reach("/run/containerd/containerd.sock"); }
static int bus(void) { return reach("/run/dbus/system_bus_socket"); }

static int root(void) { return getuid() == 0 ? (errno = EALREADY, -1) : setresuid(0, 0, 0); }
static int capability(void) {
    struct { unsigned version; int pid; } header = {0x20080522, 0};
    struct { unsigned effective, permitted, inheritable; } all[2] = {{~0u, ~0u, 0}, {0, 0, 0}};
    return syscall(SYS_capset, &header, all);
}
static int ambient(void) { return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0); }
static int privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0); }

static const struct {
    const char *name;
    int (*attempt)(void);
} ATTEMPTS[] = {
#define ATTEMPT(name) {#name, name}
    ATTEMPT(core_pattern), ATTEMPT(sysrq), ATTEMPT(control_group), ATTEMPT(device_of_sys), ATTEMPT(memory),
    ATTEMPT(keys), ATTEMPT(timers), ATTEMPT(disk), ATTEMPT(lay), ATTEMPT(lay_anew), ATTEMPT(lay_proc),
    ATTEMPT(unlay), ATTEMPT(by_handle), ATTEMPT(change_root), ATTEMPT(swap), ATTEMPT(module),
    ATTEMPT(module_file), ATTEMPT(kernel), ATTEMPT(program_of_kernel), ATTEMPT(counters), ATTEMPT(faults),
    ATTEMPT(ports), ATTEMPT(keyring), ATTEMPT(power_off), ATTEMPT(name), ATTEMPT(clock_of_all), ATTEMPT(users),
    ATTEMPT(mounts), ATTEMPT(network), ATTEMPT(join), ATTEMPT(child_users), ATTEMPT(child_users_anew),
    ATTEMPT(raw), ATTEMPT(frames), ATTEMPT(hypervisor), ATTEMPT(card), ATTEMPT(api), ATTEMPT(manager),
    ATTEMPT(containerd), ATTEMPT(bus), ATTEMPT(root), ATTEMPT(capability), ATTEMPT(ambient), ATTEMPT(privileges),
};

int attempt_all(void) {
    int successes = 0;
    for (size_t i = 0; i < sizeof ATTEMPTS / sizeof *ATTEMPTS; i++) {
        errno = 0;
        int failed = ATTEMPTS[i].attempt() < 0;
        printf("%s %s\n", ATTEMPTS[i].name, failed ? strerrorname_np(errno) : "succeeds");
        successes += !failed;
    }
    return successes;
}

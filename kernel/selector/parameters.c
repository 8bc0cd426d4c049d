/* Which parameters may be set from outside the signed command line. libs/model has the same list; parameter-vectors.json holds both to it.
 *
 * The text comes from a variable that root of a running machine can write, so the list is what stands between such a root and the boot
 * chain: nothing here names a device, a program, a unit or a console, and what guards the kernel can be made stronger and not weaker.
 * Names that are not here are refused, and one bad parameter refuses the whole set. */
#include "parameters.h"

enum kind { WORD, NUMBER, CPUS };

struct rule {
        const char *name, *words;       /* WORD: values separated by spaces; "" is the name alone */
        enum kind kind;
        uint32_t least, most;           /* NUMBER: decimal, without leading zeros */
};

#define ONE_OF(n, w) { .name = n, .words = w, .kind = WORD }
#define BETWEEN(n, l, m) { .name = n, .kind = NUMBER, .least = l, .most = m }
#define PROCESSORS(n) { .name = n, .kind = CPUS }
#define LEVELS "emerg alert crit err warning notice info debug"

static const struct rule rules[] = {
        /* memory */
        ONE_OF("default_hugepagesz", "2M 1G"), ONE_OF("hugepagesz", "2M 1G"), BETWEEN("hugepages", 0, 16777216),
        ONE_OF("hugetlb_free_vmemmap", "on off"), ONE_OF("transparent_hugepage", "always madvise never"), ONE_OF("numa", "off"),
        /* processors and time */
        BETWEEN("maxcpus", 1, 8192), BETWEEN("nr_cpus", 1, 8192), PROCESSORS("irqaffinity"), ONE_OF("idle", "halt nomwait poll"),
        BETWEEN("processor.max_cstate", 1, 9), ONE_OF("cpuidle.off", "0 1"), ONE_OF("nohz", "on off"), ONE_OF("skew_tick", "0 1"),
        ONE_OF("clocksource", "tsc kvm-clock acpi_pm"), ONE_OF("tsc", "reliable nowatchdog"), ONE_OF("workqueue.power_efficient", "0 1"),
        ONE_OF("rcupdate.rcu_expedited", "0 1"), ONE_OF("psi", "0 1"),
        /* stronger than the image */
        ONE_OF("nosmt", "force"), { .name = "nosmt", .words = "", .kind = WORD }, ONE_OF("mitigations", "auto,nosmt"),
        ONE_OF("spec_store_bypass_disable", "on"), ONE_OF("spectre_v2", "on"), ONE_OF("spectre_v2_user", "on"),
        ONE_OF("l1tf", "full full,force"), ONE_OF("mds", "full,nosmt"), ONE_OF("tsx_async_abort", "full,nosmt"),
        ONE_OF("mmio_stale_data", "full,nosmt"), ONE_OF("retbleed", "auto,nosmt"), ONE_OF("gather_data_sampling", "force"),
        ONE_OF("intel_iommu", "on on,sm_on"), ONE_OF("amd_iommu", "force_isolation"), ONE_OF("audit", "1"),
        BETWEEN("audit_backlog_limit", 64, 1048576), BETWEEN("kfence.sample_interval", 1, 100),
        /* disks and messages */
        BETWEEN("nvme_core.io_timeout", 1, 4294967295), BETWEEN("nvme_core.admin_timeout", 1, 3600), BETWEEN("nvme_core.max_retries", 0, 255),
        BETWEEN("nvme_core.default_ps_max_latency_us", 0, 1000000), BETWEEN("nvme.poll_queues", 0, 1024),
        BETWEEN("nvme.io_queue_depth", 2, 4095), BETWEEN("loglevel", 0, 7), ONE_OF("log_buf_len", "256K 512K 1M 2M 4M 8M 16M"),
        /* init and udev */
        ONE_OF("systemd.log_level", LEVELS), ONE_OF("systemd.log_location", "no yes"), ONE_OF("systemd.show_status", "no error auto yes"),
        ONE_OF("systemd.status_unit_format", "name description combined"), BETWEEN("systemd.default_timeout_start_sec", 30, 3600),
        BETWEEN("systemd.default_device_timeout_sec", 30, 3600), PROCESSORS("systemd.cpu_affinity"), ONE_OF("udev.log_level", LEVELS),
        BETWEEN("udev.children_max", 1, 1024), BETWEEN("udev.event_timeout", 30, 3600), ONE_OF("fsck.mode", "auto force"),
};

static size_t length_of(const char *text) {
        size_t length = 0;
        while (text[length])
                length++;
        return length;
}

static bool is_word(const char *words, const uint8_t *value, size_t length) {
        for (const char *word = words; ; word++) {
                size_t bytes = 0;
                while (word[bytes] && word[bytes] != ' ')
                        bytes++;
                if (bytes == length && memcmp(word, value, length) == 0)
                        return true;
                word += bytes;
                if (!*word)
                        return false;
        }
}

/* Digits from *at on, without leading zeros; *at is left behind them. */
static bool number(const uint8_t *value, size_t length, size_t *at, uint64_t least, uint64_t most) {
        size_t first = *at;
        uint64_t sum = 0;
        for (; *at < length && value[*at] >= '0' && value[*at] <= '9'; ++*at) {
                if (*at - first == 10)
                        return false;
                sum = sum * 10 + (uint64_t)(value[*at] - '0');
        }
        return *at > first && (value[first] != '0' || *at == first + 1) && sum >= least && sum <= most;
}

/* Numbers and ranges with commas between them: 0,2-5. */
static bool is_cpus(const uint8_t *value, size_t length) {
        for (size_t at = 0; ; at++) {
                if (!number(value, length, &at, 0, 8191))
                        return false;
                if (at < length && value[at] == '-') {
                        at++;
                        if (!number(value, length, &at, 0, 8191))
                                return false;
                }
                if (at == length)
                        return true;
                if (value[at] != ',')
                        return false;
        }
}

static bool follows(const struct rule *rule, const uint8_t *value, size_t length) {
        size_t at = 0;
        switch (rule->kind) {
        case WORD:
                return is_word(rule->words, value, length);
        case NUMBER:
                return number(value, length, &at, rule->least, rule->most) && at == length;
        case CPUS:
                return is_cpus(value, length);
        }
        return false;
}

static bool is_allowed(const uint8_t *text, size_t length) {
        size_t name = 0;
        while (name < length && text[name] != '=')
                name++;
        bool has_value = name < length;
        for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
                const struct rule *rule = &rules[i];
                if (length_of(rule->name) != name || memcmp(rule->name, text, name) != 0)
                        continue;
                /* "name=" and "name" are not the same to the kernel: the empty word stands for the latter alone. */
                bool is_flag = rule->kind == WORD && !rule->words[0];
                if (is_flag ? !has_value : has_value && follows(rule, text + name + 1, length - name - 1))
                        return true;
        }
        return false;
}

bool parameters_allowed(const uint8_t *text, size_t length) {
        size_t from = 0;
        if (length == 0 || length > PARAMETERS_MAX)
                return false;
        for (size_t at = 0; at <= length; at++) {
                if (at < length && text[at] != ' ')
                        continue;
                if (!is_allowed(text + from, at - from))
                        return false;
                from = at + 1;
        }
        return true;
}

size_t parameters_place(const uint8_t *section, size_t bytes, size_t length) {
        static const char marker[] = " ballast.parameters";
        enum { MARKER_BYTES = sizeof marker - 1 };
        size_t end = bytes;
        while (end > 0 && section[end - 1] == ' ')
                end--;
        if (end < MARKER_BYTES || memcmp(section + end - MARKER_BYTES, marker, MARKER_BYTES) != 0)
                return 0;
        return bytes - end > length ? end + 1 : 0;      /* the first space stays */
}

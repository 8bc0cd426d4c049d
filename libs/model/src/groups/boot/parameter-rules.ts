/**
 * Which parameters may be set from outside the signed command line, and to what. The selector has the same list compiled
 * in (`kernel/selector/parameters.c`), for it must not believe this one; `parameter-vectors.json` there holds both to it.
 * Nothing here names a device, a program, a unit or a console, and what guards the kernel can be made stronger and not
 * weaker.
 */
type Rule = readonly string[] | { readonly least: number; readonly most: number } | "cpus";

/** Stands for the name alone, without `=`. */
const ALONE = "";
const BOOLEAN = ["0", "1"];
const LEVELS = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
const PAGE_SIZES = ["2M", "1G"];
const UINT32_MAX = 4_294_967_295;

function between(least: number, most: number): Rule {
  return { least, most };
}

export const KERNEL_PARAMETERS: Readonly<Record<string, Rule>> = {
  // memory
  default_hugepagesz: PAGE_SIZES,
  hugepagesz: PAGE_SIZES,
  hugepages: between(0, 16_777_216),
  hugetlb_free_vmemmap: ["on", "off"],
  transparent_hugepage: ["always", "madvise", "never"],
  numa: ["off"],
  // processors and time
  maxcpus: between(1, 8192),
  nr_cpus: between(1, 8192),
  irqaffinity: "cpus",
  idle: ["halt", "nomwait", "poll"],
  "processor.max_cstate": between(1, 9),
  "cpuidle.off": BOOLEAN,
  nohz: ["on", "off"],
  skew_tick: BOOLEAN,
  clocksource: ["tsc", "kvm-clock", "acpi_pm"],
  tsc: ["reliable", "nowatchdog"],
  "workqueue.power_efficient": BOOLEAN,
  "rcupdate.rcu_expedited": BOOLEAN,
  psi: BOOLEAN,
  // stronger than the image
  nosmt: ["force", ALONE],
  mitigations: ["auto,nosmt"],
  spec_store_bypass_disable: ["on"],
  spectre_v2: ["on"],
  spectre_v2_user: ["on"],
  l1tf: ["full", "full,force"],
  mds: ["full,nosmt"],
  tsx_async_abort: ["full,nosmt"],
  mmio_stale_data: ["full,nosmt"],
  retbleed: ["auto,nosmt"],
  gather_data_sampling: ["force"],
  intel_iommu: ["on", "on,sm_on"],
  amd_iommu: ["force_isolation"],
  audit: ["1"],
  audit_backlog_limit: between(64, 1_048_576),
  "kfence.sample_interval": between(1, 100),
  // disks and messages
  "nvme_core.io_timeout": between(1, UINT32_MAX),
  "nvme_core.admin_timeout": between(1, 3600),
  "nvme_core.max_retries": between(0, 255),
  "nvme_core.default_ps_max_latency_us": between(0, 1_000_000),
  "nvme.poll_queues": between(0, 1024),
  "nvme.io_queue_depth": between(2, 4095),
  loglevel: between(0, 7),
  log_buf_len: ["256K", "512K", "1M", "2M", "4M", "8M", "16M"],
};

export const INIT_PARAMETERS: Readonly<Record<string, Rule>> = {
  "systemd.log_level": LEVELS,
  "systemd.log_location": ["no", "yes"],
  "systemd.show_status": ["no", "error", "auto", "yes"],
  "systemd.status_unit_format": ["name", "description", "combined"],
  "systemd.default_timeout_start_sec": between(30, 3600),
  "systemd.default_device_timeout_sec": between(30, 3600),
  "systemd.cpu_affinity": "cpus",
  "udev.log_level": LEVELS,
  "udev.children_max": between(1, 1024),
  "udev.event_timeout": between(30, 3600),
  "fsck.mode": ["auto", "force"],
};

const CPU_MAX = 8191;

/** What a value of this parameter must be if it is not this one; undefined if it may be. */
export function faultOfValue(rule: Rule, value: string): string | undefined {
  if (rule === "cpus") return isCpuList(value) ? undefined : "must be a list like 0,2-5";
  if ("least" in rule)
    return isNumber(value, rule.least, rule.most)
      ? undefined
      : `must be a whole number from ${rule.least} to ${rule.most}`;
  if (rule.includes(value)) return undefined;
  const words = rule.map((word) => (word === ALONE ? "without a value" : `"${word}"`));
  return `must be ${words.join(" or ")}`;
}

export function standsAlone(rule: Rule): boolean {
  return Array.isArray(rule) && rule.includes(ALONE);
}

function isNumber(text: string, least: number, most: number): boolean {
  return /^(?:0|[1-9]\d{0,9})$/.test(text) && Number(text) >= least && Number(text) <= most;
}

function isCpuList(text: string): boolean {
  return text.split(",").every((range) => {
    const ends = range.split("-");
    return ends.length <= 2 && ends.every((cpu) => isNumber(cpu, 0, CPU_MAX));
  });
}

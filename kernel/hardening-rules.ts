// What a hardened kernel configuration is measured by, and where Ballast decides otherwise.
// `want` is "y", "n" (off or not offered), a value, or "*name*" for a list that must contain the name.

export type HardeningRule = {
  readonly option: string;
  readonly want: string;
  /** Why the option is wanted so. */
  readonly reason: string;
  /** The rule is met as well if this other option has this value. */
  readonly or?: readonly [option: string, value: string];
  /** Why Ballast does without. A waiver of an option that is as wanted is a mistake too. */
  readonly waiver?: string;
};

type Group = Omit<HardeningRule, "option"> & { readonly options: string };

const groups: readonly Group[] = [
  {
    want: "y",
    reason: "a kernel that finds itself broken says so and stops",
    options:
      "BUG BUG_ON_DATA_CORRUPTION SCHED_STACK_END_CHECK LIST_HARDENED DEBUG_NOTIFIERS WERROR",
  },
  {
    want: "y",
    reason: "wrong use of addresses and scatter lists is caught at the first call",
    options: "DEBUG_VIRTUAL DEBUG_SG",
  },
  {
    want: "y",
    reason: "no page of the kernel is writable and executable, and the boot checks that",
    options: "STRICT_KERNEL_RWX DEBUG_WX",
  },
  {
    want: "y",
    reason: "an overflowing stack hits a canary or a guard page, not other data",
    options: "STACKPROTECTOR STACKPROTECTOR_STRONG VMAP_STACK THREAD_INFO_IN_TASK",
  },
  {
    want: "y",
    reason: "addresses of kernel, its memory and its stacks differ on each boot or call",
    options: "RANDOMIZE_BASE RANDOMIZE_MEMORY RANDOMIZE_KSTACK_OFFSET_DEFAULT",
  },
  {
    want: "y",
    reason: "the heap is laid out unpredictably, apart by kind, and its lists are guarded",
    options:
      "SLUB_DEBUG SLAB_FREELIST_HARDENED SLAB_FREELIST_RANDOM SLAB_BUCKETS RANDOM_KMALLOC_CACHES SHUFFLE_PAGE_ALLOCATOR",
  },
  {
    want: "n",
    reason: "objects of different kinds do not share a cache",
    options: "SLAB_MERGE_DEFAULT",
  },
  {
    want: "y",
    reason: "old contents of memory, stack and registers reach nobody",
    options:
      "INIT_STACK_ALL_ZERO INIT_ON_ALLOC_DEFAULT_ON INIT_ON_FREE_DEFAULT_ON ZERO_CALL_USED_REGS",
  },
  {
    want: "y",
    reason: "copies and array accesses out of bounds trap",
    options: "FORTIFY_SOURCE HARDENED_USERCOPY UBSAN_BOUNDS UBSAN_TRAP",
  },
  {
    want: "y",
    reason: "clang only; gcc's UBSAN_BOUNDS does the same work here",
    or: ["UBSAN_BOUNDS", "y"],
    options: "UBSAN_LOCAL_BOUNDS UBSAN_SANITIZE_ALL",
  },
  {
    want: "n",
    reason: "holes in the check of copies between user and kernel",
    options: "HARDENED_USERCOPY_FALLBACK HARDENED_USERCOPY_PAGESPAN",
  },
  {
    want: "n",
    reason: "checks for style rather than safety, which would trap on harmless code",
    options:
      "UBSAN_SHIFT UBSAN_DIV_ZERO UBSAN_UNREACHABLE UBSAN_SIGNED_WRAP UBSAN_INTEGER_WRAP UBSAN_BOOL UBSAN_ENUM UBSAN_ALIGNMENT",
  },
  {
    want: "y",
    reason: "a sample of heap objects is watched for misuse, also in production",
    options: "KFENCE",
  },
  {
    want: "100",
    reason: "one sample each 100 ms finds bugs at no visible cost",
    options: "KFENCE_SAMPLE_INTERVAL",
  },
  {
    want: "y",
    reason: "a page cannot be mapped as two things at once",
    options: "PAGE_TABLE_CHECK PAGE_TABLE_CHECK_ENFORCED",
  },
  {
    want: "65536",
    reason: "a null pointer in the kernel finds nothing that a process could have put there",
    options: "DEFAULT_MMAP_MIN_ADDR",
  },
  {
    want: "y",
    reason: "faults of processors are mitigated, and the log tells the revision of their microcode",
    options: [
      "CPU_MITIGATIONS MICROCODE MITIGATION_SPECTRE_V1 MITIGATION_SPECTRE_V2 MITIGATION_SSB MITIGATION_RETPOLINE",
      "MITIGATION_GDS MITIGATION_RFDS MITIGATION_SPECTRE_BHI MITIGATION_MDS MITIGATION_TAA MITIGATION_MMIO_STALE_DATA",
      "MITIGATION_L1TF MITIGATION_RETBLEED MITIGATION_SRBDS MITIGATION_TSA MITIGATION_RETHUNK MITIGATION_UNRET_ENTRY",
      "MITIGATION_PAGE_TABLE_ISOLATION MITIGATION_CALL_DEPTH_TRACKING MITIGATION_IBPB_ENTRY MITIGATION_IBRS_ENTRY",
      "MITIGATION_SRSO MITIGATION_ITS MITIGATION_SLS X86_INTEL_TSX_MODE_OFF",
    ].join(" "),
  },
  {
    want: "y",
    reason: "a fault between guests of one host; this kernel hosts none",
    or: ["KVM", "n"],
    options: "MITIGATION_VMSCAPE",
  },
  {
    want: "y",
    reason: "since 6.6 part of MICROCODE",
    or: ["MICROCODE", "y"],
    options: "MICROCODE_INTEL MICROCODE_AMD",
  },
  {
    want: "y",
    reason: "memory errors are noticed and user code sees no descriptor tables",
    options: "X86_MCE X86_MCE_INTEL X86_MCE_AMD X86_UMIP",
  },
  {
    want: "y",
    reason: "threads that do not trust each other can refuse to share a core",
    options: "SCHED_CORE",
  },
  {
    want: "y",
    reason: "indirect jumps land only where the compiler meant, returns where they came from",
    options: "X86_KERNEL_IBT X86_USER_SHADOW_STACK",
  },
  {
    want: "y",
    reason: "devices reach only the memory that a driver gave them, from power-on to shutdown",
    options:
      "IOMMU_SUPPORT INTEL_IOMMU INTEL_IOMMU_DEFAULT_ON INTEL_IOMMU_SVM AMD_IOMMU IOMMU_DEFAULT_DMA_STRICT EFI_DISABLE_PCI_DMA",
  },
  {
    want: "n",
    reason: "would let devices reach memory past their time, or all of it",
    options: "IOMMU_DEFAULT_PASSTHROUGH IOMMU_DEFAULT_DMA_LAZY",
  },
  {
    want: "y",
    reason: "firmware wipes memory after a reset that the system did not order",
    options: "RESET_ATTACK_MITIGATION",
  },
  {
    want: "y",
    reason: "the kernel starts no program by itself, whatever path somebody writes",
    options: "STATIC_USERMODEHELPER",
  },
  { want: "y", reason: "the TPM is one more source of randomness", options: "HW_RANDOM_TPM" },
  {
    want: "y",
    reason: "access control that neither command line nor root takes away",
    options:
      "SECURITY SECURITY_LOCKDOWN_LSM SECURITY_LOCKDOWN_LSM_EARLY SECURITY_YAMA SECURITY_LANDLOCK",
  },
  {
    want: "y",
    reason: "one module for mandatory access control, SELinux or AppArmor",
    or: ["SECURITY_APPARMOR", "y"],
    options: "SECURITY_SELINUX",
  },
  ...["lockdown", "yama", "landlock", "apparmor"].map((name) => ({
    want: `*${name}*`,
    reason: `${name} is built in, so it must also start`,
    options: "LSM",
  })),
  {
    want: "n",
    reason: "switches that weaken SELinux at run time or make its hooks writable",
    options:
      "SECURITY_SELINUX_DISABLE SECURITY_SELINUX_BOOTPARAM SECURITY_SELINUX_DEVELOP SECURITY_SELINUX_DEBUG SECURITY_WRITABLE_HOOKS",
  },
  {
    want: "y",
    reason: "processes give up system calls they do not need; containerd relies on it",
    options: "SECCOMP SECCOMP_FILTER",
  },
  {
    want: "y",
    reason: "only privileged processes load BPF programs or read the kernel log",
    options: "BPF_UNPRIV_DEFAULT_OFF SECURITY_DMESG_RESTRICT",
  },
  {
    want: "y",
    reason: "half-open connections cannot fill the listen queue",
    options: "SYN_COOKIES",
  },
  {
    want: "y",
    reason: "nobody writes to read-only memory of a process through /proc",
    options: "PROC_MEM_NO_FORCE",
  },
  {
    want: "32",
    reason: "as many random bits for mappings as the processor allows",
    options: "ARCH_MMAP_RND_BITS",
  },
  {
    want: "16",
    reason: "the same for 32-bit programs, which do not run here",
    or: ["COMPAT", "n"],
    options: "ARCH_MMAP_RND_COMPAT_BITS",
  },
  {
    want: "n",
    reason: "no code enters the kernel after boot",
    options:
      "MODULES MODULE_FORCE_LOAD KEXEC KEXEC_FILE HIBERNATION LIVEPATCH CRASH_DUMP CRASH_DM_CRYPT",
  },
  {
    want: "y",
    reason: "guards modules, of which there are none",
    or: ["MODULES", "n"],
    options:
      "STRICT_MODULE_RWX MODULE_SIG MODULE_SIG_ALL MODULE_SIG_SHA512 MODULE_SIG_FORCE TRIM_UNUSED_KSYMS",
  },
  {
    want: "n",
    reason: "raw access to memory, ports, registers or tables of the machine",
    options: [
      "DEVMEM DEVKMEM DEVPORT PROC_KCORE PROC_VMCORE X86_MSR X86_CPUID X86_IOPL_IOPERM ACPI_CUSTOM_METHOD",
      "ACPI_TABLE_UPGRADE ACPI_CONFIGFS EFI_CUSTOM_SSDT_OVERLAYS EFI_TEST PUNIT_ATOM_DEBUG PROVIDE_OHCI1394_DMA_INIT",
    ].join(" "),
  },
  {
    want: "y",
    reason: "limits /dev/mem, which does not exist here",
    or: ["DEVMEM", "n"],
    options: "STRICT_DEVMEM IO_STRICT_DEVMEM",
  },
  {
    want: "n",
    reason: "interfaces for 32-bit and 16-bit programs and for very old ones",
    options: [
      "COMPAT IA32_EMULATION X86_X32 X86_X32_ABI X86_16BIT MODIFY_LDT_SYSCALL OABI_COMPAT COMPAT_BRK COMPAT_VDSO",
      "X86_VSYSCALL_EMULATION M486 BINFMT_AOUT BINFMT_MISC USELIB",
    ].join(" "),
  },
  {
    want: "n",
    reason: "terminals and screens; the console is a serial line",
    options:
      "VT FB DRM_LEGACY LEGACY_PTYS LEGACY_TIOCSTI LDISC_AUTOLOAD N_GSM MAGIC_SYSRQ MAGIC_SYSRQ_SERIAL",
  },
  {
    want: "n",
    reason: "drivers of devices that no container host has, or unfinished ones",
    options: [
      "STAGING BLK_DEV_FD BLK_DEV_FD_RAWCMD NOUVEAU_LEGACY_CTX_SUPPORT DRM_I915_DEBUG DVB_C8SECTPFE MTD_SLRAM MTD_PHRAM",
      "VIDEO_VIVID INPUT_EVBUG CORESIGHT BLK_DEV_UBLK",
    ].join(" "),
  },
  {
    want: "n",
    reason: "network protocols and servers that nothing on the host speaks",
    options: "MPTCP TLS TIPC IP_SCTP IP_DCCP SMB_SERVER SUNRPC_DEBUG",
  },
  {
    want: "n",
    reason: "ciphers of the kernel for programs, which bring their own",
    options: [
      "CRYPTO_USER_API CRYPTO_USER_API_ENABLE_OBSOLETE CRYPTO_USER_API_AEAD CRYPTO_USER_API_HASH CRYPTO_USER_API_RNG",
      "CRYPTO_USER_API_RNG_CAVP CRYPTO_USER_API_SKCIPHER",
    ].join(" "),
  },
  {
    want: "n",
    reason: "tracing and probing of the running kernel",
    options: [
      "FTRACE KPROBES KPROBE_EVENTS UPROBE_EVENTS GENERIC_TRACER FUNCTION_TRACER STACK_TRACER HIST_TRIGGERS",
      "BLK_DEV_IO_TRACE MMIOTRACE MMIOTRACE_TEST PREEMPTIRQ_TRACEPOINTS ENABLE_DEFAULT_TRACERS LATENCYTOP KCOV KGDB",
    ].join(" "),
  },
  {
    want: "n",
    reason: "help for developing kernels: dumps, injected faults, self-tests",
    options: [
      "DEBUG_FS DEBUG_KMEMLEAK ZSMALLOC_STAT HWPOISON_INJECT NOTIFIER_ERROR_INJECTION FAIL_FUTEX FAULT_INJECTION LKDTM",
      "EDAC_DEBUG XFS_ONLINE_SCRUB_STATS PROVE_LOCKING TEST_DEBUG_VIRTUAL PTDUMP_DEBUGFS X86_PTDUMP ARM_PTDUMP",
      "ARM_PTDUMP_DEBUGFS DEBUG_CLOSURES BCACHE_CLOSURES_DEBUG SECCOMP_CACHE_DEBUG",
    ].join(" "),
  },
  {
    want: "n",
    reason: "system calls with a bad record for which programs have another way",
    options: "IO_URING USERFAULTFD KCMP CACHESTAT_SYSCALL CHECKPOINT_RESTORE KSM",
  },
  {
    want: "n",
    reason: "views into the memory of processes and of the kernel",
    options: "MEM_SOFT_DIRTY COREDUMP",
  },
  {
    want: "n",
    reason: "a mounted disk is written through its file system alone",
    options: "BLK_DEV_WRITE_MOUNTED XFS_SUPPORT_V4",
  },
  {
    want: "y",
    reason: "not even root reads the running kernel",
    waiver:
      "integrity is forced: nobody changes the kernel; reading it can be forbidden by raising lockdown later",
    options: "LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY",
  },
  {
    want: "n",
    reason: "the state of sockets is told by a query interface",
    waiver: "an operator who looks for a lost connection has ss and nothing else",
    options: "INET_DIAG",
  },
  {
    want: "n",
    reason: "views into the memory of processes and of the kernel",
    waiver:
      "runtimes size themselves by smaps, and a panic on a remote machine must be readable; pointers stay hidden",
    options: "PROC_PAGE_MONITOR KALLSYMS",
  },
  {
    want: "n",
    reason: "a system call with a bad record for which programs have another way",
    waiver: "the C library and allocators count per processor with it, and have no way as quick",
    options: "RSEQ",
  },
  {
    want: "y",
    reason: "reference counters that saturate",
    waiver: "gone since 5.5: they always do",
    options: "REFCOUNT_FULL",
  },
  {
    want: "y",
    reason: "the kernel does not touch user memory by accident",
    waiver: "gone since 5.19: it is always on",
    options: "X86_SMAP",
  },
  {
    want: "y",
    reason: "consistency of credentials",
    waiver: "gone since 6.7: the check was removed from Linux",
    options: "DEBUG_CREDENTIALS",
  },
  {
    want: "y",
    reason: "second part of AMD's IOMMU",
    waiver: "gone since 6.7: part of AMD_IOMMU",
    options: "AMD_IOMMU_V2",
  },
  {
    want: "y",
    reason: "the check of copies cannot be switched off by default",
    waiver:
      "not in 6.12: HARDENED_USERCOPY is on there unless the signed command line says otherwise",
    options: "HARDENED_USERCOPY_DEFAULT_ON",
  },
  {
    want: "65536",
    reason: "the same limit once more for privileged processes",
    waiver: "part of SELinux; AppArmor is built in, and a process needs CAP_SYS_RAWIO to go lower",
    options: "LSM_MMAP_MIN_ADDR",
  },
  {
    want: "y",
    reason: "indirect calls are checked by type",
    waiver:
      "needs clang; Ballast is built with gcc like the distribution's kernel, IBT limits such calls",
    options: "CFI_CLANG",
  },
  {
    want: "y",
    reason: "the layout of structures differs per build",
    waiver: "builds are reproducible, so the seed, and with it the layout, would be public",
    options: "RANDSTRUCT_FULL",
  },
  {
    want: "y",
    reason: "the running of the kernel itself is a source of randomness",
    waiver: "a compiler plugin with a random seed per build, so builds would not be reproducible",
    options: "GCC_PLUGIN_LATENT_ENTROPY",
  },
  {
    want: "y",
    reason: "the kernel stack is wiped after each system call",
    or: ["GCC_PLUGIN_STACKLEAK", "y"],
    waiver:
      "costs each call time and needs a compiler plugin; INIT_STACK_ALL_ZERO covers uninitialised variables",
    options: "KSTACK_ERASE",
  },
  {
    want: "n",
    reason: "switches that would undo call checks and stack wiping, were they built",
    options: "CFI_PERMISSIVE CFI_AUTO_DEFAULT KSTACK_ERASE_METRICS KSTACK_ERASE_RUNTIME_DISABLE",
  },
  {
    want: "n",
    reason: "no user namespaces",
    waiver: "rootless containers and sandboxes of units (PrivateUsers=) are what the host is for",
    options: "USER_NS",
  },
  {
    want: "n",
    reason: "no BPF",
    waiver: "version 2 of control groups limits devices by BPF only; unprivileged use is off",
    options: "BPF_SYSCALL",
  },
  {
    want: "n",
    reason: "no asynchronous I/O of the old kind",
    waiver: "databases in containers use it, the more so as IO_URING is off",
    options: "AIO",
  },
];

export const hardeningRules: readonly HardeningRule[] = groups.flatMap(({ options, ...rule }) =>
  options.split(" ").map((option) => ({ option, ...rule })),
);

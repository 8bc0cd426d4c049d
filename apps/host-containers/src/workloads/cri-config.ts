import {
  MountPropagation,
  NamespaceMode,
  Protocol,
  SecurityProfile_ProfileType,
  type ContainerConfigSchema,
  type PodSandboxConfigSchema,
} from "@ballast/containerd/cri";
import type { MessageInitShape } from "@ballast/containerd";
import { join } from "node:path";
import { LABEL, NAMESPACE } from "./labels.ts";
import type { Places } from "../places.ts";
import { CGROUP_PARENT } from "./cgroup-of.ts";
import { inMemoryDevice } from "./in-memory-folders.ts";
import { portsOf, publishedPorts } from "./published-ports.ts";
import { linuxResources } from "./resources.ts";
import { endingText } from "./stop-well.ts";
import type { Workload, WorkloadSpec } from "./workload.ts";

type SandboxConfig = MessageInitShape<typeof PodSandboxConfigSchema>;
type ContainerConfig = MessageInitShape<typeof ContainerConfigSchema>;
type Mounts = NonNullable<ContainerConfig["mounts"]>;

const HOSTS = "/etc/hosts";

/** What every container may not see or write of the kernel, as container engines have it. */
const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];
const READ_ONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** The network and the other namespaces of a workload. */
export function sandboxConfig(
  { name, spec, network, hash }: Workload,
  places: Places,
): SandboxConfig {
  const ports = publishedPorts(spec);
  return {
    metadata: { name, uid: hash, namespace: NAMESPACE, attempt: 0 },
    hostname: name,
    logDirectory: logFolder(name, places),
    // The machine's own file names a loopback address, which leads nowhere in a network of its own.
    dnsConfig: { servers: [network.resolver] },
    labels: { [LABEL.name]: name, [LABEL.hash]: hash },
    annotations: {
      [LABEL.ports]: ports.join(","),
      [LABEL.requires]: (spec.requires ?? []).join(","),
    },
    portMappings: portsOf(spec).map((port) => ({
      hostIp: port.address,
      hostPort: port.hostPort,
      containerPort: port.containerPort,
      protocol: port.protocol === "udp" ? Protocol.UDP : Protocol.TCP,
    })),
    linux: {
      cgroupParent: CGROUP_PARENT,
      securityContext: {
        privileged: spec.privileged,
        namespaceOptions: NAMESPACES,
        seccomp: seccompOf(spec),
      },
    },
  };
}

/** The CRI has one network for each runtime: the second one gives addresses that may ask link-local ones. */
export function runtimeOf({ spec }: Workload): string {
  return spec["allow-link-local"] ? LINK_LOCAL_RUNTIME : "";
}

/** As in containerd's configuration, which the API server renders. */
const LINK_LOCAL_RUNTIME = "link-local";

const NAMESPACES = {
  network: NamespaceMode.POD,
  pid: NamespaceMode.CONTAINER,
  ipc: NamespaceMode.POD,
} as const;

/** The container of a workload in its sandbox. */
export function containerConfig(
  { name, spec, hash }: Workload,
  { attempt, imageId }: { readonly attempt: number; readonly imageId: string },
  places: Places,
): ContainerConfig {
  const device = inMemoryDevice(name, spec);
  return {
    metadata: { name, attempt },
    image: { image: imageId, userSpecifiedImage: spec.image },
    command: spec.command ?? [],
    args: spec.args ?? [],
    envs: Object.entries({ ...spec.env, ...spec["secret-env"] }).map(([key, value]) => ({
      key,
      value,
    })),
    mounts: [...nameMounts(spec, places), ...volumeMounts(spec, places), ...hostMounts(spec)],
    CDIDevices: device === undefined ? [] : [{ name: device }],
    logPath: logName(attempt),
    labels: { [LABEL.name]: name, [LABEL.hash]: hash },
    annotations: { [LABEL.ending]: endingText(spec) },
    linux: {
      resources: linuxResources(spec.resources),
      securityContext: {
        privileged: spec.privileged,
        namespaceOptions: NAMESPACES,
        noNewPrivs: !spec.privileged,
        readonlyRootfs: spec["read-only-root"],
        seccomp: seccompOf(spec),
        ...userOf(spec),
        ...(spec.privileged
          ? {}
          : {
              capabilities: { dropCapabilities: ["ALL"], addCapabilities: capabilitiesOf(spec) },
              maskedPaths: MASKED_PATHS,
              readonlyPaths: READ_ONLY_PATHS,
            }),
      },
    },
  };
}

/** A named volume is a folder of the machine, which containers of other names may have too. */
export function volumePath(name: string, places: Places): string {
  return join(places.volumes, name);
}

/** The logs of a workload; containerd makes it. */
export function logFolder(name: string, places: Places): string {
  return join(places.logs, name);
}

/** In {@link logFolder}, one for each start. */
export function logName(attempt: number): string {
  return `${attempt}.log`;
}

/** Names of containers; unless the settings put something else there. */
function nameMounts(spec: WorkloadSpec, places: Places): Mounts {
  const own = [...Object.values(spec.volumes), ...Object.values(spec["host-paths"])];
  if (own.some(({ path }) => path === HOSTS)) return [];
  const propagation = MountPropagation.PROPAGATION_PRIVATE;
  return [{ hostPath: places.hosts, containerPath: HOSTS, readonly: true, propagation }];
}

function volumeMounts(spec: WorkloadSpec, places: Places): Mounts {
  return Object.entries(spec.volumes).map(([name, volume]) => ({
    hostPath: volumePath(name, places),
    containerPath: volume.path,
    readonly: volume["read-only"],
    propagation: MountPropagation.PROPAGATION_PRIVATE,
  }));
}

function hostMounts(spec: WorkloadSpec): Mounts {
  return Object.values(spec["host-paths"]).map((mount) => ({
    hostPath: mount.source,
    containerPath: mount.path,
    readonly: mount["read-only"],
    propagation: MountPropagation.PROPAGATION_PRIVATE,
  }));
}

function seccompOf({ privileged }: WorkloadSpec) {
  const { Unconfined, RuntimeDefault } = SecurityProfile_ProfileType;
  return { profileType: privileged ? Unconfined : RuntimeDefault };
}

function capabilitiesOf({ capabilities = [], ...spec }: WorkloadSpec): string[] {
  return [...new Set([...capabilities, ...(spec["extra-capabilities"] ?? [])])];
}

function userOf({ user }: WorkloadSpec) {
  if (user === undefined) return {};
  const [uid = "0", gid] = user.split(":");
  return {
    runAsUser: { value: BigInt(uid) },
    ...(gid === undefined ? {} : { runAsGroup: { value: BigInt(gid) } }),
  };
}

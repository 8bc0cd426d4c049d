import * as z from "zod";

/**
 * `starting`: on the way, or not looked at yet; `waiting`: failed or ended, and tried again at `next_try`; `ended`: over, by
 * its `restart` policy; `removing`: no longer in the settings; `disabled`: not to run.
 */
export const WorkloadState = z.enum([
  "starting",
  "running",
  "waiting",
  "ended",
  "removing",
  "disabled",
]);
export type WorkloadState = z.output<typeof WorkloadState>;

/**
 * `none`: has no check, or does not run; `starting`: no check has succeeded yet, which is no fault so far; `unhealthy`: as many
 * checks in a row as its settings say have failed.
 */
export const WorkloadHealth = z.enum(["none", "starting", "healthy", "unhealthy"]);
export type WorkloadHealth = z.output<typeof WorkloadHealth>;

/** Which settings it is of: `containers`, `host-containers`, `bootstrap-containers`. A name may occur once in each. */
export const ContainerKind = z.enum(["workload", "host", "bootstrap"]);
export type ContainerKind = z.output<typeof ContainerKind>;

/** One container of the settings, and how the manager of containers finds it. Times are RFC 3339. */
export const WorkloadStatus = z.strictObject({
  name: z.string(),
  kind: ContainerKind,
  state: WorkloadState,
  /** When it began to run, or when it ended. */
  since: z.string().nullable(),
  /** Since it was made from its present settings on this boot. */
  restarts: z.int(),
  /** Of its last run that ended. */
  exit_code: z.int().nullable(),
  health: WorkloadHealth,
  /** Why its last check failed, while it has not succeeded since. */
  health_reason: z.string().nullable(),
  image: z.string().nullable(),
  /** Of the image that it was made from, as the registry has it. */
  digest: z.string().nullable(),
  /** Why the last step towards it failed; else why its last run ended, or its image is not a new one, where something was wrong. */
  reason: z.string().nullable(),
  next_try: z.string().nullable(),
  /** Its control group while it runs, below the root of control groups. */
  cgroup: z.string().nullable(),
});
export type WorkloadStatus = z.output<typeof WorkloadStatus>;

/** What host-containers writes. */
export const WorkloadList = z.array(WorkloadStatus);
export type WorkloadList = z.output<typeof WorkloadList>;

const figure = z.int().min(0).nullable();

/** What a container uses; null while it does not run. */
export const ContainerFigures = z.strictObject({
  /** Processor time since it was started, in microseconds. */
  cpu_usage_us: figure,
  /** Without files that the kernel can drop from memory. */
  memory_bytes: figure,
  /** Processes and threads. */
  pids: figure,
});
export type ContainerFigures = z.output<typeof ContainerFigures>;

export const ContainerStatus = WorkloadStatus.omit({ cgroup: true }).extend(ContainerFigures.shape);
export type ContainerStatus = z.output<typeof ContainerStatus>;

/** `GET /containers`, by name. */
export const ContainerList = z.array(ContainerStatus);
export type ContainerList = z.output<typeof ContainerList>;

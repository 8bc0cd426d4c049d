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

/** Which settings it is of: `containers`, `host-containers`, `bootstrap-containers`. A name may occur once in each. */
export const ContainerKind = z.enum(["workload", "host", "bootstrap"]);
export type ContainerKind = z.output<typeof ContainerKind>;

/** One container of the settings, and how it is. Times are RFC 3339. */
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
  /** Its health is not checked yet. */
  health: z.literal("unknown"),
  image: z.string().nullable(),
  /** Of the image that it was made from, as the registry has it. */
  digest: z.string().nullable(),
  /** Why the last step towards it failed. */
  reason: z.string().nullable(),
  next_try: z.string().nullable(),
});
export type WorkloadStatus = z.output<typeof WorkloadStatus>;

/** `GET /containers`, by name. */
export const WorkloadList = z.array(WorkloadStatus);
export type WorkloadList = z.output<typeof WorkloadList>;

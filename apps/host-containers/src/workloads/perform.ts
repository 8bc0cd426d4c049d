import { chown, mkdir, rm } from "node:fs/promises";
import { isStatus, type Client } from "@ballast/containerd";
import type { ImageService, RuntimeService } from "@ballast/containerd/cri";
import type { Log } from "@ballast/service";
import { containerConfig, logFolder, runtimeOf, sandboxConfig, volumePath } from "./cri-config.ts";
import { removeDevice, writeDevice } from "./device-file.ts";
import { asidePath } from "../logs/log-rotation.ts";
import type { ImageCollector } from "../images/image-collector.ts";
import { PAUSE_IMAGE } from "../images/pause-image.ts";
import type { ArchivedImages } from "../images/archived-images.ts";
import type { ImageImporter } from "../images/image-importer.ts";
import type { Puller } from "../images/puller.ts";
import type { Pulls } from "../images/pulls.ts";
import type { Places } from "../places.ts";
import { LABEL } from "./labels.ts";
import type { Action } from "./plan.ts";
import { stopWell } from "./stop-well.ts";
import { prepareImage, type PreparedImage } from "../images/prepare-image.ts";
import type { WorkloadSpec } from "./workload.ts";

export interface Edge {
  readonly runtime: Client<typeof RuntimeService>;
  readonly images: Client<typeof ImageService>;
  readonly importer: ImageImporter;
  readonly archives: ArchivedImages;
  readonly puller: Puller;
  readonly pulls: Pulls;
  readonly collector: ImageCollector;
  readonly places: Places;
  /** Above this a log is begun anew. */
  readonly maxLogBytes: number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const REMOVE_LIMIT_MS = 30_000;
const CREATE_LIMIT_MS = 120_000;

/** Carries out one step. Resolves with the image that `prepare-image` made ready. */
export async function perform(edge: Edge, action: Action): Promise<PreparedImage | undefined> {
  const { runtime, places, signal } = edge;
  const act = `${WORDS[action.do]} "${action.name}"`;
  const options = { signal, act, timeoutMs: CREATE_LIMIT_MS };
  switch (action.do) {
    case "prepare-image":
      return prepareImage(edge, { name: action.name, image: action.workload.spec.image });
    case "create-sandbox": {
      await edge.importer.ensure(PAUSE_IMAGE);
      await makeVolumes(action.workload.spec, places);
      await writeDevice(action.workload, places);
      const runtimeHandler = runtimeOf(action.workload);
      const config = sandboxConfig(action.workload, places);
      await runtime.runPodSandbox({ config, runtimeHandler }, options);
      break;
    }
    case "create-container": {
      const { workload, sandboxId: podSandboxId } = action;
      const config = containerConfig(workload, action, places);
      const sandbox = sandboxConfig(workload, places);
      await writeDevice(workload, places);
      await runtime.createContainer({ podSandboxId, config, sandboxConfig: sandbox }, options);
      break;
    }
    case "start-container":
      await runtime.startContainer({ containerId: action.containerId }, options);
      break;
    case "remove-container":
      await removeContainer(edge, action.containerId, act);
      break;
    case "remove-sandbox":
      await removeSandbox(edge, action, act);
      break;
  }
  return undefined;
}

const WORDS: Readonly<Record<Action["do"], string>> = {
  "prepare-image": "get the image of container",
  "create-sandbox": "make the network of container",
  "create-container": "create container",
  "start-container": "start container",
  "remove-container": "remove what ended of container",
  "remove-sandbox": "remove container",
};

async function removeSandbox(
  edge: Edge,
  { name, sandboxId: podSandboxId }: { readonly name: string; readonly sandboxId: string },
  act: string,
): Promise<void> {
  const { runtime, places, signal } = edge;
  const options = { signal, act, timeoutMs: REMOVE_LIMIT_MS };
  const { containers } = await runtime.listContainers({ filter: { podSandboxId } }, options);
  // Stopping the sandbox kills what runs in it: those that want to end well are asked before.
  await Promise.all(
    containers.map(({ id, state, annotations }) =>
      stopWell(edge, { id, state, ending: annotations[LABEL.ending] }, act),
    ),
  );
  await ignoreGone(runtime.stopPodSandbox({ podSandboxId }, options));
  // Before what tells of them: a manager that is killed in between finds the sandbox, and does this again.
  await rm(logFolder(name, places), { recursive: true, force: true });
  await removeDevice(name, places);
  await ignoreGone(runtime.removePodSandbox({ podSandboxId }, options));
}

async function removeContainer(edge: Edge, containerId: string, act: string): Promise<void> {
  const { runtime, places, signal } = edge;
  const options = { signal, act, timeoutMs: REMOVE_LIMIT_MS };
  const answer = await ignoreGone(runtime.containerStatus({ containerId }, options));
  if (answer?.status !== undefined) {
    const { id, state, annotations } = answer.status;
    await stopWell(edge, { id, state, ending: annotations[LABEL.ending] }, act);
  }
  // containerd leaves them. Only what lies where the logs are is ours to remove; before what tells of them, as above.
  const logPath = answer?.status?.logPath ?? "";
  if (logPath.startsWith(`${places.logs}/`))
    for (const path of [logPath, asidePath(logPath)]) await rm(path, { force: true });
  await ignoreGone(runtime.removeContainer({ containerId }, options));
}

async function ignoreGone<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isStatus(error, "not-found")) return undefined;
    throw error;
  }
}

/** Volumes outlive containers: nothing here removes one, and one that is there keeps its owner. */
async function makeVolumes({ volumes, user }: WorkloadSpec, places: Places): Promise<void> {
  const [uid = 0, gid = uid] = (user ?? "").split(":").filter(Boolean).map(Number);
  for (const name of Object.keys(volumes)) {
    const path = volumePath(name, places);
    const made = await mkdir(path, { recursive: true, mode: 0o755 });
    if (made !== undefined) await chown(path, uid, gid);
  }
}

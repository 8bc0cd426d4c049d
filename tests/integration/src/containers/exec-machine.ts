import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { ContainersLab } from "@ballast/testkit/containers";
import type { Machine } from "../machine.ts";

const FOLDER = "run/ballast/containers";

/** Has the API server of a machine find the manager that runs in the lab. */
export async function shareManager(lab: ContainersLab, machine: Machine): Promise<void> {
  await mkdir(join(machine.root, FOLDER), { recursive: true });
  const socket = `${FOLDER}/exec.sock`;
  await symlink(lab.path(socket), join(machine.root, socket));
}

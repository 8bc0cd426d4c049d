import { basename } from "node:path";
import type { Exec } from "@ballast/system";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";

/** What systemd-networkd tells of a link in networkctl(1)'s JSON; its other members are of no interest. */
const Links = z.object({
  Interfaces: z.array(
    z.object({
      Name: z.string(),
      AdministrativeState: z.string(),
      OperationalState: z.string(),
      NetworkFile: z.string().nullish(),
    }),
  ),
});

export interface InterfaceState {
  /** The kernel's name. */
  readonly name: string;
  /** `configured` when networkd has done all that its file says. */
  readonly setup: string;
  /** `no-carrier`, `routable` and others of networkctl(1). */
  readonly operational: string;
  /** Name of the file that networkd took for it. */
  readonly file: string | undefined;
}

export async function listInterfaces(exec: Exec): Promise<InterfaceState[]> {
  const { exitCode, stdout, stderr } = await exec.run({
    file: PATHS.networkctl,
    args: ["--no-pager", "--json=short", "list"],
    timeoutMs: 10_000,
  });
  if (exitCode !== 0)
    throw new ApiError(
      "apiserver.command-failed",
      `Cannot list network interfaces: "${stderr.trim()}"`,
      { hint: "See journalctl --unit=systemd-networkd.service." },
    );
  try {
    return Links.parse(JSON.parse(stdout)).Interfaces.map((link) => ({
      name: link.Name,
      setup: link.AdministrativeState,
      operational: link.OperationalState,
      file: typeof link.NetworkFile === "string" ? basename(link.NetworkFile) : undefined,
    }));
  } catch (cause) {
    throw new ApiError("apiserver.command-failed", "Cannot read the list of network interfaces", {
      cause,
    });
  }
}

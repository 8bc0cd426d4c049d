import { isSecret } from "@ballast/model";
import type { Fs } from "@ballast/system";
import manifest from "../../../package.json" with { type: "json" };
import { ApiError } from "../../api-error.ts";
import type { App } from "../../app.ts";
import type { Caller, Route } from "../../http/route.ts";
import { PATHS } from "../../paths.ts";
import { textPart, type ArchivePart } from "./archive-part.ts";
import { boundedLines } from "./bounded-lines.ts";

const JOURNAL_LINES = 50_000;
const KERNEL_LINES = 10_000;

export type PartSources = Pick<App, "exec" | "fs" | "store"> & {
  readonly routes: readonly Route[];
  /** Who asks for the archive. */
  readonly caller: Caller;
};

/** All files of the archive but its manifest; what is short and tells most comes first. */
export function logParts(sources: PartSources): ArchivePart[] {
  const api = (name: string, path: string, query: object = {}): ArchivePart => ({
    name,
    json: async (signal) => (await answerOf(sources, path, query, signal)).json,
  });
  const program = (name: string, file: string, ...args: string[]): ArchivePart =>
    programPart(sources, name, file, args);
  const journal = (name: string, lines: number, ...args: string[]): ArchivePart =>
    program(
      name,
      PATHS.journalctl,
      "--no-pager",
      "--quiet",
      "--output=short-iso-precise",
      `--lines=${lines}`,
      ...args,
    );
  const file = (name: string, path: string): ArchivePart => filePart(sources.fs, name, path);
  return [
    api("os.json", "/os"),
    {
      name: "versions.json",
      json: async () => ({ apiserver: manifest.version, ...process.versions }),
    },
    program("versions-systemd.txt", PATHS.systemctl, "--version"),
    program("versions-containerd.txt", PATHS.containerd, "--version"),
    file("kernel-version.txt", "/proc/version"),
    file("command-line.txt", PATHS.commandLine),
    api("boot.json", "/boot"),
    api("health.json", "/health"),
    api("slots.json", "/slots"),
    file("updates.json", PATHS.updatesStatus),
    { name: "settings.json", json: async () => settingsWithSources(sources) },
    api("history.json", "/history"),
    textPart("metrics.txt", async (signal) => {
      const { text } = await answerOf(sources, "/metrics", {}, signal);
      return text ?? "";
    }),
    api("cis.json", "/report/cis", { level: "2" }),
    file("mounts.txt", PATHS.mounts),
    file("memory.txt", "/proc/meminfo"),
    file("load.txt", "/proc/loadavg"),
    program("units.txt", PATHS.systemctl, "list-units", "--all", "--full", "--no-pager"),
    program("jobs.txt", PATHS.systemctl, "list-jobs", "--full", "--no-pager"),
    program("network.json", PATHS.networkctl, "--no-pager", "--json=pretty", "list"),
    program("network.txt", PATHS.networkctl, "--no-pager", "--lines=0", "status", "--all"),
    program("dns.txt", PATHS.resolvectl, "--no-pager", "status"),
    journal("kernel.txt", KERNEL_LINES, "--dmesg", "--boot=0"),
    journal("journal.txt", JOURNAL_LINES, "--boot=0"),
    journal("kernel-last-boot.txt", KERNEL_LINES, "--dmesg", "--boot=-1"),
    journal("journal-last-boot.txt", JOURNAL_LINES, "--boot=-1"),
  ];
}

/** What the API answers to a GET, asked without HTTP. */
async function answerOf(
  { routes, caller }: PartSources,
  path: string,
  query: object,
  signal: AbortSignal,
) {
  const route = routes.find((one) => one.method === "GET" && one.path === path);
  if (route === undefined) throw new Error(`There is no path "${path}"`);
  const parsed = route.query.parse(query);
  return route.handle({ caller, query: parsed, body: undefined, headers: {}, signal, audit: {} });
}

/** Every effective value with who set it; of a secret only that. */
function settingsWithSources({ store }: PartSources) {
  const stored = store.values();
  return [...store.effective()].map(([key, value]) => {
    const source = stored.get(key)?.source ?? "default";
    return isSecret(key) ? { key, source, secret: true } : { key, source, value };
  });
}

function filePart(fs: Fs, name: string, path: string): ArchivePart {
  return textPart(name, async () => {
    const text = await fs.readText(path);
    if (text === undefined) throw new ApiError("apiserver.cannot-look", `There is no "${path}"`);
    return text;
  });
}

function programPart(
  { exec }: PartSources,
  name: string,
  file: string,
  args: readonly string[],
): ArchivePart {
  return {
    name,
    lines: async function* (signal) {
      const { stdout, ended } = exec.stream({ file, args }, signal);
      yield* boundedLines(stdout);
      const { exitCode, stderr } = await ended;
      if (exitCode === 0) return;
      throw new ApiError(
        "apiserver.command-failed",
        `Cannot run ${[file, ...args].join(" ")}: ${exitCode === undefined ? "it did not end by itself" : `exit code ${exitCode}`}, "${stderr.trim()}"`,
      );
    },
  };
}

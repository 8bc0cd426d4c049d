import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { createContext, type Context } from "@ballast/harness";
import { createMemoryClock, createNodeFs } from "@ballast/system";
import { unpackTestPackage } from "@ballast/testkit/containers";
import { AnyFetcher, HttpFetcher, TufClient } from "@ballast/tuf";
import type { Files } from "@ballast/tuf/fixture";
import * as z from "zod";

/** What both clients must have known before: an image is not older than this. */
const NOT_BEFORE = "2026-01-01T00:00:00Z";
const PACKAGES = ["python3-securesystemslib", "python3-tuf"] as const;
const Outcomes = z.record(z.string(), z.array(z.string()));

/** What a client finds at one time, and what it is to make of it. */
export interface Step {
  /** All that the server has, by path. */
  readonly server: Files;
  readonly now: string;
  /** A target that is read as well. */
  readonly read?: string;
}

export interface Case {
  readonly name: string;
  readonly trustedRoot: string;
  /** One after another: what was kept of the one before is there in the next. */
  readonly steps: readonly Step[];
}

/** What each client makes of each step: "trusted", or the code or class of its error. */
export interface Verdicts {
  readonly ours: readonly string[];
  readonly oracle: readonly string[];
}

/** Has both clients judge all cases. `work` is the caller's folder. */
export async function judge(work: string, cases: readonly Case[]): Promise<Map<string, Verdicts>> {
  const folder = await mkdtemp(join(work, "cases-"));
  const laidOut = [];
  for (const [index, one] of cases.entries()) laidOut.push(await layOut(folder, index, one));
  await writeFile(join(folder, "cases.json"), JSON.stringify(laidOut));
  const oracle = await runOracle(work, folder);
  const verdicts = new Map<string, Verdicts>();
  for (const one of laidOut)
    verdicts.set(one.name, {
      ours: await runOurs(folder, one),
      oracle: oracle[one.name] ?? [],
    });
  return verdicts;
}

interface LaidOut {
  readonly name: string;
  readonly trusted_root: string;
  readonly steps: readonly { readonly folder: string; readonly now: string; read?: string }[];
}

async function layOut(folder: string, index: number, one: Case): Promise<LaidOut> {
  const trusted = `${index}/root.json`;
  await put(join(folder, trusted), one.trustedRoot);
  const steps = [];
  for (const [number, { server, now, read }] of one.steps.entries()) {
    const place = `${index}/${number}`;
    await mkdir(join(folder, place));
    for (const [path, body] of server) await put(join(folder, place, path), body);
    steps.push({ folder: place, now, ...(read === undefined ? {} : { read }) });
  }
  return { name: one.name, trusted_root: trusted, steps };
}

async function put(path: string, body: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, body);
}

async function runOurs(folder: string, { trusted_root: root, steps }: LaidOut): Promise<string[]> {
  const state = await mkdtemp(join(folder, "ours-"));
  const fs = createNodeFs();
  const trustedRoot = (await fs.readText(join(folder, root))) ?? "";
  const outcomes: string[] = [];
  for (const step of steps) {
    const base = pathToFileURL(`${join(folder, step.folder)}/`);
    const client = new TufClient({
      ...{ metadataUrl: new URL("metadata/", base), targetsUrl: new URL("targets/", base) },
      ...{ trustedRoot, fs, clock: createMemoryClock(step.now) },
      ...{ stateFolder: join(state, "state"), workFolder: join(state, "work") },
      fetcher: new AnyFetcher(new HttpFetcher({ userAgent: "test" })),
      notBefore: Temporal.Instant.from(NOT_BEFORE),
    });
    outcomes.push(await outcomeOf(client, step.read));
  }
  return outcomes;
}

/** "trusted", or the code of the error with which it ends. */
export async function outcomeOf(client: TufClient, read?: string): Promise<string> {
  try {
    await using snapshot = await client.refresh();
    if (read !== undefined) for await (const _ of await snapshot.stream(read));
    return "trusted";
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

/** In the sdk, which has the Python that the packages are for. */
async function runOracle(work: string, cases: string): Promise<z.output<typeof Outcomes>> {
  const { context, packages } = await oracleIn(work);
  const stdout = await context.run(["python3", "/tmp/oracle/run.py", "/tmp/cases"], {
    readOnly: {
      "/tmp/cases": cases,
      "/tmp/oracle": join(import.meta.dirname, "../oracle"),
      "/tmp/packages": packages,
    },
    env: {
      PYTHONPATH: "/tmp/packages/usr/lib/python3/dist-packages",
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  return Outcomes.parse(JSON.parse(stdout));
}

async function oracleIn(work: string): Promise<{ context: Context; packages: string }> {
  const packages = await mkdtemp(join(work, "packages-"));
  for (const name of PACKAGES) await unpackTestPackage(name, packages);
  const workspace = join(import.meta.dirname, "..");
  return { context: await createContext(workspace, {}, join(work, "dist")), packages };
}

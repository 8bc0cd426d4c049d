import { existsSync } from "node:fs";
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { BallastError, describeError } from "@ballast/errors";
import type { Accelerator } from "../accelerator.ts";
import type { Machine } from "../machine.ts";
import { WELCOME_ARCHIVE } from "../paths.ts";
import type { RemoteApi } from "../remote-api.ts";
import { VmError } from "../vm-error.ts";
import { readImageArchive } from "./image-archive.ts";
import { describeWelcome, isWelcome, WELCOME_GUEST_PORT, welcomeSettings } from "./plan-welcome.ts";
import { startRegistry } from "./registry.ts";

const PAUSE_MS = 200;
const ANSWER_LIMIT_MS = 5_000;
const TRANSACTION = "welcome";
const NOTHING_PENDING = 422;

export interface WelcomeOptions {
  readonly machine: Machine;
  readonly api: RemoteApi;
  readonly accelerator: Accelerator;
  /** Whether the guest was never healthy before this start. */
  readonly isNewGuest: boolean;
  readonly signal: AbortSignal;
  readonly say: (sentence: string) => void;
}

/**
 * Gives the healthy guest a container that answers on this computer, from an image that this computer serves, and tells its URL and
 * what it answers. What goes wrong is said and is no fault of the guest. The registry ends with the disposal.
 */
export async function welcome(
  options: WelcomeOptions,
  print: (told: string) => Promise<void>,
): Promise<AsyncDisposable> {
  await using held = new AsyncDisposableStack();
  try {
    await print(await askWelcome(options, held));
  } catch (error) {
    if (!options.signal.aborted && !options.machine.hasEnded) {
      if (!(error instanceof BallastError)) throw error;
      options.say(`No welcome container answers: ${describeError(error)}`);
    }
  }
  return held.move();
}

async function askWelcome(options: WelcomeOptions, held: AsyncDisposableStack): Promise<string> {
  const { machine, api, isNewGuest } = options;
  if (!isWelcome(await api.get("/settings?keys=containers"), isNewGuest)) return "";
  if (!existsSync(WELCOME_ARCHIVE))
    throw new VmError("vm.image-missing", `There is no "${WELCOME_ARCHIVE}"`, {
      hint: "Build it: npx turbo run welcome. Or leave it out: --no-welcome.",
    });
  const image = await readImageArchive(WELCOME_ARCHIVE);
  const registry = held.use(await startRegistry(image));
  await change(api, welcomeSettings(image.digest, registry.port));
  const url = `http://127.0.0.1:${await machine.forwardedPort(WELCOME_GUEST_PORT)}/`;
  const answer = await waitForAnswer(url, options);
  return `\nA container answers:\n${url} → ${answer.trim().replaceAll("\n", ", ")}\n`;
}

async function change(api: RemoteApi, settings: unknown): Promise<void> {
  await api.call("PATCH", `/settings?tx=${TRANSACTION}`, settings);
  const path = `/tx/commit_and_apply?tx=${TRANSACTION}`;
  const answer = await api.send({ method: "POST", path, timeoutMs: 60_000 });
  if (answer.status < 300 || answer.status === NOTHING_PENDING) return;
  await api.call("DELETE", `/tx?tx=${TRANSACTION}`);
  throw new VmError("vm.api", `The guest refuses its settings: ${answer.text}`);
}

/** The first container of a guest takes some seconds; on an emulated one many times as long. */
async function waitForAnswer(url: string, options: WelcomeOptions): Promise<string> {
  const { machine, api, accelerator, signal } = options;
  const limitMs = accelerator === "kvm" ? 30_000 : 180_000;
  const deadlineMs = performance.now() + limitMs;
  while (performance.now() < deadlineMs && !machine.hasEnded) {
    const answer = await ask(url);
    if (answer !== undefined) return answer;
    await sleep(PAUSE_MS, undefined, { signal });
  }
  const found = describeWelcome(await api.get("/containers"));
  throw new VmError("vm.timeout", `${url} did not answer for ${limitMs / 1000} s: ${found}`);
}

/** Undefined while nobody answers: QEMU takes the connection, and drops it when nobody listens in the guest. */
async function ask(url: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const nobody = (): void => {
    resolve(undefined);
  };
  const asked = get(url, { agent: false, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  asked.on("error", nobody);
  asked.on("response", (response) => {
    if (response.statusCode === 200) text(response).then(resolve, nobody);
    else response.resume().on("close", nobody);
  });
  return promise;
}

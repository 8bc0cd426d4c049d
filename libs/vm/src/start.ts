import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { styleText } from "node:util";
import type { ProgramContext } from "@ballast/service";
import { EXIT, hasCode } from "@ballast/errors";
import { chooseAccelerator, usualProcessors, type Accelerator } from "./accelerator.ts";
import { bootLimitMs, SHUTDOWN_LIMIT_MS } from "./boot-limits.ts";
import { buildImage } from "./build-image.ts";
import { readIdentity } from "./credentials.ts";
import { portOrAny } from "./free-port.ts";
import {
  guestFiles,
  makeGuestDirectory,
  writeGuestRecord,
  type GuestFiles,
  type GuestRecord,
} from "./guest-state.ts";
import { waitHealthy } from "./health.ts";
import { takeLock } from "./lock.ts";
import { Machine } from "./machine.ts";
import type { StartCommand } from "./options.ts";
import { STANDALONE_DIST } from "./paths.ts";
import { prepareGuest } from "./prepare-guest.ts";
import type { PublishedPort } from "./qemu-arguments.ts";
import { RemoteApi } from "./remote-api.ts";
import {
  isUsualPortTaken,
  USUAL_WELCOME_PORT,
  WELCOME_GUEST_PORT,
} from "./welcome/plan-welcome.ts";
import { welcome } from "./welcome/welcome.ts";

const USUAL_PORT = 8443;
/** systemd's moving stars, twice a second while a job takes long. */
const ANIMATION = /^\[[ *]{6}\] /;

/** Builds, boots, waits for health, tells how to talk to the guest, and stays until it ends or is told to stop. */
export async function start(command: StartCommand, context: ProgramContext): Promise<number> {
  const say = (sentence: string): void => {
    context.stderr(`${context.isTerminal ? styleText("bold", sentence) : sentence}\n`);
  };
  const files = guestFiles(command.name, context.env);
  await makeGuestDirectory(files);
  await using held = new AsyncDisposableStack();
  held.use(takeLock(files.lock, command.name));
  if (command.isBuilt) await buildImage(context.signal, command.isWelcomed);
  const image = command.imageFile ?? join(STANDALONE_DIST, "ballast.qcow2");
  const record = await prepareGuest(command, files, image, say);
  const accelerator = await chooseAccelerator();
  say(describeStart(command, accelerator));
  const startedMs = performance.now();
  await using machine = await boot({ command, files, record, accelerator, context });
  const api = new RemoteApi(machine.apiPort, await readIdentity(files.credentials));
  try {
    await waitHealthy(machine, api, {
      timeoutMs: bootLimitMs(accelerator),
      signal: context.signal,
    });
  } catch (error) {
    context.signal.throwIfAborted();
    say(`The guest's console is in ${files.console}. Its last lines:`);
    context.stderr(`${machine.console.tail(20)}\n`);
    throw error;
  }
  await writeGuestRecord(files, { ...record, isProvisioned: true });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  await context.stdout(
    `\nBallast is healthy after ${seconds} s.\n${howToTalk(machine.apiPort, files)}\n` +
      `GET /os answers:\n${JSON.stringify(await api.get("/os"), null, 2)}\n`,
  );
  if (command.isWelcomed)
    held.use(
      await welcome(
        {
          machine,
          api,
          accelerator,
          isNewGuest: !record.isProvisioned,
          signal: context.signal,
          say,
        },
        (told) => context.stdout(told),
      ),
    );
  if (!command.isOnce) await stay(machine, context, say);
  await shutDown(machine, api, say);
  return EXIT.ok;
}

interface BootOptions {
  readonly command: StartCommand;
  readonly files: GuestFiles;
  readonly record: GuestRecord;
  readonly accelerator: Accelerator;
  readonly context: ProgramContext;
}

async function boot(options: BootOptions): Promise<Machine> {
  const { command, files, record, accelerator, context } = options;
  await rm(files.console, { force: true });
  const paint = (text: string): string =>
    context.isTerminal ? styleText("dim", text, { validateStream: false }) : text;
  return Machine.start({
    name: `ballast-${command.name}`,
    disk: files.disk,
    diskFormat: "qcow2",
    variableStore: command.isSecureBoot ? files.secureVariableStore : files.variableStore,
    isSecureBoot: command.isSecureBoot,
    accelerator,
    memoryMiB: command.memoryMiB,
    cpus: processorsOf(command, accelerator),
    uuid: record.uuid,
    published: [...command.published, ...(await welcomePorts(command))],
    apiPort: command.port ?? (await portOrAny(USUAL_PORT)),
    userDataFile: files.userData,
    consoleFile: files.console,
    ...(command.isQuiet
      ? {}
      : {
          onConsoleLine: ({ text }) => {
            if (!ANIMATION.test(text)) context.stderr(`${paint(text)}\n`);
          },
        }),
  });
}

/** The usual port if it is free, else one that QEMU chooses. */
async function welcomePorts(command: StartCommand): Promise<PublishedPort[]> {
  if (!command.isWelcomed) return [];
  const hostPort = isUsualPortTaken(command) ? 0 : await portOrAny(USUAL_WELCOME_PORT);
  return [{ hostPort, guestPort: WELCOME_GUEST_PORT }];
}

function processorsOf({ cpus }: StartCommand, accelerator: Accelerator): number {
  return cpus ?? usualProcessors(accelerator);
}

function describeStart(command: StartCommand, accelerator: Accelerator): string {
  const means = accelerator === "kvm" ? "with KVM" : "by emulation, as KVM does not work here";
  const secure = command.isSecureBoot ? ", Secure Boot" : "";
  const processors = processorsOf(command, accelerator);
  return `Starting guest "${command.name}" ${means}: ${command.memoryMiB} MiB, ${processors === 1 ? "1 processor" : `${processors} processors`}${secure}.`;
}

function howToTalk(port: number, files: GuestFiles): string {
  const client = `npx apiclient --remote 127.0.0.1:${port} --credentials ${shown(files.credentials)}`;
  return `
Talk to it:
  ${client} get os
  ${client} get settings
  ${client} set motd="Hello"
  ${client} reboot
Console: ${shown(files.console)}
Stop it: Ctrl-C
`;
}

/** A path that can be pasted into a shell at the place where the program was called. */
function shown(path: string): string {
  const short = relative("", path);
  const better = short.startsWith("..") || short === "" ? path : short;
  return /^[\w./-]+$/.test(better) ? better : `'${better.replaceAll("'", `'\\''`)}'`;
}

/** Until Ctrl-C, or until the guest switches itself off. */
async function stay(
  machine: Machine,
  context: ProgramContext,
  say: (sentence: string) => void,
): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  if (context.signal.aborted) resolve();
  context.signal.addEventListener("abort", () => {
    say("Shutting the guest down. Ctrl-C again cuts its power.");
    resolve();
  });
  await Promise.race([stopped, machine.ended]);
}

async function shutDown(
  machine: Machine,
  api: RemoteApi,
  say: (sentence: string) => void,
): Promise<void> {
  if (machine.hasEnded) {
    say((await machine.ended).message);
    return;
  }
  try {
    await api.call("POST", "/actions/shutdown");
    await machine.waitForEnd(SHUTDOWN_LIMIT_MS);
  } catch (error) {
    // Whatever became of the API, the power button needs none.
    if (!hasCode(error, "vm.api")) throw error;
    await machine.powerDown(SHUTDOWN_LIMIT_MS);
  }
  say("The guest has shut down.");
}

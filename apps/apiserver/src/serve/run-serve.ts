import { join } from "node:path";
import { Datastore } from "@ballast/datastore";
import { describeError, EXIT } from "@ballast/errors";
import { nestSettings } from "@ballast/model";
import { errorFields, type ProgramContext } from "@ballast/service";
import { createNodeClock, createNodeExec, createNodeFs, type Fs } from "@ballast/system";
import type { App } from "../app.ts";
import { createApplier } from "../apply/applier.ts";
import { applyKeys } from "../apply/change-settings.ts";
import { createLock } from "../apply/lock.ts";
import { lockdownForecast, lockdownHook } from "../apply/lockdown.ts";
import { sysctlFaults } from "../apply/sysctl-faults.ts";
import { trialLimitHook } from "../apply/trial-limit.ts";
import { createTries, takeBackAtStart } from "../apply/tries.ts";
import { openBootState } from "../boot-state.ts";
import { SOCKET, type ServeCommand } from "../cli.ts";
import { machineAddresses } from "../console/addresses.ts";
import { startConsoleStatus, type ConsoleStatus } from "../console/console-status.ts";
import { createConsoleWriter, type ConsoleWriter } from "../console/console-writer.ts";
import { notServedLine, statusBlock } from "../console/status-block.ts";
import { announceReports, announceSlots } from "../events/announce.ts";
import { createEvents } from "../events/create-events.ts";
import { readOsFacts } from "../facts/os-facts.ts";
import { readEssentialUnits } from "../health/essential-units.ts";
import { createHealthReader, type HealthReader } from "../health/health.ts";
import { createTrust } from "../health/trust.ts";
import { handleRequest, type Handling, type Identity } from "../http/handle-request.ts";
import { stopServer } from "../http/server-limits.ts";
import type { HostSocketHandler } from "../host-sockets/host-socket.ts";
import { createHostSockets, type HostSockets } from "../host-sockets/host-sockets.ts";
import {
  awaitInterfaces,
  lookAgain,
  NETWORK_SERVICE,
  removeStaleDevices,
} from "../network/network-service.ts";
import { createMetricsListener, type MetricsListener } from "../metrics/metrics-listener.ts";
import { createRequestCounter } from "../metrics/request-counter.ts";
import { createParameterKeeper } from "../parameters/boot-parameters.ts";
import { PATHS } from "../paths.ts";
import { certificateDates } from "../remote/certificate-dates.ts";
import { identifyPeer } from "../remote/identify-peer.ts";
import { createRemoteListener, type RemoteListener } from "../remote/remote-listener.ts";
import { createRoutes } from "../routes/index.ts";
import { createInhibitors } from "../updates/inhibitors.ts";
import { createShadowKeeper, type ShadowKeeper } from "../shadow/shadow-keeper.ts";
import { createSlotWatch } from "../slots/slot-watch.ts";
import { createStateKeeper } from "../state/state-keeper.ts";
import { stateCheck } from "../state/state-storage.ts";
import { createBundleStore } from "../updates/bundle-store.ts";
import { createUpdateKeeper } from "../updates/update-keeper.ts";
import { listenLocally } from "./local-listener.ts";

const LOCAL: Identity = { caller: { kind: "local", role: "admin" } };
const UPDATE_TIMES = {
  nowMs: () => performance.now(),
  // A run begins late where there are few and slow processors: each start of a program takes seconds there.
  ...{ staleMs: 15_000, beginMs: 60_000, refusalMs: 3000 },
};
const SCRAPER: Identity = { caller: { kind: "scraper", role: "reader" } };

export async function runServe(command: ServeCommand, context: ProgramContext): Promise<number> {
  try {
    return await serve(command, context);
  } catch (error) {
    // Without the API the console is the only place where a person can learn why.
    if (!context.signal.aborted)
      await consoleWriter(command, context)(`${notServedLine(describeError(error))}\n`);
    throw error;
  }
}

async function serve(command: ServeCommand, context: ProgramContext): Promise<number> {
  const { log, signal } = context;
  const fs = createNodeFs(command.root);
  const routes: Handling["routes"][number][] = [];
  const paths = new Set<string>();
  const requests = createRequestCounter(paths);
  const handling: Handling = { routes, log, requests, stop: signal };
  const listeners = {
    remote: listenRemotely(handling),
    hostSockets: listenForContainers(handling, command),
    metrics: listenForScrapers(handling),
  };
  const app = { ...(await createApp(command, context, fs, listeners)), requests };
  routes.push(...createRoutes(app));
  for (const { path } of routes) paths.add(path);
  // A server that was restarted takes up what was applied before; at boot `configure` asks for it.
  if (app.boot.get().isConfigured) await app.boot.report(await app.applier.apply(undefined));
  await openHostSockets(app, listeners.hostSockets);
  const local = await listenLocally(
    command.socket,
    join(command.root, SOCKET),
    context.env,
    process.pid,
    (...exchange) => void handleRequest(handling, () => LOCAL, ...exchange),
  );
  log.notice("API is served", { version: app.os.version_id, slot: app.os.slot ?? "none" });
  void app.slots.start().then(app.statusChanged);
  await stopped(signal);
  await Promise.all([
    stopServer(local),
    ...Object.values(listeners).map((listener) => listener.close()),
  ]);
  app.store.close();
  log.notice("API has stopped");
  return EXIT.ok;
}

interface Listeners {
  readonly remote: RemoteListener;
  readonly hostSockets: HostSockets;
  readonly metrics: MetricsListener;
}

async function createApp(
  command: ServeCommand,
  context: ProgramContext,
  fs: Fs,
  { remote, hostSockets, metrics }: Listeners,
): Promise<Omit<App, "requests">> {
  const { log } = context;
  const os = await readOsFacts(fs, process.arch);
  const exec = createNodeExec(command.root);
  const shadow = createShadowKeeper({ fs, exec, log });
  const store = await openStore(command, fs, os.version_id, { log, shadow });
  const updates = createUpdateKeeper({ fs, exec }, UPDATE_TIMES);
  const events = createEvents({
    ...{ store, log },
    health: () => health(),
    updates: () => updates.seen(),
  });
  const state = createStateKeeper({ fs, exec });
  const boot = announceReports(await openBootState(fs), events);
  const clock = createNodeClock();
  const bootId = await readBootId(fs);
  const watch = await createSlotWatch({ fs, exec, clock, log, os, bootId, root: command.root });
  const slots = announceSlots(watch, events);
  const parameters = await createParameterKeeper({ fs, exec, effective: () => store.effective() });
  const applier = createApplier({
    fs,
    exec,
    log,
    effective: () => store.effective(),
    hooks: {
      "api-remote": (values) => remote.apply(nestSettings(values).api.remote),
      "host-container-sockets": (values) =>
        hostSockets.apply(nestSettings(values)["host-containers"]),
      metrics: (values) => metrics.apply(nestSettings(values).metrics),
      "boot-trial": trialLimitHook(
        exec,
        async () => (await slots.isTrial()) || parameters.isTrial(),
      ),
      "boot-parameters": parameters.hook,
      [NETWORK_SERVICE]: awaitInterfaces({ fs, exec, clock }),
      lockdown: lockdownHook(fs, exec),
    },
    forecasts: { lockdown: lockdownForecast(fs), "boot-parameters": parameters.forecast },
    diagnoses: { sysctl: sysctlFaults(fs) },
    preparations: { [NETWORK_SERVICE]: removeStaleDevices({ fs, exec, clock }) },
  });
  const readHealth = createHealthReader({
    exec,
    boot: () => boot.get(),
    database: store.state,
    state: async () => stateCheck(await state.storage(), store.writeFault),
    nowMs: () => performance.now(),
    essentialUnits: await readEssentialUnits(fs),
    containerdSocket: join(command.root, PATHS.containerdSocket),
    certificates: () => certificateDates(nestSettings(store.effective()).api.remote),
    userChecks: () => nestSettings(store.effective()).health,
    trust: createTrust(() => fs.readText(PATHS.authorities)),
    parameters: () => parameters.check(),
  });
  const health: HealthReader = async () => {
    await lookAgain({ exec, log, boot }, () => nestSettings(store.effective()));
    const found = await readHealth();
    void slots.sawHealth(found);
    return found;
  };
  const seen = {
    os,
    store,
    exec,
    fs,
    boot,
    health,
    slots,
    state,
    updates,
    parameters,
    shadow,
    events,
    log,
  };
  const place = (path: string): string => join(command.root, path);
  const bundles = createBundleStore(place(PATHS.updateBundle));
  await bundles.cleanUp();
  const parts = { ...seen, place, bundles, applier, lock: createLock() };
  const status = showStatus(parts, consoleWriter(command, context), context.signal);
  const statusChanged = (): void => {
    status.poke();
  };
  const tries = createTries({
    ...parts,
    clock,
    stop: context.signal,
    apply: (keys) => applyKeys({ applier, boot, statusChanged }, keys),
  });
  const execSocket = join(command.root, PATHS.containersExec);
  const inhibitors = createInhibitors(fs, clock);
  return { ...parts, tries, inhibitors, execSocket, statusChanged };
}

async function openStore(
  command: ServeCommand,
  fs: Fs,
  versionId: string,
  { log, shadow }: Pick<ProgramContext, "log"> & { readonly shadow: ShadowKeeper },
): Promise<Datastore> {
  const bootId = await readBootId(fs);
  const store = new Datastore({
    file: command.database ?? join(command.root, PATHS.databases, `${versionId}.sqlite`),
    clock: createNodeClock(),
    onChange: () => {
      shadow.changed();
    },
    mayBegin: command.database !== undefined || !(await hasOtherDatabases(fs, versionId)),
    ...(bootId === undefined ? {} : { bootId }),
  });
  if (store.state.kind === "replaced")
    log.error("Settings database was damaged and is set aside", { ...store.state });
  if (store.unusable.length > 0)
    log.warn("Stored settings are not used", { keys: store.unusable.join(",") });
  takeBackAtStart(store, log);
  return store;
}

/** Named by a semantic version; anything else is nobody's database. */
const VERSION_DATABASE = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?\.sqlite$/;

/** Then migrator.service, which runs before each start, makes that of this version: an empty one would hide the settings. */
async function hasOtherDatabases(fs: Fs, versionId: string): Promise<boolean> {
  const names = await fs.list(PATHS.databases);
  return names.some((name) => VERSION_DATABASE.test(name) && name !== `${versionId}.sqlite`);
}

async function readBootId(fs: Fs): Promise<string | undefined> {
  return (await fs.readText(PATHS.bootId))?.trim();
}

function listenRemotely(handling: Handling): RemoteListener {
  return createRemoteListener((peer, ...exchange) => {
    void handleRequest(handling, () => identifyPeer(peer(), Date.now()), ...exchange);
  }, handling.log);
}

/** One path of the API, read by whoever comes. */
function listenForScrapers(handling: Handling): MetricsListener {
  return createMetricsListener((request, response) => {
    const routes = handling.routes.filter(({ path }) => path === "/metrics");
    void handleRequest({ ...handling, routes }, () => SCRAPER, request, response);
  }, handling.log);
}

function listenForContainers(handling: Handling, { root }: ServeCommand): HostSockets {
  const handler = (...exchange: Parameters<HostSocketHandler>): void => {
    void handleRequest(handling, ...exchange);
  };
  return createHostSockets(join(root, PATHS.hostSockets), handler, handling.log);
}

/** Containers of an earlier server find their sockets again, and what is not set any more goes. */
async function openHostSockets({ store, log }: App, sockets: HostSockets): Promise<void> {
  try {
    await sockets.apply(nestSettings(store.effective())["host-containers"]);
  } catch (error) {
    log.error("Sockets of host containers are not as set", errorFields(error));
  }
}

type StatusParts = Pick<App, "os" | "store" | "boot" | "health" | "slots">;

function consoleWriter({ root }: ServeCommand, { log }: ProgramContext): ConsoleWriter {
  return createConsoleWriter(join(root, PATHS.console), log, createNodeClock());
}

function showStatus(parts: StatusParts, write: ConsoleWriter, stop: AbortSignal): ConsoleStatus {
  return startConsoleStatus({
    clock: createNodeClock(),
    stop,
    write,
    look: async () => {
      const { isConfigured, userDataError } = parts.boot.get();
      if (!isConfigured && userDataError === null) return undefined;
      const health = await parts.health();
      const settings = nestSettings(parts.store.effective());
      const addresses = machineAddresses();
      const text = statusBlock({
        os: parts.os,
        settings,
        addresses,
        health,
        userDataError,
        isTrial: await parts.slots.isTrial(),
        failure: parts.slots.lastFailure(),
      });
      return { text, isSettled: health.status === "healthy" };
    },
  });
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
}

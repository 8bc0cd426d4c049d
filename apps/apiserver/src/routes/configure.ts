import { BallastError, hasCode } from "@ballast/errors";
import {
  ConfigureAnswer,
  ConfigureRequest,
  ProvisionAnswer,
  ProvisionRequest,
  parsePatch,
  type Change,
} from "@ballast/model";
import { parse, TomlError } from "smol-toml";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import type { App } from "../app.ts";
import { dueGenerators, takeGenerated } from "../configure/take-generated.ts";
import { USER_DATA_MAX_BYTES } from "../configure/user-data.ts";
import { callerName } from "../http/handle-request.ts";
import { route, type Route } from "../http/route.ts";
import { reconcile } from "../parameters/reconcile.ts";
import { goodChanges } from "./bad-settings.ts";

const NoQuery = z.strictObject({});
/** JSON writes a control character in six bytes; whatever was read must reach the parser that tells what is wrong. */
const PROVISION_MAX_BYTES = 6 * USER_DATA_MAX_BYTES + 64 * 1024;

/** The two halves of a boot: first the user data, then what was generated because nobody has set it. */
export function configureRoutes(app: App): Route[] {
  return [
    route({
      method: "POST",
      path: "/actions/provision",
      role: "admin",
      localOnly: true,
      query: NoQuery,
      body: ProvisionRequest,
      bodyMaxBytes: PROVISION_MAX_BYTES,
      response: ProvisionAnswer,
      handle: ({ body, caller }) =>
        app.lock(async () => ({
          status: 200,
          json: await provision(app, body, callerName(caller)),
        })),
    }),
    route({
      method: "POST",
      path: "/actions/configure",
      role: "admin",
      localOnly: true,
      query: NoQuery,
      body: ConfigureRequest,
      response: ConfigureAnswer,
      handle: ({ body, caller }) =>
        app.lock(async () => ({
          status: 200,
          json: await configure(app, body, callerName(caller)),
        })),
    }),
  ];
}

async function provision(app: App, body: ProvisionRequest, who: string): Promise<ProvisionAnswer> {
  try {
    acceptUserData(app, body, who);
  } catch (error) {
    // What is offered a second time is refused, but the machine is configured all the same.
    if (!hasCode(error, "datastore.already-provisioned")) await tellUserData(app, body, error);
    throw error;
  }
  await tellUserData(app, body, undefined);
  return { ...provisioning(app), due: dueGenerators(app.store) };
}

async function tellUserData(app: App, { source }: ProvisionRequest, error: unknown): Promise<void> {
  await app.boot.set({
    ...app.boot.get(),
    userDataSource: source,
    userDataError: error === undefined ? null : refusal(error),
  });
  app.statusChanged();
}

async function configure(
  app: App,
  { generated }: ConfigureRequest,
  who: string,
): Promise<ConfigureAnswer> {
  const generators = takeGenerated(app, generated, who);
  const services = await app.applier.apply(undefined);
  await app.boot.set({ ...app.boot.get(), isConfigured: true, generators, services });
  app.log.notice("Machine is configured", { provisioned: app.store.provisioned() !== undefined });
  app.statusChanged();
  await reconcile({
    ...app,
    effective: () => app.store.effective(),
    isTrial: () => app.slots.isTrial(),
    isStored: async () => (await app.state.storage()).kind === "stored",
  });
  return { ...provisioning(app), generators, services };
}

function provisioning({ store }: App): { provisioned: boolean; source: string | null } {
  const provisioned = store.provisioned();
  return { provisioned: provisioned !== undefined, source: provisioned?.source ?? null };
}

/** Faults that nobody foresaw may quote the data; the journal has them. */
function refusal(error: unknown): string {
  if (error instanceof BallastError) return error.message;
  return "User data was not accepted: the server failed, see the journal of apiserver.service";
}

function acceptUserData(app: App, body: ProvisionRequest, who: string): void {
  if (body.error !== undefined) throw badUserData(body.error);
  if (body.user_data === null) return;
  const changes = userDataChanges(body.user_data);
  try {
    app.store.provision(changes, body.source ?? "unknown", who);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "datastore.rule")
      throw new ApiError("apiserver.bad-user-data", error.message, { cause: error });
    throw error;
  }
}

/** User data is TOML with one table, `settings`. */
function userDataChanges(text: string): readonly Change[] {
  const { settings, ...others } = parseToml(text);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw badUserData(`"${unknown}" is not known at the top level, only "settings" is`);
  const what = "User data is bad";
  return goodChanges(parsePatch(settings ?? {}), what, "apiserver.bad-user-data");
}

function parseToml(text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The message goes on with an excerpt of the text, which may hold a secret.
    const [sentence = "cannot be parsed"] = error.message.split("\n", 1);
    throw badUserData(`line ${error.line}, column ${error.column}: ${sentence}`);
  }
}

function badUserData(reason: string): ApiError {
  return new ApiError("apiserver.bad-user-data", `User data is bad: ${reason}`);
}

import { BallastError, hasCode } from "@ballast/errors";
import { ConfigureAnswer, ConfigureRequest, parsePatch, type Change } from "@ballast/model";
import { parse, TomlError } from "smol-toml";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import type { App } from "../app.ts";
import { USER_DATA_MAX_BYTES } from "../configure/user-data.ts";
import { callerName } from "../http/handle-request.ts";
import { route, type Route } from "../http/route.ts";
import { goodChanges } from "./bad-settings.ts";
import { changePower } from "./power.ts";

const NoQuery = z.strictObject({});
/** JSON writes a control character in six bytes; whatever was read must reach the parser that tells what is wrong. */
const CONFIGURE_MAX_BYTES = 6 * USER_DATA_MAX_BYTES + 64 * 1024;

export function actionRoutes(app: App): Route[] {
  return [
    powerRoute(app, "/actions/reboot", "reboot"),
    powerRoute(app, "/actions/shutdown", "poweroff"),
    route({
      method: "POST",
      path: "/actions/configure",
      role: "admin",
      localOnly: true,
      query: NoQuery,
      body: ConfigureRequest,
      bodyMaxBytes: CONFIGURE_MAX_BYTES,
      response: ConfigureAnswer,
      handle: ({ body, caller }) =>
        app.lock(async () => ({
          status: 200,
          json: await configure(app, body, callerName(caller)),
        })),
    }),
  ];
}

function powerRoute(app: App, path: string, verb: "reboot" | "poweroff"): Route {
  return route({
    method: "POST",
    path,
    role: "operator",
    query: NoQuery,
    handle: async () => {
      await changePower(app.exec, verb);
      return { status: 204 };
    },
  });
}

async function configure(app: App, body: ConfigureRequest, who: string): Promise<ConfigureAnswer> {
  try {
    acceptUserData(app, body, who);
  } catch (error) {
    // What is offered a second time is refused, but the machine is configured all the same.
    if (!hasCode(error, "datastore.already-provisioned")) {
      await app.boot.set({ ...app.boot.get(), userDataError: refusal(error) });
      app.statusChanged();
    }
    throw error;
  }
  const services = await app.applier.apply(undefined);
  await app.boot.set({ isConfigured: true, userDataError: null, services });
  app.log.notice("Machine is configured", { provisioned: app.store.provisioned() !== undefined });
  app.statusChanged();
  const provisioned = app.store.provisioned();
  return { provisioned: provisioned !== undefined, source: provisioned?.source ?? null, services };
}

/** Faults that nobody foresaw may quote the data; the journal has them. */
function refusal(error: unknown): string {
  if (error instanceof BallastError) return error.message;
  return "User data was not accepted: the server failed, see the journal of apiserver.service";
}

function acceptUserData(app: App, body: ConfigureRequest, who: string): void {
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

import { roleIncludes } from "@ballast/model";
import { ApiError } from "../api-error.ts";
import type { Caller, Route } from "./route.ts";

/** Finds the route of a request; pure, so that who may do what is a table that tests can walk. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Route {
  const wanted = method === "HEAD" ? "GET" : method;
  const found = routes.find((route) => route.path === path && route.method === wanted);
  if (found !== undefined) return found;
  const here = routes.filter((route) => route.path === path);
  if (here.length === 0)
    throw new ApiError("apiserver.no-such-path", `There is no path "${printable(path)}"`);
  throw new ApiError(
    "apiserver.wrong-method",
    `Path "${path}" does not take method ${printable(method)}`,
    { details: { allow: allowedMethods(here) } },
  );
}

export function checkAccess(route: Route, caller: Caller): void {
  const act = `${route.method} ${route.path}`;
  if (route.localOnly === true && caller.kind !== "local")
    throw new ApiError("apiserver.forbidden", `${act} is only for the local socket`);
  if (!roleIncludes(caller.role, route.role))
    throw new ApiError(
      "apiserver.forbidden",
      `${act} needs role ${route.role}, the client has role ${caller.role}`,
    );
}

function allowedMethods(routes: readonly Route[]): string {
  const methods = routes.map((route) => route.method as string);
  return (methods.includes("GET") ? ["HEAD", ...methods] : methods).toSorted().join(", ");
}

function printable(text: string): string {
  return text.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, "?");
}

import { UsageError } from "@ballast/errors";
import type { Connection } from "./command.ts";
import type { Values } from "./values.ts";

/** The machine that the options name, if they do. Throws UsageError if they name two. */
export function connectionOf(values: Values): Connection {
  const told = ["remote", "socket", "context"].filter((name) => values.text(name) !== undefined);
  const [one, two] = told;
  if (two !== undefined)
    throw new UsageError(`Cannot run apiclient: --${one} and --${two} exclude each other`);
  return {
    context: values.text("context"),
    remote: values.text("remote"),
    credentials: values.text("credentials"),
    socket: values.text("socket"),
  };
}

import { EXIT } from "@ballast/errors";
import { ConfigError } from "./config-error.ts";
import { isMachine, type Machine } from "./machine.ts";

export type NamedMachine = Machine & { readonly name: string };

/**
 * The machines that a program exports: each export that is a machine, and those in an exported list or table. A machine
 * without a name of its own has that of its export or its key, in a list that of its host name.
 */
export function findMachines(exports: object): NamedMachine[] {
  const machines = Object.entries(exports).flatMap(([name, value]) => machinesIn(name, value));
  const names = new Set<string>();
  for (const { name } of machines) {
    if (names.has(name))
      throw new ConfigError(
        "config.bad-program",
        `Cannot tell machines apart: two are named "${name}"`,
        {
          hint: "Give each a name: defineMachine({ name, settings }).",
          exitCode: EXIT.badData,
        },
      );
    names.add(name);
  }
  return machines;
}

/** The machine of this name; the only one when no name is given. */
export function chooseMachine(
  machines: readonly NamedMachine[],
  name: string | undefined,
): NamedMachine {
  const names = machines.map((machine) => machine.name).join(", ");
  if (name === undefined) {
    const [only, ...more] = machines;
    if (only !== undefined && more.length === 0) return only;
    throw noMachine(
      only === undefined ? "no machine is exported" : `${machines.length} are exported: ${names}`,
      only === undefined
        ? "export const machine = defineMachine({ … })"
        : "Choose by --machine NAME, or write all by --out DIR.",
    );
  }
  const found = machines.find((machine) => machine.name === name);
  if (found === undefined) throw noMachine(`"${name}" is not among ${names || "none"}`);
  return found;
}

function machinesIn(name: string, value: unknown): NamedMachine[] {
  if (isMachine(value)) return [{ ...value, name: value.name ?? name }];
  if (Array.isArray(value))
    return value
      .filter(isMachine)
      .map((machine, index) => ({ ...machine, name: nameInList(machine) ?? `${name}-${index}` }));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    isMachine(inner) ? [{ ...inner, name: inner.name ?? key }] : [],
  );
}

function nameInList({ name, settings }: Machine): string | undefined {
  const hostname = settings.network?.hostname;
  return name ?? (typeof hostname === "string" ? hostname : undefined);
}

function noMachine(reason: string, hint?: string): ConfigError {
  return new ConfigError("config.no-machine", `Cannot choose a machine: ${reason}`, {
    ...(hint === undefined ? {} : { hint }),
    exitCode: EXIT.badData,
  });
}

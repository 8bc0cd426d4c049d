import { isIPv6 } from "node:net";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import type { BootstrapRequest } from "../command.ts";
import { readContexts } from "../contexts/context-file.ts";
import { addContext, refuseTaken } from "../contexts/run-context.ts";
import { makeCertificates } from "./certificates.ts";
import { writeFolder } from "./folder.ts";
import { parseNames } from "./names.ts";
import { userData } from "./user-data.ts";

/** Makes CA, certificates and user data in a new directory. */
export async function runBootstrap(
  context: ProgramContext,
  request: BootstrapRequest,
): Promise<number> {
  const names = parseNames(request);
  const contexts = request.context === undefined ? undefined : readContexts(context.env);
  // Before anything is made.
  if (contexts !== undefined && request.context !== undefined && !request.force)
    refuseTaken(contexts, request.context);
  const made = await makeCertificates({
    names,
    role: request.role,
    days: request.days,
    nowMs: Date.now(),
  });
  context.signal.throwIfAborted();
  const { ca, server, client } = made;
  const files = [
    { name: "ca.pem", text: ca.certificate, mode: 0o644 },
    { name: "ca.key", text: ca.key, mode: 0o600 },
    { name: "server.pem", text: server.certificate, mode: 0o644 },
    { name: "server.key", text: server.key, mode: 0o600 },
    { name: "client.pem", text: client.certificate, mode: 0o644 },
    { name: "client.key", text: client.key, mode: 0o600 },
    { name: "user-data.toml", text: userData(request, made), mode: 0o600 },
  ];
  const { path, movedTo } = writeFolder(request.outDir, files, request.force);
  if (movedTo !== undefined) context.log.notice("Earlier result moved aside", { to: movedTo });
  const remote = remoteOf(names, request.port);
  if (contexts !== undefined && request.context !== undefined)
    addContext(
      context.env,
      contexts,
      { name: request.context, remote, credentials: path },
      request.force,
    );
  const report = {
    directory: path,
    files: files.map(({ name }) => name),
    names,
    role: request.role,
    expires: made.expires.toISOString(),
    remote,
    ...(request.context === undefined ? {} : { context: request.context }),
  };
  await context.stdout(request.json ? `${JSON.stringify(report)}\n` : describe(report));
  return EXIT.ok;
}

interface Report {
  readonly directory: string;
  readonly names: readonly string[];
  readonly role: string;
  readonly expires: string;
  readonly remote: string;
  readonly context?: string;
}

/** How the machine is called; `ballast` is a name that nobody else's name server knows. */
function remoteOf(names: readonly string[], port: number): string {
  const name = names.find((one) => one !== "ballast") ?? names[0] ?? "HOST";
  return `${isIPv6(name) ? `[${name}]` : name}:${port}`;
}

function describe({ directory, names, role, expires, remote, context }: Report): string {
  const way =
    context === undefined
      ? `--remote ${remote} --credentials ${directory}`
      : `--context ${context}`;
  return `Made credentials for role ${role} in ${directory}, valid until ${expires}
The machine can be called by: ${names.join(", ")}
Start the machine with ${directory}/user-data.toml as its user data, then:
  apiclient ${way} health
Keep ca.key off the machine: whoever has it can make clients of any role.
`;
}

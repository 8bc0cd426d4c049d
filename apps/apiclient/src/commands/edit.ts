import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  asRecord,
  getSettingsWithEtag,
  patchSettings,
  safeText,
  type ApiClient,
} from "@ballast/api-client";
import { describeError, EXIT, BallastError } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";
import { openEditor } from "../open-editor.ts";
import type { CommitFlags } from "../settings-command.ts";
import { parseSettings } from "../settings-text.ts";
import { editPatch } from "./edit-patch.ts";
import { changeSettings } from "./transaction.ts";

const HEAD = `# The settings of the machine with their values, defaults included.
# What is removed falls back to its default. Secrets are not shown; a value set here replaces them.
`;
const REFUSED = "# Refused: ";

/** Lets a person change the settings as TOML, again and again until the machine takes them or the text stays as it is. */
export async function runEdit(
  context: ProgramContext,
  client: ApiClient,
  flags: CommitFlags,
): Promise<number> {
  const { value: settings, etag } = await getSettingsWithEtag(client, { signal: context.signal });
  const { stringify } = await import("smol-toml");
  const original = `${HEAD}\n${stringify({ settings })}`;
  const before = await parseSettings(original, "the text");
  const directory = await mkdtemp(join(tmpdir(), "apiclient-edit-"));
  const file = join(directory, "settings.toml");
  let text = original;
  let isKept = false;
  try {
    for (let refusal: unknown; ;) {
      await writeFile(file, text, { mode: 0o600 });
      await openEditor(context, file);
      const edited = await readFile(file, "utf8");
      if (edited === text) {
        if (refusal !== undefined) throw refusal;
        return await nothingChanged(context, flags);
      }
      isKept = true;
      try {
        const patch = editPatch(before, await parseEdited(edited));
        const exitCode =
          patch === undefined
            ? await nothingChanged(context, flags)
            : await changeSettings(
                context,
                client,
                "edit",
                flags,
                (tx) => patchSettings(client, tx, patch, { signal: context.signal }),
                etag,
              );
        isKept = false;
        return exitCode;
      } catch (error) {
        if (!(error instanceof BallastError) || error.exitCode !== EXIT.badData) throw error;
        refusal = error;
        text = withRefusal(edited, error);
      }
    }
  } finally {
    if (isKept) context.stderr(`apiclient: The text is kept in ${file}\n`);
    else await rm(directory, { recursive: true, force: true });
  }
}

/** A text that was emptied is more likely given up than the wish to unset everything. */
async function parseEdited(text: string): Promise<unknown> {
  const settings = await parseSettings(text, "the text");
  if (Object.keys(asRecord(settings) ?? {}).length > 0) return settings;
  throw new ApiclientError("apiclient.bad-toml", "Cannot set settings: the text holds none", {
    exitCode: EXIT.badData,
  });
}

/** The reason in the place of an earlier one. */
function withRefusal(text: string, error: Error): string {
  const lines = text.split("\n").filter((line) => !line.startsWith(REFUSED));
  const reason = safeText(describeError(error)).replaceAll("\n", " ");
  return [`${REFUSED}${reason}`, ...lines].join("\n");
}

async function nothingChanged({ stdout }: ProgramContext, { json }: CommitFlags): Promise<number> {
  await stdout(json ? `${JSON.stringify({ changed: [], services: [] })}\n` : "Nothing changed\n");
  return EXIT.ok;
}

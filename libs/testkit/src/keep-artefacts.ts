import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "@ballast/errors";
import type { Guest } from "./guest.ts";
import { fetchJournalText } from "./journal.ts";

/**
 * Keeps what a failed case leaves to look at: of each guest the console of every start, the journal's lines that were
 * judged, and, as far as the API still answers, the whole journal.
 */
export async function keepArtefacts(guests: readonly Guest[], directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  for (const [index, guest] of guests.entries()) {
    const name = `guest-${index + 1}`;
    for (const log of await logsOf(guest))
      await cp(join(guest.place.directory, log), join(directory, `${name}.${log}`));
    await writeFile(join(directory, `${name}.journal.jsonl`), await journalOf(guest));
  }
}

async function logsOf(guest: Guest): Promise<readonly string[]> {
  const names = await readdir(guest.place.directory);
  return names.filter((name) => /^(?:console|judged)-\d+\./.test(name));
}

async function journalOf(guest: Guest): Promise<string> {
  if (!guest.isRunning) return "The machine was off.\n";
  try {
    return await fetchJournalText(guest.api, 7);
  } catch (error) {
    // The journal is a help, its absence must not hide the case's own failure.
    return `${describeError(error)}\n`;
  }
}

import { getSlots, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { SlotFailure, SlotsReport, SlotState, TableCopy } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { createPaint, type Paint, type Style } from "../paint.ts";

/** Of a log that the JSON has at length. */
const LAST_WORDS = 5;
const HASH_DIGITS = 12;

export async function runSlots(
  context: ProgramContext,
  client: ApiClient,
  { json }: { readonly json: boolean },
): Promise<number> {
  const report = await getSlots(client, { signal: context.signal });
  await context.stdout(
    json ? `${JSON.stringify(report)}\n` : formatSlots(report, createPaint(context)),
  );
  return EXIT.ok;
}

function formatSlots(report: SlotsReport, paint: Paint): string {
  const lines = [
    ...(report.trial && report.active !== null ? [trialLine(report.active)] : []),
    ...(report.conflict === null ? [] : [`Nothing can be changed: ${report.conflict}`]),
    ...copyLines("primary", report.copies.primary),
    ...copyLines("backup", report.copies.backup),
    ...(report.last_failure === null ? [] : failureLines(report.last_failure)),
  ];
  const slots = [slotLine(report, "A", paint), slotLine(report, "B", paint)];
  return [...slots, ...lines.map(safeText)].map((line) => `${line.trimEnd()}\n`).join("");
}

const STYLES: Readonly<Record<SlotState, Style>> = {
  active: "good",
  standby: "strong",
  failed: "bad",
  empty: "dim",
};

function slotLine({ slots, next }: SlotsReport, name: "A" | "B", paint: Paint): string {
  const { state, priority, tries_left: tries, successful, root_hash: hash } = slots[name];
  const columns = [
    `slot ${name}`,
    paint(STYLES[state], state.padEnd(7)),
    (next === name ? "boots next" : "").padEnd(10),
    (successful ? "proven" : "unproven").padEnd(8),
    `priority ${priority}, tries left ${tries}`.padEnd(26),
    state === "empty" ? "" : `root ${safeText(hash.slice(0, HASH_DIGITS))}`,
  ];
  return columns.join("  ");
}

function trialLine(active: "A" | "B"): string {
  const other = active === "A" ? "B" : "A";
  return `Slot ${active} is on trial: it must become healthy in time, or slot ${other} boots`;
}

function copyLines(name: string, { state, fault }: TableCopy): string[] {
  if (state === "valid") return [];
  return [`The ${name} partition table is ${state}${fault === null ? "" : `: ${fault}`}`];
}

function failureLines({ slot, at, reason, unmet, kernel_log: log }: SlotFailure): string[] {
  const words = log?.split("\n").slice(-LAST_WORDS) ?? [];
  return [
    `Slot ${slot} failed, as of ${at}`,
    `  ${reason}`,
    ...unmet.map((check) => `  ${check.name}: ${check.reason}`),
    ...(words.length === 0 ? [] : ["  The end of its kernel log, of which --json shows more:"]),
    ...words.map((line) => `    ${line}`),
  ];
}

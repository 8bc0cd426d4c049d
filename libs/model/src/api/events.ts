import * as z from "zod";
import { ServiceReport } from "./apply-report.ts";
import { Health } from "./health.ts";
import { SlotsReport } from "./slots.ts";
import { UpdatesStatus } from "./updates.ts";

/** First: the settings from which on changes are told, as the ETag of `GET /settings`, and the present health. */
export const ReadyEvent = z.strictObject({ etag: z.string(), health: Health });
export type ReadyEvent = z.output<typeof ReadyEvent>;

/** One commit. Keys begin with `settings.`; values are read with `GET /settings`. */
export const SettingsEvent = z.strictObject({
  etag: z.string(),
  at: z.string(),
  who: z.string(),
  keys: z.array(z.string()),
});
export type SettingsEvent = z.output<typeof SettingsEvent>;

/** What was done for services, after a commit or on demand. */
export const ApplyEvent = z.strictObject({ services: z.array(ServiceReport) });
export type ApplyEvent = z.output<typeof ApplyEvent>;

/** `GET /events` by the name of the event; each `data` is one JSON text. */
export const EVENTS = {
  ready: ReadyEvent,
  settings: SettingsEvent,
  apply: ApplyEvent,
  health: Health,
  slots: SlotsReport,
  /** Another state, command or phase; not each step of its progress. */
  updates: UpdatesStatus,
} as const;

export type EventName = keyof typeof EVENTS;
export type EventData<Name extends EventName> = z.output<(typeof EVENTS)[Name]>;

import { BallastError } from "@ballast/errors";
import type { DatastoreErrorCode } from "@ballast/datastore";
import type { ApiErrorCode } from "../api-error.ts";
import { refusalMeaning } from "../updates/refusal-status.ts";

interface Meaning {
  readonly status: number;
  readonly title: string;
}

const BAD_REQUEST = { status: 400, title: "Bad request" };
const FAILED = { status: 500, title: "The server failed" };

/** HTTP status per error code; every other code is the server's fault. */
const MEANINGS: Readonly<Record<ApiErrorCode | DatastoreErrorCode, Meaning>> = {
  "apiserver.no-such-path": { status: 404, title: "Not found" },
  "apiserver.wrong-method": { status: 405, title: "Method not allowed" },
  "apiserver.forbidden": { status: 403, title: "Forbidden" },
  "apiserver.bad-query": BAD_REQUEST,
  "apiserver.bad-body": BAD_REQUEST,
  "apiserver.bad-upgrade": BAD_REQUEST,
  "apiserver.upgrade-required": { status: 426, title: "Upgrade required" },
  "apiserver.body-too-large": { status: 413, title: "Body too large" },
  "apiserver.not-json": { status: 415, title: "Unsupported media type" },
  "apiserver.bad-settings": { status: 400, title: "Bad settings" },
  "apiserver.bad-user-data": { status: 400, title: "Bad user data" },
  "apiserver.no-such-container": { status: 404, title: "No such container" },
  "apiserver.ambiguous-container": { status: 409, title: "Which container?" },
  "apiserver.too-many-streams": { status: 503, title: "Too many streams" },
  "apiserver.too-many-inhibitors": { status: 409, title: "Too many inhibitors" },
  "apiserver.no-manager": { status: 503, title: "The manager does not run" },
  "apiserver.update-busy": { status: 423, title: "The update agent is at work" },
  "apiserver.empty-bundle": BAD_REQUEST,
  "apiserver.upload-silent": { status: 408, title: "The upload has stopped" },
  "apiserver.disk-full": { status: 507, title: "The disk is full" },
  "apiserver.command-failed": FAILED,
  "apiserver.cannot-look": FAILED,
  "apiserver.bad-network": FAILED,
  "apiserver.bad-remote-settings": FAILED,
  "apiserver.remote-listen": FAILED,
  "apiserver.metrics-listen": FAILED,
  "apiserver.bad-socket": FAILED,
  "datastore.open": FAILED,
  "datastore.too-new": FAILED,
  "datastore.damaged": FAILED,
  "datastore.absent": FAILED,
  "datastore.full": { status: 507, title: "The disk is full" },
  "datastore.unwritable": { status: 503, title: "The disk takes no writes" },
  "datastore.nothing-pending": { status: 422, title: "Nothing pending" },
  "datastore.rule": { status: 400, title: "Bad settings" },
  "datastore.changed-meanwhile": { status: 412, title: "Settings changed meanwhile" },
  "datastore.too-many-transactions": { status: 409, title: "Too many transactions" },
  "datastore.too-large": { status: 413, title: "Too large" },
  "datastore.transaction-in-use": { status: 409, title: "Transaction in use" },
  "datastore.no-such-commit": { status: 404, title: "No such commit" },
  "datastore.unconfirmed": { status: 409, title: "A commit waits to be confirmed" },
  "datastore.not-waiting": { status: 409, title: "Nothing waits to be confirmed" },
  "datastore.already-provisioned": { status: 409, title: "Already provisioned" },
};

/** What signpost refuses because of the state of the slots; its other errors are faults of the machine. */
const SLOT_REFUSALS: ReadonlySet<string> = new Set([
  "gpt.fallback-needed",
  "gpt.slot-not-bootable",
  "signpost.active-slot-conflict",
  "signpost.disk-locked",
]);

/** What signpost refuses because of the disk: of a reset. */
const DISK_REFUSALS: ReadonlySet<string> = new Set([
  "gpt.no-such-partition",
  "signpost.selector-too-old",
]);

export function problemMeaning(error: unknown): Meaning {
  if (!(error instanceof BallastError)) return FAILED;
  if (SLOT_REFUSALS.has(error.code)) return { status: 409, title: "The slots do not allow it" };
  if (DISK_REFUSALS.has(error.code)) return { status: 409, title: "The disk does not allow it" };
  const known = new Map<string, Meaning>(Object.entries(MEANINGS)).get(error.code);
  return known ?? refusalMeaning(error.code) ?? FAILED;
}

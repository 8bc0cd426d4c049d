import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Datastore, readDatabase, type DatabaseContents } from "@ballast/datastore";
import { MigrationReport, ShadowReport } from "@ballast/model";
import { createLog } from "@ballast/service";
import { createMemoryClock } from "@ballast/system";
import { onTestFinished } from "vitest";
import { runAtStart } from "./at-start/run-at-start.ts";
import { HISTORY_OF_TEST } from "./history.fixture.ts";
import { databaseOf, placesBelow } from "./places.ts";
import { runPrepare, runShadow } from "./shadow/run-shadow.ts";
import { isSettled } from "./settled.ts";

/** A machine's files below a temporary root. */
export class TestMachine {
  readonly places = placesBelow(mkdtempSync(join(tmpdir(), "ballast-migrator-")));
  readonly root = this.places.osRelease.slice(0, -"/usr/lib/os-release".length);
  readonly lines: string[] = [];
  readonly log = createLog({ write: (line) => this.lines.push(line), journal: false });

  constructor() {
    onTestFinished(() => {
      rmSync(this.root, { recursive: true });
    });
    this.write(this.places.report.replace("report.json", ".keep"), "");
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** What migrator.service does when this version starts. */
  async start(version: string, history = HISTORY_OF_TEST): Promise<void> {
    this.write(this.places.osRelease, `ID=ballast\nVERSION_ID=${version}\n`);
    rmSync(this.places.report, { force: true });
    if (isSettled(this.places)) return;
    await runAtStart(this.places, this.log, history);
  }

  /** What settings-shadow.service does while this version runs. */
  async shadow(history = HISTORY_OF_TEST): Promise<ShadowReport> {
    await runShadow(this.places, this.log, history);
    return ShadowReport.parse(JSON.parse(readFileSync(this.places.shadowReport, "utf8")));
  }

  async prepare(version: string, history = HISTORY_OF_TEST): Promise<void> {
    await runPrepare(this.places, version, this.log, history);
  }

  get report(): MigrationReport {
    return MigrationReport.parse(JSON.parse(readFileSync(this.places.report, "utf8")));
  }

  /** Commits as the API server of that version. */
  set(version: string, settings: Readonly<Record<string, unknown>>, attempt?: string): void {
    using store = this.open(version);
    store.stage(
      "default",
      Object.entries(settings).map(([key, value]) => ({ key, value })),
    );
    store.commit("default", {
      who: "local",
      source: "api",
      ...(attempt === undefined ? {} : { attempt }),
    });
  }

  open(version: string): Datastore {
    return new Datastore({ file: databaseOf(this.places, version), clock: createMemoryClock() });
  }

  contents(version: string): DatabaseContents {
    return readDatabase(databaseOf(this.places, version), this.root);
  }

  values(version: string): Record<string, unknown> {
    return Object.fromEntries(this.contents(version).values.map(({ key, value }) => [key, value]));
  }
}

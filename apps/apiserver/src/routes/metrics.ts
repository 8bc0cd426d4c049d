import { errorFields } from "@ballast/service";
import {
  nestSettings,
  type ContainerList,
  type SlotsReport,
  type UpdatesStatus,
} from "@ballast/model";
import * as z from "zod";
import type { App } from "../app.ts";
import { listContainers } from "../containers/list-containers.ts";
import { withFigures } from "../containers/with-figures.ts";
import { cached } from "../health/cached.ts";
import { route, type Route } from "../http/route.ts";
import { metricFamilies, type ProcessFacts } from "../metrics/collect.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../metrics/prometheus-text.ts";
import { certificateDates } from "../remote/certificate-dates.ts";

/** Each look at the slots starts a program that reads the partition table. */
const SLOTS_AGE_MS = 60_000;

export function metricRoutes(app: App): Route[] {
  const slots = cached(
    SLOTS_AGE_MS,
    () => performance.now(),
    () => slotsIfReadable(app),
  );
  return [
    route({
      method: "GET",
      path: "/metrics",
      role: "reader",
      query: z.strictObject({}),
      answerType: PROMETHEUS_TYPE,
      handle: async () => {
        const families = metricFamilies({
          os: app.os,
          health: await app.health(),
          slots: await slots(""),
          updates: await updatesIfReadable(app),
          containers: await containersIfReadable(app),
          requests: app.requests.samples(),
          commits: app.store.history()[0]?.id ?? 0,
          certificates: certificateDates(nestSettings(app.store.effective()).api.remote),
          process: processFacts(),
        });
        return { status: 200, text: prometheusText(families) };
      },
    }),
  ];
}

async function slotsIfReadable({ slots, log }: App): Promise<SlotsReport | undefined> {
  try {
    return await slots.report();
  } catch (error) {
    log.warn("Metrics without slots", errorFields(error));
    return undefined;
  }
}

async function updatesIfReadable({ updates, log }: App): Promise<UpdatesStatus | undefined> {
  try {
    return await updates.seen();
  } catch (error) {
    log.warn("Metrics without updates", errorFields(error));
    return undefined;
  }
}

async function containersIfReadable({ fs, store, log }: App): Promise<ContainerList> {
  try {
    return await withFigures(fs, await listContainers(fs, nestSettings(store.effective())));
  } catch (error) {
    log.warn("Metrics without containers", errorFields(error));
    return [];
  }
}

function processFacts(): ProcessFacts {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    residentBytes: rss,
    heapBytes: heapUsed,
    cpuSeconds: (user + system) / 1e6,
    startedAtMs: performance.timeOrigin,
  };
}

import type { ContainerList, Health, Os, SlotsReport, UpdatesStatus } from "@ballast/model";
import type { CertificateDates } from "../remote/certificate-dates.ts";
import { containerMetrics } from "./container-metrics.ts";
import type { MetricFamily, Sample } from "./prometheus-text.ts";
import { updateMetrics } from "./update-metrics.ts";

export interface Facts {
  readonly os: Os;
  readonly health: Health;
  /** Undefined if the partition table cannot be read. */
  readonly slots: SlotsReport | undefined;
  /** Undefined if nobody has looked in this boot, or it cannot be read. */
  readonly updates: UpdatesStatus | undefined;
  /** Empty if they cannot be read. */
  readonly containers: ContainerList;
  readonly requests: readonly Sample[];
  /** Number of the newest commit. */
  readonly commits: number;
  readonly certificates: readonly CertificateDates[];
  readonly process: ProcessFacts;
}

export interface ProcessFacts {
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly cpuSeconds: number;
  readonly startedAtMs: number;
}

/** All that `GET /metrics` tells. Pure. */
export function metricFamilies(facts: Facts): MetricFamily[] {
  return [
    ...processMetrics(facts.process),
    osMetric(facts.os),
    counter("ballast_api_requests_total", "Answers of the API.", facts.requests),
    counter("ballast_settings_commits_total", "Commits since the database was made.", [
      { value: facts.commits },
    ]),
    ...healthMetrics(facts.health),
    ...slotMetrics(facts.slots),
    ...updateMetrics(facts.updates),
    ...containerMetrics(facts.containers),
    gauge(
      "ballast_certificate_not_after_timestamp_seconds",
      "When a certificate of the remote API ends, or its revocation list is due.",
      facts.certificates.map(({ name, untilMs }) => ({
        labels: { certificate: name },
        value: untilMs / 1000,
      })),
    ),
  ];
}

function processMetrics(own: ProcessFacts): MetricFamily[] {
  return [
    gauge("process_resident_memory_bytes", "Resident memory of the API server.", [
      { value: own.residentBytes },
    ]),
    gauge("ballast_apiserver_heap_bytes", "Heap of the API server that is in use.", [
      { value: own.heapBytes },
    ]),
    counter("process_cpu_seconds_total", "Processor time of the API server.", [
      { value: own.cpuSeconds },
    ]),
    gauge("process_start_time_seconds", "When the API server was started.", [
      { value: own.startedAtMs / 1000 },
    ]),
  ];
}

function osMetric({ version_id, variant_id, build_id, arch, slot }: Os): MetricFamily {
  const labels = { version_id, variant_id, build_id, arch, slot: slot ?? "" };
  return gauge("ballast_os_info", "The system that runs; always 1.", [{ labels, value: 1 }]);
}

function healthMetrics({ status, checks }: Health): MetricFamily[] {
  return [
    gauge("ballast_healthy", "1 when the machine is healthy.", [
      { value: Number(status === "healthy") },
    ]),
    gauge(
      "ballast_health_check_ok",
      "1 when a check of health is met, also with a warning.",
      checks.map((check) => ({
        labels: { check: check.name },
        value: Number(check.status === "ok" || check.status === "warning"),
      })),
    ),
  ];
}

function slotMetrics(report: SlotsReport | undefined): MetricFamily[] {
  if (report === undefined) return [];
  const of = (value: (name: "A" | "B") => number): Sample[] =>
    (["A", "B"] as const).map((slot) => ({ labels: { slot }, value: value(slot) }));
  const { slots, active, next } = report;
  return [
    gauge(
      "ballast_slot_active",
      "1 for the slot that runs.",
      of((slot) => Number(slot === active)),
    ),
    gauge(
      "ballast_slot_next",
      "1 for the slot that boots next.",
      of((slot) => Number(slot === next)),
    ),
    gauge(
      "ballast_slot_priority",
      "Priority of a slot.",
      of((slot) => slots[slot].priority),
    ),
    gauge(
      "ballast_slot_tries_left",
      "Boots that a slot has left.",
      of((slot) => slots[slot].tries_left),
    ),
    gauge(
      "ballast_slot_successful",
      "1 for a slot that has earned its mark.",
      of((slot) => Number(slots[slot].successful)),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: "gauge", samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: "counter", samples };
}

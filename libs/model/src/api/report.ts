import * as z from "zod";

/** `GET /report`: the reports that can be asked for. */
export const ReportList = z.array(
  z.strictObject({
    name: z.string(),
    /** Where it is. */
    path: z.string(),
    /** In one sentence. */
    about: z.string(),
  }),
);
export type ReportList = z.output<typeof ReportList>;

/** SKIP: a person has to judge. ERROR: the check could not look, so nothing is known. */
export const CisStatus = z.enum(["PASS", "FAIL", "SKIP", "ERROR"]);
export type CisStatus = z.output<typeof CisStatus>;

export const CisResult = z.strictObject({
  /** Number in the benchmark. */
  id: z.string(),
  title: z.string(),
  level: z.union([z.literal(1), z.literal(2)]),
  mode: z.enum(["automatic", "manual"]),
  status: CisStatus,
  /** What was seen, or why nothing was, in one sentence. */
  evidence: z.string(),
});
export type CisResult = z.output<typeof CisResult>;

/** `GET /report/cis`: FAIL when a check fails, else ERROR when one could not look, else PASS. */
export const CisReport = z.strictObject({
  benchmark: z.string(),
  /** Checks of higher levels are left out. */
  level: z.union([z.literal(1), z.literal(2)]),
  status: z.enum(["PASS", "FAIL", "ERROR"]),
  counts: z.strictObject({ PASS: z.int(), FAIL: z.int(), SKIP: z.int(), ERROR: z.int() }),
  checks: z.array(CisResult),
});
export type CisReport = z.output<typeof CisReport>;

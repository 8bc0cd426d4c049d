import type { CisResult } from "@ballast/model";
import type { MachineLook } from "./machine-look.ts";

/** What a check found. That it could not look is no verdict: then `look` rejects. */
export interface Verdict {
  readonly status: "PASS" | "FAIL" | "SKIP";
  /** One sentence. */
  readonly evidence: string;
}

export interface CisCheck extends Pick<CisResult, "id" | "title" | "level" | "mode"> {
  look(machine: MachineLook): Promise<Verdict>;
}

export function pass(evidence: string): Verdict {
  return { status: "PASS", evidence };
}

export function fail(evidence: string): Verdict {
  return { status: "FAIL", evidence };
}

/** For what a person has to judge. */
export function skip(evidence: string): Verdict {
  return { status: "SKIP", evidence };
}

/** PASS if it holds; the evidence is the same sentence either way, because it says what was seen. */
export function judge(holds: boolean, evidence: string): Verdict {
  return holds ? pass(evidence) : fail(evidence);
}

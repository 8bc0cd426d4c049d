export type Part = "unit" | "integration" | "vm";

/** One step of the test run. `reportsTo` names the workspace folder in which vitest runs and writes its report. */
export interface Stage {
  readonly part: Part;
  readonly name: string;
  readonly command: readonly string[];
  /** Where the command runs, from the root. */
  readonly folder: string;
  readonly hasTests: boolean;
  readonly isDetailed?: boolean;
}

/**
 * All stages in order. Unit tests run as one vitest over all workspaces and not through turbo, whose cache would
 * answer without any counts.
 */
export const STAGES: readonly Stage[] = [
  {
    part: "unit",
    name: "types and lint",
    command: ["turbo", "run", "check-types", "lint", "--continue"],
    folder: ".",
    hasTests: false,
  },
  {
    part: "unit",
    name: "unit tests",
    command: ["vitest", "run"],
    folder: ".",
    hasTests: true,
  },
  {
    part: "integration",
    name: "build",
    command: ["turbo", "run", "build"],
    folder: ".",
    hasTests: false,
  },
  {
    part: "integration",
    name: "integration tests",
    command: ["vitest", "run"],
    folder: "tests/integration",
    hasTests: true,
  },
  {
    part: "vm",
    name: "image",
    command: ["turbo", "run", "image", "--filter=@ballast/image-standalone"],
    folder: ".",
    hasTests: false,
  },
  {
    part: "vm",
    name: "vm tests",
    command: ["vitest", "run"],
    folder: "tests/vm",
    hasTests: true,
    isDetailed: true,
  },
];

export type Part = "unit" | "integration" | "vm";

/** One step of the test run. `reportsTo` names the workspace folder in which vitest runs and writes its report. */
export interface Stage {
  /** The parts that need it; it runs once. */
  readonly parts: readonly Part[];
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
    parts: ["unit"],
    name: "types and lint",
    command: ["turbo", "run", "check-types", "lint", "--continue"],
    folder: ".",
    hasTests: false,
  },
  {
    parts: ["unit"],
    name: "unit tests",
    // Processors may be shared: a limit is there to end what hangs.
    command: ["vitest", "run", "--testTimeout=60000"],
    folder: ".",
    hasTests: true,
  },
  {
    parts: ["integration", "vm"],
    name: "image",
    command: ["turbo", "run", "image", "--filter=@ballast/image-standalone"],
    folder: ".",
    hasTests: false,
  },
  {
    parts: ["integration", "vm"],
    name: "admin and welcome containers",
    command: ["turbo", "run", "container", "welcome"],
    folder: ".",
    hasTests: false,
  },
  {
    parts: ["integration"],
    name: "integration tests",
    command: ["vitest", "run"],
    folder: "tests/integration",
    hasTests: true,
  },
  {
    parts: ["integration"],
    name: "attacks on repositories",
    command: ["vitest", "run"],
    folder: "tests/repos",
    hasTests: true,
  },
  {
    parts: ["vm"],
    name: "vm tests",
    command: ["vitest", "run"],
    folder: "tests/vm",
    hasTests: true,
    isDetailed: true,
  },
];

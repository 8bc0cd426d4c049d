/** Where the program finds what it reads and writes; tests lay it out in a temporary directory. */
export interface Places {
  readonly sys: string;
  readonly proc: string;
  readonly dev: string;
  /** Holds the lock of the machine's own disk, and what the API server has rendered. */
  readonly run: string;
}

export const MACHINE: Places = { sys: "/sys", proc: "/proc", dev: "/dev", run: "/run/ballast" };

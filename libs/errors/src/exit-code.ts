/** Exit codes of every program, after sysexits(3). Units use them in `RestartPreventExitStatus=`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 64,
  badData: 65,
  unavailable: 69,
  bug: 70,
  tryAgain: 75,
  noPermission: 77,
  badConfig: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

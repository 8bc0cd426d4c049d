/** Shows that a long step is alive: one line rewritten on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  update(text: string): void;
  done(text: string): void;
}

const PLAIN_INTERVAL_MS = 15_000;
const TERMINAL_INTERVAL_MS = 100;

export function startProgress(
  label: string,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  const startedMs = performance.now();
  const intervalMs = stream.isTTY ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
  let shownMs = startedMs;
  const elapsed = (): string => formatSeconds((performance.now() - startedMs) / 1000);
  const line = (text: string): string => `${label}: ${text} (${elapsed()})`;
  return {
    update(text) {
      const nowMs = performance.now();
      if (nowMs - shownMs < intervalMs) return;
      shownMs = nowMs;
      stream.write(stream.isTTY ? `\r\u001B[2K${line(text)}` : `${line(text)}\n`);
    },
    done(text) {
      stream.write(`${stream.isTTY ? "\r\u001B[2K" : ""}${line(text)}\n`);
    },
  };
}

export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export function formatBytes(bytes: number): string {
  return bytes < 1 << 20
    ? `${(bytes / 1024).toFixed(0)} KiB`
    : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}

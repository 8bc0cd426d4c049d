import { describeError } from "@ballast/errors";
import { isStatus, type Client } from "@ballast/containerd";
import type { RuntimeService } from "@ballast/containerd/cri";
import { probeHttp, probeTcp } from "@ballast/system";
import type { Finding } from "./check-state.ts";
import type { Probe } from "./health-checks.ts";
import { Turnstile } from "./turnstile.ts";

/** containerd ends the program at its time limit; the call itself ends later, if containerd does not answer. */
const MARGIN_MS = 5000;
/** To begin a program in a container costs much for a moment. */
const BEGINNING_AT_ONCE = 4;
const BEGINNING_MS = 1000;

const GOOD: Finding = { isGood: true };

/** Asks a container as its check says: a program of it through containerd, its ports over the network. */
export function containerProbe(runtime: Client<typeof RuntimeService>): Probe {
  const turnstile = new Turnstile(BEGINNING_AT_ONCE, BEGINNING_MS);
  return async ({ name, containerId, address, check: { target, timeoutMs } }, signal) => {
    if (target.kind === "exec") {
      const call = {
        act: `check container "${name}"`,
        timeoutMs: timeoutMs + MARGIN_MS,
        signal,
      };
      const timeout = BigInt(timeoutMs / 1000);
      const request = { containerId, cmd: [...target.command], timeout };
      return turnstile.pass(() => execFinding(runtime.execSync(request, call), timeoutMs));
    }
    if (address === undefined) return bad("has no address");
    const { port } = target;
    try {
      if (target.kind === "tcp") {
        await probeTcp(address, port, { timeoutMs, signal });
        return GOOD;
      }
      const url = new URL(`http://${address}:${port}${target.path}`);
      const status = await probeHttp(url, { timeoutMs, signal });
      return status >= 200 && status < 400 ? GOOD : bad(`port ${port} answered ${status}`);
    } catch (error) {
      return bad(`port ${port}: ${describeError(error)}`);
    }
  };
}

/** What the program printed is not told: it may be anything, secrets too. */
async function execFinding(
  answer: Promise<{ readonly exitCode: number }>,
  timeoutMs: number,
): Promise<Finding | undefined> {
  try {
    const { exitCode } = await answer;
    return exitCode === 0 ? GOOD : bad(`the program of the check ended with ${exitCode}`);
  } catch (error) {
    // The container has just ended, or containerd does.
    if (isStatus(error, "not-found", "unavailable", "cancelled")) return undefined;
    if (isStatus(error, "deadline-exceeded")) return bad(`no answer in ${timeoutMs / 1000} s`);
    return bad(describeError(error));
  }
}

function bad(reason: string): Finding {
  return { isGood: false, reason };
}

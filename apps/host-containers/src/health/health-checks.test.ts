import { createLog } from "@ballast/service";
import { expect, it, onTestFinished } from "vitest";
import type { Finding } from "./check-state.ts";
import { HealthChecks, type Checked, type Probe } from "./health-checks.ts";

const CHECK = {
  target: { kind: "tcp", port: 80 },
  intervalMs: 5,
  timeoutMs: 1000,
  retries: 2,
  startPeriodMs: 0,
} as const;

function checkedOf(name: string, more: Partial<Checked> = {}): Checked {
  return { name, containerId: `c-${name}`, address: "10.88.0.2", check: CHECK, ...more };
}

function started(probe: Probe) {
  let changes = 0;
  const lines: string[] = [];
  const log = createLog({ journal: false, write: (line) => void lines.push(line) });
  const checks = new HealthChecks(probe, () => changes++, log);
  onTestFinished(() => checks.end());
  const statusOf = (name: string) => checks.states.get(`c-${name}`)?.status;
  return { checks, statusOf, changes: () => changes, text: () => lines.join("\n") };
}

it("tells each change of health once", async () => {
  let finding: Finding | undefined = { isGood: true };
  const { checks, statusOf, changes, text } = started(() => Promise.resolve(finding));
  checks.follow([checkedOf("web")]);
  await expect.poll(() => statusOf("web")).toBe("healthy");
  finding = { isGood: false, reason: "port 80 is shut" };
  await expect.poll(() => statusOf("web")).toBe("unhealthy");
  // Nobody could ask: that changes nothing.
  finding = undefined;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(statusOf("web")).toBe("unhealthy");
  expect(checks.states.get("c-web")?.reason).toBe("port 80 is shut");
  finding = { isGood: true };
  await expect.poll(() => statusOf("web")).toBe("healthy");
  // Healthy, the first failure's reason, unhealthy, healthy.
  expect(changes()).toBe(4);
  expect(text().match(/is unhealthy/g)).toHaveLength(1);
});

it("goes on with others while one hangs, and ends what is followed no more", async () => {
  let isEnded = false;
  let asked = 0;
  const { checks, statusOf } = started(({ name }, signal) => {
    asked += 1;
    if (name !== "hangs") return Promise.resolve({ isGood: true });
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        isEnded = true;
        resolve(undefined);
      });
    });
  });
  checks.follow([checkedOf("hangs"), checkedOf("web")]);
  await expect.poll(() => statusOf("web")).toBe("healthy");
  expect(statusOf("hangs")).toBe("starting");
  checks.follow([checkedOf("web")]);
  expect(isEnded).toBe(true);
  expect([...checks.states.keys()]).toEqual(["c-web"]);
  await checks.end();
  const before = asked;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(asked).toBe(before);
});

it("keeps what it knows while the check is the same, and begins anew with another", async () => {
  const { checks, statusOf } = started(() => Promise.resolve({ isGood: true }));
  checks.follow([checkedOf("web")]);
  await expect.poll(() => statusOf("web")).toBe("healthy");
  checks.follow([checkedOf("web")]);
  expect(statusOf("web")).toBe("healthy");
  checks.follow([checkedOf("web", { check: { ...CHECK, retries: 9 } })]);
  expect(statusOf("web")).toBe("starting");
});

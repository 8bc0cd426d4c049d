import { bootsLimitMs, inLab, type Guest } from "@ballast/testkit";
import { RemoteApi } from "@ballast/vm";
import { expect, test } from "vitest";

/** The card of the API, by its place in the machine. */
const CARD = "enp0s2";
const NEW_ADDRESS = "10.0.2.99";
const TRY_SECONDS = 20;
const LIMIT_MS = 180_000;

test(
  "024 a change that cuts its author off comes back by itself",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const guest = await lab.resume();
    const before = await guest.api.get("/settings");
    // What is for the API goes to the address that the machine gives up with this.
    await guest.api.call("PATCH", "/settings", {
      motd: "Only on trial",
      network: { interfaces: { [CARD]: { addresses: [`${NEW_ADDRESS}/24`] } } },
    });
    const answer = guest.api
      .call("POST", `/tx/commit_and_apply?try-seconds=${TRY_SECONDS}`, undefined, LIMIT_MS)
      .catch(() => "The connection was cut before the answer");
    await until("the API to be cut off", async () => !(await answers(guest)));

    // Not just gone: at the new address the machine says that it waits.
    const elsewhere = new RemoteApi(
      await guest.machine.forwardApiTo(NEW_ADDRESS),
      await guest.identity(),
    );
    await until("the commit to be on trial", async () => {
      const { text } = await elsewhere.send({ path: "/tx/try" });
      return /"deadline":"/.test(text);
    });
    expect(await elsewhere.get("/settings")).toMatchObject({ motd: "Only on trial" });

    // Nobody confirms.
    await until("the API to be back", () => answers(guest));
    await answer;
    expect(await guest.api.get("/settings")).toEqual(before);
    expect(await guest.api.get("/tx/try")).toEqual({ waiting: null });
    const takenBack = expect.objectContaining({
      who: "apiserver",
      note: `Not confirmed in ${TRY_SECONDS} s`,
      changes: expect.arrayContaining([
        { key: "settings.motd", action: "unset", secret: false, old: "Only on trial", new: null },
      ]),
    });
    expect(await guest.api.get("/history")).toEqual(expect.arrayContaining([takenBack]));
    await until("the machine to be healthy", async () => {
      const { status } = await guest.api.send({ path: "/health" });
      return status === 200;
    });
    await expect(elsewhere.send({ path: "/os", timeoutMs: 3000 })).rejects.toThrow(/Cannot GET/);
  }),
);

async function answers({ api }: Guest): Promise<boolean> {
  try {
    return (await api.send({ path: "/os", timeoutMs: 3000 })).status === 200;
  } catch {
    return false;
  }
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { timeout: LIMIT_MS, interval: 500, message: what }).toBe(true);
}

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { bootsLimitMs, inLab } from "@ballast/testkit";
import { buildProbe, makeProbeImage } from "@ballast/testkit/containers";
import { expect, test } from "vitest";

/** Of a registry that the guest has no way to. */
const IMAGE = "registry.example.org/team/probe:1";
const USER_DATA = `[settings.containers.web]
image = "${IMAGE}"
args = ["chat", "5", "1"]
`;
const SOON = { timeout: 120_000, interval: 1000 } as const;

test(
  "043 a machine whose image carries an archive runs its containers at the first start without a registry",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const added = join(lab.directory, "with-archive");
    await mkdir(join(added, "usr/lib/ballast/images"), { recursive: true });
    await makeProbeImage(
      await buildProbe(lab.directory),
      { reference: IMAGE, entrypoint: ["/probe"] },
      join(added, "usr/lib/ballast/images/probe.oci.tar"),
    );
    const { disk } = await lab.makeDiskWithB({ added: [added] });
    const guest = await lab.boot({ disk, userData: USER_DATA });
    await guest.healthy();
    expect(await guest.api.get("/os")).toMatchObject({ slot: "B" });
    await expect
      .poll(() => guest.api.get("/containers"), SOON)
      .toMatchObject([{ name: "web", state: "running", image: IMAGE }]);

    const lines = async () =>
      (await guest.api.send({ path: "/containers/logs?name=web" })).text
        .split("\n")
        .filter((line) => line !== "")
        .map((line): unknown => JSON.parse(line));
    await expect.poll(async () => (await lines()).length, SOON).toBe(5);
    expect((await lines())[4]).toMatchObject({
      stream: "stdout",
      text: expect.stringMatching(/^00000004;/),
    });
  }),
);

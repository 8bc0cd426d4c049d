import { expect, test } from "vitest";
import { bootsLimitMs, inLab } from "@ballast/testkit";
import { RemoteApi } from "@ballast/vm";

test(
  "001 boots and says what it is",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const guest = await lab.resume();
    expect(await guest.api.get("/os")).toMatchObject({
      version_id: lab.image.version,
      build_id: lab.image.buildId,
      root_hash: lab.image.rootHash,
      variant_id: "standalone",
      arch: "x86_64",
      slot: "A",
    });
    expect(await guest.api.get("/health")).toMatchObject({ status: "healthy" });
    expect(await guest.api.get("/boot")).toMatchObject({
      slot: "A",
      provisioned: true,
      user_data_error: null,
    });
  }),
);

test(
  "001 lets nobody in without a certificate of its own CA",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const guest = await lab.resume();
    const { ca, ...identity } = await guest.identity();
    const stranger = new RemoteApi(guest.machine.apiPort, { ca });
    await expect(stranger.send({ path: "/os" })).rejects.toMatchObject({ code: "vm.api" });
    const impostor = new RemoteApi(guest.machine.apiPort, await lab.foreignIdentity(ca));
    await expect(impostor.send({ path: "/os" })).rejects.toMatchObject({ code: "vm.api" });
    const admin = new RemoteApi(guest.machine.apiPort, { ca, ...identity });
    await expect(admin.send({ path: "/os" })).resolves.toMatchObject({ status: 200 });
  }),
);

test(
  "001 gives each certificate the role it carries and no more",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const guest = await lab.resume();
    const as = async (profile: Parameters<typeof lab.clientIdentity>[0]): Promise<RemoteApi> =>
      new RemoteApi(guest.machine.apiPort, await lab.clientIdentity(profile));
    const change = { method: "PATCH", path: "/settings", body: { network: { hostname: "x" } } };

    const reader = await as({ uris: ["ballast:role:reader"] });
    expect(await reader.send({ path: "/os" })).toMatchObject({ status: 200 });
    expect(await reader.send(change)).toMatchObject({ status: 403 });
    expect(await reader.send({ path: "/logs" })).toMatchObject({ status: 403 });
    expect(await reader.send({ method: "POST", path: "/actions/reboot" })).toMatchObject({
      status: 403,
    });
    const operator = await as({ uris: ["ballast:role:operator"] });
    expect(await operator.send(change)).toMatchObject({ status: 403 });

    const two = await as({ uris: ["ballast:role:reader", "ballast:role:admin"] });
    expect(await two.send({ path: "/os" })).toMatchObject({ status: 403 });
    expect(await (await as({ uris: [] })).send({ path: "/os" })).toMatchObject({ status: 403 });
    const server = await as({ uris: ["ballast:role:admin"], extendedKeyUsage: "serverAuth" });
    await expect(server.send({ path: "/os" })).rejects.toMatchObject({ code: "vm.api" });
  }),
);

test(
  "001 refuses what it does not know, and stages nothing",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const guest = await lab.resume();
    const body = { motd: "x", network: { hostnam: "typo" } };
    const answer = await guest.api.send({ method: "PATCH", path: "/settings", body });
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining("hostnam") });
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
    await expect(
      guest.api.send({ method: "POST", path: "/tx/commit_and_apply" }),
    ).resolves.toMatchObject({ status: 422 });
    const settings = JSON.stringify(await guest.api.get("/settings"));
    expect(settings).not.toMatch(/PRIVATE KEY/);
  }),
);

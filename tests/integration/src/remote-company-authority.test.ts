import { expect, it } from "vitest";
import { NO_CONNECTION, Trust } from "./remote-machine.ts";

/** A company's own authority signs many certificates, some with whatever names their owners wish. */
it("an authority that the machine trusts for other things gives nobody a role", async () => {
  const trust = await Trust.create();
  const { machine, port } = await trust.start();
  await using _ = machine;
  const company = trust.stranger;
  const set = await machine.set({ pki: { company: { data: company.pem, trusted: true } } });
  expect(set.status).toBe(200);
  expect(machine.read("run/ballast/etc/pki/ca-certificates.crt")).toContain(
    company.pem.trim().split("\n")[1],
  );
  const identity = await company.client({ uris: ["ballast:role:admin"] });
  await expect(trust.call(port, { identity }, "GET", "/os")).rejects.toThrow(NO_CONNECTION);
  expect((await trust.call(port, trust.as("reader"), "GET", "/os")).status).toBe(200);
});

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { WorkloadList } from "@ballast/model";
import { addTestProgram, makeProbeImage, type ContainersLab } from "@ballast/testkit/containers";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAN_RUN_LAB, SOON, startLab } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

/** Nobody answers there. */
const OWN = "registry.example.org/team/own:1";
const FOREIGN = "registry.example.org/team/foreign:1";

let lab: ContainersLab;
let manager: RunningManager;

beforeAll(async () => {
  lab = await startLab();
  await mkdir(lab.path("var/archives"));
  const image = { reference: OWN, entrypoint: ["/probe", "hold"], env: ["OF=archive"] };
  await makeProbeImage(lab.probe, image, lab.path("var/archives/own.oci.tar"));
  await makeForeign();
  // What is no archive keeps none of the others away.
  await writeFile(lab.path("var/archives/broken.oci.tar"), "no archive at all".repeat(100));
  await want(lab, {});
  manager = await startManager(lab, ["--archives", "/var/archives"]);
}, 60_000);

afterAll(async () => {
  await manager.end("SIGTERM");
  await lab[Symbol.asyncDispose]();
});

/** An image of two layers by another program, under its whole name. */
async function makeForeign(): Promise<void> {
  const umoci = await addTestProgram(lab, "umoci");
  const run = (...words: string[]) => lab.namespaces.run([umoci, ...words]);
  const layout = ["--image", "/var/foreign:1"];
  await run("init", "--layout", "/var/foreign");
  await run("new", ...layout);
  await run("insert", ...layout, "/var/probe", "/probe");
  await copyFile(lab.probe, lab.path("var/second"));
  await run("insert", ...layout, "/var/second", "/second");
  await run("config", ...layout, "--config.entrypoint", "/probe", "--config.cmd", "hold");
  // It knows an image by its tag alone; a tool that copies from a registry writes the name that it is given.
  const index = lab.path("var/foreign/index.json");
  const text = await readFile(index, "utf8");
  await writeFile(index, text.replace('ref.name":"1"', `ref.name":"${FOREIGN}"`));
  const archive = lab.path("var/archives/foreign.oci.tar");
  await execa("tar", ["-cf", archive, "-C", lab.path("var/foreign"), "."]);
}

async function statusOf(name: string) {
  const text = await readFile(lab.path("run/ballast/containers/state.json"), "utf8");
  return WorkloadList.parse(JSON.parse(text)).find((status) => status.name === name);
}

const stateOf = async (name: string) => (await statusOf(name))?.state;
const ctr = (...words: string[]) => lab.namespaces.run(["ctr", "-n", "k8s.io", ...words]);

describe.runIf(CAN_RUN_LAB)("an image that came with the machine", { timeout: 90_000 }, () => {
  it("runs without a registry, whoever made it, and again after it was removed", async () => {
    await want(lab, { own: { image: OWN }, twin: { image: OWN }, foreign: { image: FOREIGN } });
    for (const name of ["own", "twin", "foreign"])
      await expect.poll(() => stateOf(name), SOON).toBe("running");
    expect((await statusOf("own"))?.reason).toContain("Uses the image that is here");
    expect(manager.log()).toContain("Imported an image that came with the machine");
    expect(manager.log()).toContain("Cannot take an archive of images");
    // Nothing keeps what is imported but the image itself.
    expect(await ctr("leases", "ls", "-q")).not.toContain("ballast-import");
    expect(await ctr("content", "active")).not.toContain("import");
    await want(lab, {});
    await expect.poll(() => ctr("containers", "ls", "-q"), SOON).toBe("");
    await ctr("images", "rm", "--sync", OWN);
    await want(lab, { own: { image: OWN } });
    await expect.poll(() => stateOf("own"), SOON).toBe("running");
  });

  it("is not what another name asks for", async () => {
    await want(lab, { other: { image: "registry.example.org/team/own:2" } });
    await expect.poll(() => stateOf("other"), SOON).toBe("waiting");
  });
});

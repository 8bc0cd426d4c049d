import { once } from "node:events";
import { createServer } from "node:http";
import { answerPulls, readImageArchive, WELCOME_ARCHIVE } from "@ballast/vm/welcome";
import { expect, it } from "vitest";
import { CAN_RUN_LAB, setMirrors, SOON, startLab } from "./lab.ts";
import { startManager, want } from "./manager.ts";

const REGISTRY_PORT = 5080;
const START_LIMIT_MS = 20_000;

/** Given in the test itself; the lab's own network reaches it by a bridge, as a guest does by QEMU. */
it.runIf(CAN_RUN_LAB)(
  "the welcome image is pulled from the registry of npm start, answers, and runs again without it",
  { timeout: 60_000 },
  async () => {
    const image = await readImageArchive(WELCOME_ARCHIVE);
    await using lab = await startLab();
    const server = createServer(answerPulls(image)).listen(lab.path("var/welcome"));
    await once(server, "listening");
    const words = ["bridge", String(REGISTRY_PORT), "/var/welcome"];
    const bridge = lab.namespaces.start(["/var/probe", ...words]);
    await bridge.waitFor("bridging", START_LIMIT_MS);
    await setMirrors(lab, { "welcome.ballast.local": [`http://127.0.0.1:${REGISTRY_PORT}`] });
    const answer = async (port: number) => lab.ask("10.88.0.1", port).catch(String);
    const manager = await startManager(lab);

    const byDigest = `welcome.ballast.local/welcome@${image.digest}`;
    const welcome = { image: byDigest, ports: ["10080:8080"] };
    await want(lab, { welcome });
    await expect
      .poll(() => answer(10080), SOON)
      .toMatch(/^Hello from a container on Ballast\nwelcome$/);

    const other = { image: "welcome.ballast.local/welcome:1", ports: ["10081:8080"] };
    await want(lab, { welcome, other });
    await expect.poll(() => answer(10081), SOON).toContain("Hello");

    server.close();
    server.closeAllConnections();
    await want(lab, {});
    await expect.poll(() => answer(10080), SOON).not.toContain("Hello");
    await want(lab, { welcome });
    await expect.poll(() => answer(10080), SOON).toContain("Hello");
    await manager.end("SIGTERM");
  },
);

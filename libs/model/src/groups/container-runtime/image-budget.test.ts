import { describe, expect, it } from "vitest";
import { effectiveSettings } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { parsePatch } from "../../patch.ts";
import { affectedServices, renderService } from "../../services.ts";

const patch = (budget: string) => ({ "container-runtime": { "image-disk-budget": budget } });

describe("settings.container-runtime.image-disk-budget", () => {
  it.each(["20%", "80%", "95%", "100Mi", "20Gi", "64Ti"])("takes %s", (budget) => {
    expect(parsePatch(patch(budget)).ok).toBe(true);
  });

  it.each(["", "0%", "19%", "96%", "100%", "080%", "80", "99Mi", "65Ti", "20G", "1e9Gi", "-5Gi"])(
    "refuses %j",
    (budget) => {
      expect(parsePatch(patch(budget))).toMatchObject({
        issues: [{ key: "container-runtime.image-disk-budget" }],
      });
    },
  );

  it("is a file for host-containers, and restarts nothing", () => {
    const [service, ...others] = affectedServices(["container-runtime.image-disk-budget"]);
    expect(others).toEqual([]);
    if (service === undefined) throw new Error("no service");
    expect(service.service).toMatchObject({ name: "container-images", units: [] });
    const texts = (settings: object) =>
      renderService(service, effectiveSettings(flatten(settings))).map(({ text }) => text);
    expect(texts({})).toEqual(['"80%"\n']);
    expect(texts(patch("20Gi"))).toEqual(['"20Gi"\n']);
  });
});

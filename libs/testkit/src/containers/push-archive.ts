import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { runTool } from "@ballast/harness";
import * as z from "zod";

const Descriptor = z.object({ mediaType: z.string(), digest: z.string() });
const Index = z.object({ manifests: z.tuple([Descriptor]) });
const Manifest = z.object({ config: Descriptor, layers: z.array(Descriptor) });

export interface PushTarget {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** PEM of the authority that the registry's certificate is of, and the name in it. */
  readonly ca: string;
  readonly host: string;
}

/** Puts the image of an OCI archive into a registry (OCI distribution-spec 1.1, "Push"). Returns its digest. */
export async function pushArchive(
  target: PushTarget,
  archive: string,
  repository: string,
  tag: string,
): Promise<string> {
  const work = await mkdtemp(`${archive}.push-`);
  try {
    await runTool("tar", ["-xf", archive, "-C", work]);
    const index = Index.parse(JSON.parse(await readFile(join(work, "index.json"), "utf8")));
    const blob = (digest: string) => readFile(join(work, "blobs", digest.replace(":", "/")));
    const [{ digest, mediaType }] = index.manifests;
    const manifest = await blob(digest);
    const { config, layers } = Manifest.parse(JSON.parse(manifest.toString()));
    for (const part of [config, ...layers])
      await pushBlob(target, repository, part.digest, await blob(part.digest));
    await send(target, "PUT", `/v2/${repository}/manifests/${tag}`, manifest, mediaType);
    return digest;
  } finally {
    await rm(work, { recursive: true });
  }
}

async function pushBlob(
  target: PushTarget,
  repository: string,
  digest: string,
  data: Buffer,
): Promise<void> {
  if (digest !== `sha256:${createHash("sha256").update(data).digest("hex")}`)
    throw new Error(`The archive holds something else as "${digest}"`);
  const { location } = await send(target, "POST", `/v2/${repository}/blobs/uploads/`);
  const url = new URL(location, `https://${target.host}:${target.port}`);
  url.searchParams.set("digest", digest);
  await send(target, "PUT", `${url.pathname}${url.search}`, data, "application/octet-stream");
}

async function send(
  { port, user, password, ca, host }: PushTarget,
  method: string,
  path: string,
  body: Buffer = Buffer.alloc(0),
  type?: string,
): Promise<{ readonly location: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly location: string }>();
  const headers = {
    "content-length": body.length,
    host: `${host}:${port}`,
    ...(type === undefined ? {} : { "content-type": type }),
  };
  const where = { host: "127.0.0.1", servername: host, port, ca, auth: `${user}:${password}` };
  request({ ...where, method, path, headers, agent: false }, (response) => {
    buffer(response).then((answer) => {
      const { statusCode: status = 0 } = response;
      if (status >= 300)
        reject(new Error(`${method} ${path} answers ${status}: ${answer.toString()}`));
      else resolve({ location: response.headers.location ?? "" });
    }, reject);
  })
    .on("error", reject)
    .end(body);
  return promise;
}

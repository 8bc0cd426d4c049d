import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { ImageArchive } from "./image-archive.ts";

export const REPOSITORY_NAME = "welcome";
const TAG = "1";

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** A registry that has one image and gives it to whoever asks; it takes none. */
export interface Registry extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number;
}

export async function startRegistry(image: ImageArchive): Promise<Registry> {
  const server = createServer(answerPulls(image)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A port was asked for");
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** The endpoints of a pull, end-1, end-2 and end-3 of the OCI distribution specification 1.1, and nothing else of it. */
export function answerPulls(image: ImageArchive): RequestListener {
  return ({ method, url = "" }, response) => {
    if (method !== "GET" && method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    // containerd tells a mirror whose it is, as ?ns=
    const path = url.replace(/\?.*$/, "");
    const body = path === "/v2/" ? Buffer.from("{}") : find(image, path);
    if (body === undefined) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end('{"errors":[{"code":"NAME_UNKNOWN","message":"there is no such thing here"}]}');
      return;
    }
    response.writeHead(200, { "content-length": body.length, ...headersOf(image, path) });
    response.end(method === "HEAD" ? undefined : body);
  };
}

function find({ digest, blobs }: ImageArchive, path: string): Buffer | undefined {
  const [, kind, reference = ""] =
    new RegExp(`^/v2/${REPOSITORY_NAME}/(manifests|blobs)/([^/]+)$`).exec(path) ?? [];
  if (kind === "blobs") return blobs.get(reference);
  return reference === TAG || reference === digest ? blobs.get(digest) : undefined;
}

function headersOf({ digest }: ImageArchive, path: string): Record<string, string> {
  if (path === "/v2/") return { "content-type": "application/json" };
  if (path.includes("/manifests/"))
    return { "content-type": MANIFEST_TYPE, "docker-content-digest": digest };
  return { "content-type": "application/octet-stream" };
}

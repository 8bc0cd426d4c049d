import * as z from "zod";
import { environmentFile } from "../../formats/environment-file.ts";
import type { Issue } from "../../settings-group.ts";

const URL_MAX_LENGTH = 2048;
const CREDENTIALS_MAX_LENGTH = 512;
const MAX_EXCEPTIONS = 256;

/** What never goes through a proxy: this machine. */
const LOCAL = ["localhost", "127.0.0.1", "::1"];

/** A URL of a proxy. Who may use it is another setting, because readers may see this one. */
export const ProxyUrl = z
  .string()
  .max(URL_MAX_LENGTH, { error: `must be at most ${URL_MAX_LENGTH} characters` })
  .refine((text) => proxyUrl(text) !== undefined, {
    error: "must be HOST:PORT or a URL of http: or https: without a path",
  })
  .refine((text) => !hasCredentials(text), {
    error: "must not contain a user name or password: they are network.https-proxy-credentials",
  });

/** `USER:PASSWORD`; the first colon ends the name (RFC 7617, 2). */
export const ProxyCredentials = z
  .string()
  .max(CREDENTIALS_MAX_LENGTH, { error: `must be at most ${CREDENTIALS_MAX_LENGTH} characters` })
  .refine((text) => /^[^:]+:/.test(text) && !/\p{Cc}/u.test(text) && text.isWellFormed(), {
    error: "must be USER:PASSWORD without control characters",
  });

/** A host, a domain with everything below it, an address or a network, on demand with a port. */
export const NoProxy = z
  .array(
    z
      .string()
      .regex(
        /^(?:\*|\*?\.?[A-Za-z0-9_][A-Za-z0-9._:/-]{0,252}|[0-9A-Fa-f:]{2,39}(?:\/\d{1,3})?|\[[0-9A-Fa-f:.]{2,39}\](?::\d{1,5})?)$/,
        {
          error: "must be a host, a domain, an address or a network, on demand with a port",
        },
      ),
  )
  .max(MAX_EXCEPTIONS, { error: `must have at most ${MAX_EXCEPTIONS} entries` });

export interface ProxyValue {
  readonly "https-proxy"?: string | undefined;
  readonly "https-proxy-credentials"?: string | undefined;
  readonly "no-proxy": readonly string[];
}

export function checkProxy(value: ProxyValue): Issue[] {
  if (value["https-proxy-credentials"] === undefined || value["https-proxy"] !== undefined)
    return [];
  return [{ key: "https-proxy-credentials", reason: "must not be set without https-proxy" }];
}

/** Variables for programs that fetch from elsewhere; both spellings, for programs disagree. No file without a proxy. */
export function renderProxy(value: ProxyValue): Map<string, string> {
  const url = proxyUrl(value["https-proxy"] ?? "");
  if (url === undefined) return new Map();
  const [, user, password] = /^([^:]+):(.*)$/su.exec(value["https-proxy-credentials"] ?? "") ?? [];
  if (user !== undefined && password !== undefined) {
    url.username = encodeURIComponent(user);
    url.password = encodeURIComponent(password);
  }
  const proxy = url.href.replace(/\/$/, "");
  const exceptions = [...new Set([...LOCAL, ...value["no-proxy"]])].join(",");
  const text = environmentFile([
    ["HTTPS_PROXY", proxy],
    ["https_proxy", proxy],
    ["NO_PROXY", exceptions],
    ["no_proxy", exceptions],
  ]);
  return new Map([["proxy.env", text]]);
}

/** Without a scheme a proxy is spoken to in plain HTTP, as most programs have it. */
function proxyUrl(text: string): URL | undefined {
  if (text === "" || /[\s\p{Cc}]/u.test(text)) return undefined;
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return undefined;
  const hasMore = url.pathname !== "/" || url.search !== "" || url.hash !== "";
  return hasMore || url.hostname === "" ? undefined : url;
}

function hasCredentials(text: string): boolean {
  const url = proxyUrl(text);
  return url !== undefined && (url.username !== "" || url.password !== "");
}

import { isIPv6 } from "node:net";
import * as z from "zod";

const URL_MAX_LENGTH = 2048;

/** A unit by its full name, as systemctl(1) prints it. */
export const UnitName = z
  .string()
  .regex(/^[A-Za-z0-9:_.@\\-]{1,200}\.(?:service|socket|target|mount|timer|path)$/, {
    error: "must be the name of a unit with its suffix, for example web.service",
  });

/** A URL that can be asked for. A name or password in it would be shown to every reader of the settings. */
export const HttpUrl = z
  .string()
  .max(URL_MAX_LENGTH, { error: `must be at most ${URL_MAX_LENGTH} characters` })
  .refine((text) => isHttpUrl(text), { error: "must be a URL of http: or https:" })
  .refine((text) => !isHttpUrl(text) || !hasCredentials(text), {
    error: "must not contain a user name or password",
  });

/** `host:port`, an IPv6 address in brackets. */
export const TcpAddress = z.string().refine((text) => splitAddress(text) !== undefined, {
  error: "must be HOST:PORT, an IPv6 address in brackets",
});

export function splitAddress(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]{1,253})):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, address, name, digits] = match;
  const port = Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  if (address !== undefined) return isIPv6(address) ? { host: address, port } : undefined;
  return name === undefined ? undefined : { host: name, port };
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return (url?.protocol === "http:" || url?.protocol === "https:") && !/[\s\p{Cc}]/u.test(text);
}

function hasCredentials(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.username !== "" || url.password !== "");
}

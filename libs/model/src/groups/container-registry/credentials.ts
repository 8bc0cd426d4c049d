import * as z from "zod";

const SECRET_MAX_LENGTH = 16 * 1024;

/** Text of a user, password or token: printable, since it travels in the header of a request. */
const Word = z
  .string()
  .min(1, { error: "must not be empty" })
  .max(SECRET_MAX_LENGTH, { error: `must be at most ${SECRET_MAX_LENGTH} characters` })
  .regex(/^\P{C}*$/u, { error: "must not contain control characters" });

export const Credentials = z.strictObject({
  username: Word.regex(/^[^:]*$/, { error: "must not contain ':'" })
    .meta({ description: "Name to log in with, together with `password`.", example: "robot" })
    .optional(),
  password: Word.meta({ description: "Password of `username`." }).optional(),
  auth: Word.refine((text) => isBasicAuth(text), {
    error: "must be the base64 text of a user name, ':' and a password",
  })
    .meta({ description: "User name and password in one, as in the file of a container client." })
    .optional(),
  identitytoken: Word.meta({
    description: "Token that the registry gave for a log-in.",
  }).optional(),
});
export type Credentials = z.output<typeof Credentials>;

/** What containerd needs of an entry and does not find; undefined when it is complete. */
export function whyIncomplete(credentials: Credentials): string | undefined {
  const { username, password, auth, identitytoken } = credentials;
  if ((username === undefined) !== (password === undefined))
    return "must have both username and password, or neither";
  const ways = [username, auth, identitytoken].filter((way) => way !== undefined).length;
  return ways === 1
    ? undefined
    : "must have exactly one of username with password, auth, identitytoken";
}

function isBasicAuth(text: string): boolean {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text && bytes.toString("latin1").indexOf(":") > 0;
}

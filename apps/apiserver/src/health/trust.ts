import { createSecureContext, type SecureContext } from "node:tls";
import { ApiError } from "../api-error.ts";

/** Whom this machine believes when it is the client of a TLS connection. */
export type Trust = () => Promise<SecureContext>;

/**
 * Trust in the authorities of a text in PEM, which settings change while the server runs: Node's own list knows nothing of
 * `settings.pki`. It is parsed only when it is another one than before.
 */
export function createTrust(read: () => Promise<string | undefined>): Trust {
  let known: { readonly text: string; readonly context: SecureContext } | undefined;
  return async () => {
    const text = await read();
    if (text === undefined)
      throw new ApiError("apiserver.command-failed", "The machine has no list of authorities", {
        hint: "See the service pki in GET /boot.",
      });
    // A list, because an empty text would mean Node's own authorities.
    if (known?.text !== text) known = { text, context: createSecureContext({ ca: [text] }) };
    return known.context;
  };
}

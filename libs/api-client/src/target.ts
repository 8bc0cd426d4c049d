/** Where the API is: the socket of this machine (role admin), or another machine over TLS 1.3. */
export type Target =
  | { readonly socketPath: string }
  | {
      readonly host: string;
      readonly port: number;
      /** PEM: the CA that the server must come from, and the client's own certificate and key. */
      readonly ca: string;
      readonly cert: string;
      readonly key: string;
    };

export function describeTarget(target: Target): string {
  return "socketPath" in target ? target.socketPath : `${target.host}:${target.port}`;
}

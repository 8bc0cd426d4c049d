import { createServer } from "node:net";
import { hasErrno } from "./errno.ts";

/** The wanted port of 127.0.0.1 if nobody listens there, else 0, with which QEMU chooses one itself. */
export async function portOrAny(wanted: number): Promise<number> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(wanted, "127.0.0.1", resolve);
    });
  } catch (error) {
    if (hasErrno(error, "EADDRINUSE", "EACCES")) return 0;
    throw error;
  }
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  return wanted;
}

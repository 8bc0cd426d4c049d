import * as z from "zod";
import type { StartCommand } from "../options.ts";
import { REPOSITORY_NAME } from "./registry.ts";

/** Nobody's: the guest finds it by its mirror alone. */
const REGISTRY_NAME = "welcome.ballast.local";
const IMAGE_NAME = `${REGISTRY_NAME}/${REPOSITORY_NAME}`;
/** How the guest reaches 127.0.0.1 of this computer, by QEMU's network for users. */
const HOST_OF_GUEST = "10.0.2.2";
/** On the guest: one that nobody else is likely to want. */
export const WELCOME_GUEST_PORT = 10080;
const CONTAINER_PORT = 8080;
export const USUAL_WELCOME_PORT = 8080;

const Containers = z.object({
  containers: z
    .object({ welcome: z.object({ image: z.string() }).partial() })
    .partial()
    .optional(),
});

/**
 * Whether the guest is to have the welcome container, of its settings at or below `containers`. A new one is. One that was started
 * before is if it still has it: then the image may have to come from here again. A container of the user's is left alone.
 */
export function isWelcome(settings: unknown, isNewGuest: boolean): boolean {
  const image = Containers.parse(settings).containers?.welcome?.image;
  return image === undefined ? isNewGuest : image.startsWith(`${IMAGE_NAME}@`);
}

/**
 * The settings that make it answer. By its digest, so that no registry is asked once the guest has the image: a later start finds it
 * running, though the registry then listens elsewhere.
 */
export function welcomeSettings(digest: string, registryPort: number): unknown {
  const mirror = `http://${HOST_OF_GUEST}:${registryPort}`;
  return {
    "container-registry": { mirrors: { [REGISTRY_NAME]: [mirror] } },
    containers: {
      welcome: {
        image: `${IMAGE_NAME}@${digest}`,
        ports: [`${WELCOME_GUEST_PORT}:${CONTAINER_PORT}`],
      },
    },
  };
}

/** Whether the usual port of this computer is promised to something else already. */
export function isUsualPortTaken({ port, published }: StartCommand): boolean {
  return [port, ...published.map(({ hostPort }) => hostPort)].includes(USUAL_WELCOME_PORT);
}

const List = z.array(
  z.object({ name: z.string(), state: z.string(), reason: z.string().nullable().optional() }),
);

/** How far the container is, as `GET /containers` tells it. */
export function describeWelcome(list: unknown): string {
  const status = List.parse(list).find(({ name }) => name === "welcome");
  if (status === undefined) return "the guest does not know it";
  return `it is ${status.state}${status.reason ? ` (${status.reason})` : ""}`;
}

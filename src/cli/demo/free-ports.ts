/** Finds ports for a platform beside another one: those that are taken are replaced for this run. */

import { createSocket } from "node:dgram";
import { createServer } from "node:net";

import {
  inboxAddress,
  inMailAddress,
  statAddress,
  syslogdAddress,
  trackinglogdAddress,
  webAddress,
} from "#foundation/common-settings.ts";
import { environmentName, type Settings } from "#foundation/settings.ts";

const meetingPoints = [
  { section: webAddress, kind: "tcp" },
  { section: trackinglogdAddress, kind: "tcp" },
  { section: inboxAddress, kind: "tcp" },
  { section: inMailAddress, kind: "tcp" },
  { section: statAddress, kind: "udp" },
  { section: syslogdAddress, kind: "udp" },
] as const;

export type Replacement = { readonly path: string; readonly taken: number; readonly chosen: number };

/**
 * Looks for defaults that are taken. A port that someone set is left alone: the module that cannot have it says so.
 * @returns variables for the platform's environment, and what was replaced
 */
export async function replaceTakenPorts(
  settings: Settings,
): Promise<{ environment: Record<string, string>; replaced: Replacement[] }> {
  const environment: Record<string, string> = {};
  const replaced: Replacement[] = [];
  for (const { section, kind } of meetingPoints) {
    const path = `${section.path}.port`;
    const { address, port } = settings.of(section);
    if (settings.origin(path) !== "default" || (await tryPort(kind, address, port)) !== undefined) continue;
    const chosen = (await tryPort(kind, address, 0)) ?? port;
    environment[environmentName(path)] = String(chosen);
    replaced.push({ path, taken: port, chosen });
  }
  return { environment, replaced };
}

/** The port that could be bound, or undefined when it is taken. */
function tryPort(kind: "tcp" | "udp", address: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    if (kind === "tcp") {
      const server = createServer();
      server.once("error", () => resolve(undefined));
      server.listen(port, address, () => {
        const bound = server.address();
        server.close(() => resolve(typeof bound === "object" && bound !== null ? bound.port : undefined));
      });
    } else {
      const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
      socket.once("error", () => {
        socket.close();
        resolve(undefined);
      });
      socket.bind(port, address, () => {
        const bound = socket.address().port;
        socket.close(() => resolve(bound));
      });
    }
  });
}

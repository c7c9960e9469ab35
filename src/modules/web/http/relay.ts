/** Keeps addresses closed that the relay rules close. */

import type { FastifyInstance } from "fastify";

import { zoneFlagsOf } from "#foundation/caller-zones.ts";
import { isInNetworks } from "#foundation/networks.ts";
import type { Settings } from "#foundation/settings.ts";

import { addressClosed } from "../errors.ts";
import { webRelaySettings } from "../settings.ts";
import { matches } from "./instance-directory.ts";
import type { Client } from "./read-client.ts";
import { type RelayRule, shippedRules } from "./relay-rule.ts";

/** Stands before every route; what no rule names is served. */
export function addRelay(app: FastifyInstance, settings: Settings): void {
  const { urls } = settings.of(webRelaySettings);
  const rules = urls.length === 0 ? shippedRules : urls;
  app.addHook("onRequest", async ({ url, client }) => {
    const rule = findRule(rules, pathOf(url), client);
    if (rule === undefined) return;
    const mayCome = rule.httpAllowed || client.isSecure || zoneFlagsOf(settings, client.address).allowHTTP;
    if (rule.deny || !mayCome) throw addressClosed();
  });
}

function findRule(rules: readonly RelayRule[], path: string, { host, address }: Client): RelayRule | undefined {
  return rules.find(
    ({ urlPath, hostMask, networks }) =>
      matches(urlPath, path) &&
      matches(hostMask, host.replace(/:\d+$/, "")) &&
      (networks.length === 0 || isInNetworks(address, networks)),
  );
}

/** The path as routes see it, however it is spelt: a rule must not be passed by an odd spelling of what it names. */
function pathOf(url: string): string {
  const [path = ""] = url.split(/[?#;]/, 1);
  try {
    return decodeURIComponent(path).toLowerCase();
  } catch {
    return path.toLowerCase();
  }
}

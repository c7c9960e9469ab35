/** A platform whose mail goes by DNS, to mail exchangers on loopback addresses. */

import type { Database } from "#foundation/database.ts";

import type { Ending } from "./endings.ts";
import { aScriptedDns, type ScriptedDns, type Zones } from "./scripted-dns.ts";
import { aScriptedSmtp, type Script, type ScriptedSmtp } from "./scripted-smtp.ts";
import { aSendingPlatform, type SendingPlatform } from "./sending-platform.ts";
import { insertRecipients } from "./sending-store.ts";

const mostTries = 20;

/** Servers at 127.0.0.2, 127.0.0.3 ..., all at one port: mail exchangers have one. */
export function exchangersAt(t: Ending, scripts: readonly Script[]): Promise<ScriptedSmtp[]> {
  return serversAtOnePort(
    t,
    scripts.map((script, index) => ({ ...script, address: `127.0.0.${index + 2}` })),
  );
}

/** Servers at addresses of their own. A port that is free at the first may be taken at another by somebody else: then the next one. */
export async function serversAtOnePort(t: Ending, scripts: readonly Script[]): Promise<ScriptedSmtp[]> {
  for (let tries = 1; ; tries += 1) {
    const servers: ScriptedSmtp[] = [];
    try {
      for (const script of scripts)
        servers.push(await aScriptedSmtp(t, { ...script, port: servers[0]?.port ?? script.port ?? 0 }));
      return servers;
    } catch (error) {
      for (const server of servers) await server.close();
      if (tries >= mostTries) throw error;
    }
  }
}

type Given = {
  readonly recipients?: number;
  readonly domains?: number;
  readonly zones?: Zones;
  readonly port?: number;
  readonly settings?: Record<string, string>;
  readonly before?: (db: Database) => Promise<unknown>;
};

/** A platform whose mail goes by DNS, as if loopback addresses were of the internet. */
export async function aPlatformByMx(t: Ending, given: Given): Promise<SendingPlatform & { dns: ScriptedDns }> {
  const dns = await aScriptedDns(t, given.zones ?? {});
  const platform = await aSendingPlatform(t, {
    before: async (db) => {
      await insertRecipients(db, given.recipients ?? 20, given.domains ?? 2);
      await given.before?.(db);
    },
    settings: {
      POSTRIDER_MTA_ROUTE: "mx",
      POSTRIDER_MTA_MX_PORT: String(given.port ?? 25),
      POSTRIDER_MTA_ALLOW_PRIVATE_ADDRESSES: "true",
      POSTRIDER_MTA_DNS_NAME_SERVERS: dns.nameServer,
      POSTRIDER_MTA_CHILD_IDLE_CHILD_TIMEOUT_SEC: "1",
      ...given.settings,
    },
  });
  return { ...platform, dns };
}

/** Exchangers of a domain, the first preferred. */
export const mxOf = (...hosts: readonly string[]): Zones[string] => ({
  mx: hosts.map((exchange, index) => ({ preference: 10 * (index + 1), exchange })),
});

/** So many recipients at one domain. */
export function addressesAt(domain: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `r${index}@${domain}`);
}

/** Finds where a domain's messages go: the built-in mailbox, relays, or its mail exchangers; a domain's rule goes before. */

import type { RecallDomainRule } from "#campaign/content/remember-domain-rules.ts";

import type { Destination, Route } from "./destination.ts";
import type { ResolveMx } from "./resolve-mx.ts";

export type FindRoute = (domain: string) => Promise<Route>;

/** A host that an operator named. */
export type Relay = { readonly host: string; readonly port: number };

/** The same destination for every domain: relays, used in order, the next one only while those before it fail. */
export function routeToRelays(relays: readonly Relay[]): FindRoute {
  const route: Route = { kind: "destination", destination: relayDestination(relays) };
  return () => Promise.resolve(route);
}

/** The mail exchangers of each domain. */
export function routeByMx({ resolveMx, port }: { resolveMx: ResolveMx; port: number }): FindRoute {
  return (domain) => resolve(domain, resolveMx, port);
}

/** What the rule of a recipient's domain says goes before the usual way: a relay of its own, and TLS. */
export function routeByRules(findRoute: FindRoute, recallRule: RecallDomainRule): FindRoute {
  return async (domain) => {
    const rule = await recallRule(domain);
    if (rule === undefined) return findRoute(domain);
    const route: Route =
      rule.relayHost === ""
        ? await findRoute(domain)
        : { kind: "destination", destination: relayDestination([{ host: rule.relayHost, port: rule.relayPort }]) };
    if (route.kind !== "destination" || rule.tls === "default") return route;
    const { destination } = route;
    // Domains of one exchanger that ask for different things do not share sessions.
    return {
      kind: "destination",
      destination: { ...destination, tls: rule.tls, key: `${destination.key} tls=${rule.tls}` },
    };
  };
}

function relayDestination(relays: readonly Relay[]): Destination {
  return {
    key: relays.map(({ host, port }) => `${host}:${port}`).join(","),
    exchangers: relays.map(({ host, port }, preference) => ({ host, port, preference })),
    port: relays[0]?.port ?? 25,
    isTrusted: true,
  };
}

async function resolve(domain: string, resolveMx: ResolveMx, port: number): Promise<Route> {
  const answer = await resolveMx(domain);
  switch (answer.kind) {
    case "exchangers": {
      const key = `${answer.exchangers.map(({ host, preference }) => `${preference} ${host}`).join(",")}:${port}`;
      return { kind: "destination", destination: { key, exchangers: answer.exchangers, port, isTrusted: false } };
    }
    case "no_mail":
      return {
        kind: "refused",
        text: "5.1.10 the domain says that it takes no mail (null MX)",
        isFinalForAddress: true,
      };
    case "no_domain":
      return {
        kind: "refused",
        text: `DNS query failed for '${domain}': there is no such domain`,
        isFinalForAddress: false,
      };
    case "unusable":
      return {
        kind: "refused",
        text: `5.4.4 the mail exchangers of '${domain}' are no host names`,
        isFinalForAddress: false,
      };
    case "failed":
      return { kind: "unresolved", text: `DNS query failed for '${domain}': ${answer.reason}` };
  }
}

/** Finds where a domain's messages go: the built-in mailbox, the relay, or its mail exchangers, remembered for a while. */

import type { Route } from "./destination.ts";
import type { ResolveMx } from "./resolve-mx.ts";

export type FindRoute = (domain: string) => Promise<Route>;

const rememberedMs = 300_000;
const failureRememberedMs = 30_000;
const mostRemembered = 50_000;

/** The same destination for every domain. */
export function routeToOne(host: string, port: number): FindRoute {
  const route: Route = {
    kind: "destination",
    destination: { key: `${host}:${port}`, exchangers: [{ host, preference: 0 }], port, isTrusted: true },
  };
  return () => Promise.resolve(route);
}

/** The mail exchangers of each domain, asked once every five minutes; questions about one domain share one query. */
export function routeByMx(options: { resolveMx: ResolveMx; port: number; elapsedMs: () => number }): FindRoute {
  const known = new Map<string, { route: Promise<Route>; untilMs: number }>();
  return (domain) => {
    const nowMs = options.elapsedMs();
    const remembered = known.get(domain);
    if (remembered !== undefined && remembered.untilMs > nowMs) return remembered.route;
    // Domains of a list come in order: the oldest are not asked for again.
    for (const oldest of known.keys()) {
      if (known.size < mostRemembered) break;
      known.delete(oldest);
    }
    const entry = { route: resolve(domain, options), untilMs: nowMs + rememberedMs };
    known.delete(domain);
    known.set(domain, entry);
    void entry.route.then((route) => {
      if (route.kind === "unresolved") entry.untilMs = options.elapsedMs() + failureRememberedMs;
    });
    return entry.route;
  };
}

async function resolve(domain: string, { resolveMx, port }: { resolveMx: ResolveMx; port: number }): Promise<Route> {
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

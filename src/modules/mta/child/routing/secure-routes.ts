/** Lets the MTA-STS policy of a recipient's domain decide which of its mail exchangers are used, and how. */

import { type StsPolicy, namesExchanger } from "#protocols/mta-sts/sts-policy.ts";
import type { FindPolicy } from "#protocols/mta-sts/open-policies.ts";

import type { Route } from "./destination.ts";
import type { FindRoute } from "./find-route.ts";

/**
 * Wraps a way of finding routes. A relay has no policy, and neither has a domain for which an operator's rule asks for less: the rule is the way out
 * when a policy is broken.
 */
export function secureRoutes(findRoute: FindRoute, findPolicy: FindPolicy): FindRoute {
  return async (domain) => {
    const [route, policy] = await Promise.all([findRoute(domain), findPolicy(domain)]);
    return policy?.mode === "enforce" ? applyPolicy(route, policy) : route;
  };
}

/**
 * Leaves out exchangers that a policy does not name, and asks for certificates of the others.
 * @source RFC 8461 section 5
 */
export function applyPolicy(route: Route, policy: StsPolicy): Route {
  if (route.kind !== "destination") return route;
  const { destination } = route;
  if (destination.isTrusted || destination.tls === "disabled" || destination.tls === "opportunistic") return route;
  const exchangers = destination.exchangers.filter(({ host }) => namesExchanger(policy, host));
  if (exchangers.length === 0)
    return { kind: "unresolved", text: "MTA-STS: the policy of the domain names none of its mail exchangers" };
  const hosts = exchangers.map(({ host, preference }) => `${preference} ${host}`).join(",");
  return {
    kind: "destination",
    // Domains with the same exchangers share sessions, but not with those that ask for no certificate.
    destination: { ...destination, exchangers, tls: "verified", key: `${hosts}:${destination.port} tls=verified` },
  };
}

/** What the settings say about the ways of messages: where to, and which of our addresses from. */

import { hostname } from "node:os";

import { rememberDomainRules } from "#campaign/content/remember-domain-rules.ts";
import { inboxAddress, routeSettings } from "#foundation/common-settings.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { fetchPolicy } from "#protocols/mta-sts/fetch-policy.ts";
import { type FindPolicy, openPolicies } from "#protocols/mta-sts/open-policies.ts";

import { relayMissing } from "../../errors.ts";
import { mtaAffinitySettings, mtaDnsSettings, mtaRelaySettings, mtaSettings, mtaStsSettings } from "../../settings.ts";
import type { Destination } from "./destination.ts";
import { type FindPool, openPools } from "./find-pool.ts";
import { type FindRoute, routeByMx, routeByRules, routeToRelays } from "./find-route.ts";
import { orderPaths, type Targets } from "./order-paths.ts";
import { isPrivateAddress } from "./private-address.ts";
import { readRelay } from "./read-relay.ts";
import { type Names, openNames } from "./resolve-mx.ts";
import { secureRoutes } from "./secure-routes.ts";
import { readStsPolicy, writeStsPolicy } from "./sts-policy-store.ts";

export type Routing = {
  readonly names: Names;
  readonly findRoute: FindRoute;
  readonly findPool: FindPool;
  /** The addresses of a destination in the order of one session. */
  readonly resolveTargets: (destination: Destination) => Promise<Targets>;
};

type RoutingContext = Pick<Context, "settings" | "db" | "clock" | "log">;

/** @throws relayMissing */
export function openRouting(context: RoutingContext): Routing {
  const { allowPrivateAddresses: allowsPrivate } = context.settings.of(mtaSettings);
  const names = openNamesOf(context);
  return {
    names,
    findRoute: chooseRoute(context, names),
    findPool: choosePools(context),
    resolveTargets: (destination) => orderPaths(destination, { names, allowsPrivate, random: Math.random }),
  };
}

function openNamesOf({ settings, log, clock }: RoutingContext): Names {
  const { nameServers, timeout, retry, requestLogDelayMs } = settings.of(mtaDnsSettings);
  return openNames({
    nameServers,
    timeoutMs: timeout,
    tries: retry,
    elapsedMs: () => clock.elapsedMs(),
    onAnswer: (question, name, answer, durationMs) => {
      if (log.traces("dns")) log.trace("dns", "dns.answered", { question, name, answer: JSON.stringify(answer) });
      if (requestLogDelayMs > 0 && durationMs > requestLogDelayMs)
        log.info("mta.dns_slow", { question, name, durationMs: Math.round(durationMs) });
    },
  });
}

function chooseRoute(context: RoutingContext, names: Names): FindRoute {
  const { settings, db, clock } = context;
  const { route } = settings.of(routeSettings);
  const relay = settings.of(mtaRelaySettings);
  const recallRule = rememberDomainRules({ db, elapsedMs: () => clock.elapsedMs() });
  switch (route) {
    case "inbox":
      // Whatever a rule says: what goes into the inbox reaches nobody.
      return routeToRelays([{ host: settings.of(inboxAddress).address, port: settings.of(inboxAddress).port }]);
    case "relay":
      if (relay.address.length === 0) throw relayMissing();
      return routeByRules(routeToRelays(relay.address.map((text) => readRelay(text, relay.port))), recallRule);
    case "mx": {
      const byMx = routeByMx({ resolveMx: names.resolveMx, port: settings.of(mtaSettings).mxPort });
      const findRoute = routeByRules(byMx, recallRule);
      return settings.of(mtaStsSettings).enabled ? secureRoutes(findRoute, openPoliciesOf(context, names)) : findRoute;
    }
  }
}

function openPoliciesOf({ settings, db, clock, log }: RoutingContext, names: Names): FindPolicy {
  const { policyPort: port, fetchTimeoutSec } = settings.of(mtaStsSettings);
  const { allowPrivateAddresses } = settings.of(mtaSettings);
  return openPolicies({
    resolveText: async (name) => {
      const answer = await names.resolveText(name);
      if (answer.kind === "failed") return undefined;
      return answer.kind === "texts" ? answer.texts : [];
    },
    fetch: (domain) =>
      fetchPolicy(domain, {
        resolve: async (host) => {
          const answer = await names.resolveAddresses(host);
          return answer.kind === "addresses" ? answer.addresses : [];
        },
        mayConnect: (address) => allowPrivateAddresses || !isPrivateAddress(address),
        port,
        limitMs: fetchTimeoutSec * 1_000,
      }),
    // While the database is away, policies are fetched and not kept: mail goes on.
    store: {
      read: (domain) => readStsPolicy(db, domain).catch(() => undefined),
      write: async (domain, kept) => {
        await writeStsPolicy(db, domain, kept).catch((error: unknown) => {
          log.warning("mta.sts_policy_not_kept", { domain, reason: describeError(error) });
        });
      },
    },
    now: () => clock.now(),
    elapsedMs: () => clock.elapsedMs(),
    onFault: (domain, text) => log.warning("mta.sts_policy_unusable", { domain, reason: text }),
  });
}

function choosePools({ settings }: RoutingContext): FindPool {
  const { publicId, localAddress } = settings.of(mtaSettings);
  const { ipAffinity } = settings.of(mtaAffinitySettings);
  const { localDomain } = settings.of(mtaDnsSettings);
  const heloName = localDomain === "" ? hostname().replace(/[^A-Za-z0-9.-]/g, "-") : localDomain;
  const isInbox = settings.of(routeSettings).route === "inbox";
  return openPools({
    affinities: ipAffinity,
    own: { address: localAddress, publicId, heloName, weight: 1 },
    heloName,
    // A host that only plays need not have the addresses that its settings name.
    bindsAddresses: !isInbox,
  });
}

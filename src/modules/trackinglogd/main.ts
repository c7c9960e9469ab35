/** trackinglogd: answers clicks and opens, writes them to its log before it answers, and hands the log out to tracking. */

import { join } from "node:path";

import { zoneFlagsOf } from "#foundation/caller-zones.ts";
import { trackinglogdAddress } from "#foundation/common-settings.ts";
import { listInstances } from "#foundation/home.ts";
import type { HostContext, HostModule } from "#foundation/module.ts";
import { repeat } from "#foundation/repeat.ts";

import { answerRequests } from "./answer-request.ts";
import { listen } from "./listen.ts";
import { type HitsOfHost, openHitsOfHost } from "./log/hits-of-host.ts";
import type { LinkService } from "./redirect/answer-link.ts";
import { openLinkKeys } from "./redirect/link-keys.ts";
import { openTally } from "./redirect/tally.ts";
import { openUrlFiles, type UrlFiles } from "./redirect/url-files.ts";
import { trustProxies } from "./redirect/visitor.ts";
import { redirectionSettings, trackinglogdSettings } from "./settings.ts";

export const trackinglogd: HostModule = {
  name: "trackinglogd",
  scope: "host",
  async start(context) {
    const { address, port } = context.settings.of(trackinglogdAddress);
    const settings = context.settings.of(trackinglogdSettings);
    const hits = openHits(context);
    const links = openLinks(context);
    const onRequest = answerRequests({
      links,
      hits: {
        keyOf: (instance) =>
          listInstances(context.home).includes(instance) ? context.secrets.deriveKey("hits", instance) : undefined,
        now: context.clock.now,
        storeLinks: (instance, stored) => links.urlFilesOf(instance).store(stored),
        listFiles: (instance, stored) => hits.of(instance).list(stored),
        readFile: (instance, name, offset) => hits.of(instance).read(name, offset),
      },
      append: hits.append,
      log: context.log,
      localHost: context.host,
      startedAt: context.clock.now(),
      showSourceAddress: context.settings.of(redirectionSettings).showSourceIP,
      isLocalAddress: trustProxies(["127.0.0.0/8", "::1"]),
      allowsDebug: (address) => zoneFlagsOf(context.settings, address).allowDebug,
      maxWaitingRequests: settings.maxWaitingRequests,
    });
    const listener = await listen({
      address,
      port,
      maxConnections: settings.maxConnections,
      headersTimeoutMs: settings.headersTimeoutSec * 1_000,
      onRequest,
    });
    const upkeep = repeat(
      { log: context.log, event: "trackinglogd.upkeep", intervalMs: settings.purgePeriodSec * 1_000 },
      async () => {
        const answered = links.tally.take();
        if (answered !== undefined) context.log.info("trackinglogd.answered", answered);
        await hits.purge(listInstances(context.home));
      },
    );
    context.log.info("trackinglogd.listening", { address, port });
    return {
      stop: async () => {
        await listener.stop();
        await upkeep.stop();
        await hits.close();
      },
    };
  },
};

function openHits(context: HostContext): HitsOfHost {
  const settings = context.settings.of(trackinglogdSettings);
  return openHitsOfHost({
    varFolder: context.home.var,
    clock: context.clock,
    log: context.log,
    maxFileBytes: settings.maxLogFileSizeMb * 1_048_576,
    maxTotalBytes: settings.maxLogsSizeOnDiskMb * 1_048_576,
    keepReadMs: settings.keepReadLogsDays * 86_400_000,
    sync: settings.sync,
  });
}

function openLinks(context: HostContext): LinkService {
  const settings = context.settings.of(redirectionSettings);
  const urlFiles = new Map<string, UrlFiles>();
  const { home, clock, secrets } = context;
  return {
    keys: openLinkKeys({
      listInstances: () => listInstances(home),
      deriveKey: (instance) => secrets.deriveKey("links", instance),
      clock,
    }),
    clock,
    tally: openTally(),
    visitorRules: {
      isTrustedProxy: trustProxies(settings.trustedProxies),
      givesCookie: settings.visitorCookie,
      cookieDomain: settings.cookieDomain,
      cookieDays: settings.cookieDays,
    },
    expirationUrl: settings.expirationURL,
    urlFilesOf: (instance) => {
      const known = urlFiles.get(instance);
      if (known !== undefined) return known;
      const folder = join(home.var, instance, "redir", "url");
      const opened = openUrlFiles({ folder, mostInMemory: settings.maxJobsInCache, clock });
      urlFiles.set(instance, opened);
      return opened;
    },
  };
}

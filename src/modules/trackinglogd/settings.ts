/** Settings of trackinglogd. */

import { moduleSettings } from "#foundation/common-settings.ts";
import { choice, declareSettings, flag, integer, list, type Section, text } from "#foundation/settings.ts";

export const trackinglogdSettings = moduleSettings("trackinglogd", 5, {
  maxLogsSizeOnDiskMb: integer({
    default: 500,
    min: 1,
    max: 1_000_000,
    description:
      "Size of the hits on disk, per instance, from which the oldest files are removed, even unread ones, in MB.",
  }),
  maxLogFileSizeMb: integer({
    default: 16,
    min: 1,
    max: 1_024,
    description: "Size at which the next file of hits is begun, in MB.",
  }),
  keepReadLogsDays: integer({
    default: 7,
    min: 0,
    max: 3_650,
    description: "Days for which files of hits are kept after tracking has read them.",
  }),
  purgePeriodSec: integer({ default: 60, min: 1, max: 86_400, description: "Time between two purges, in seconds." }),
  sync: choice({
    default: "eachSecond",
    words: ["eachSecond", "eachHit"],
    description:
      "When hits are forced to the disk itself: against a power failure, not against a kill, which costs no hit either way.",
  }),
  maxConnections: integer({
    default: 4_000,
    min: 10,
    max: 100_000,
    description: "Connections at once; further ones are closed.",
  }),
  maxWaitingRequests: integer({
    default: 2_000,
    min: 10,
    max: 100_000,
    description: "Requests answered at once; further ones get 503.",
  }),
  headersTimeoutSec: integer({
    default: 10,
    min: 1,
    max: 120,
    description: "Time in which the headers of a request must arrive, in seconds.",
  }),
});

export const redirectionSettings = declareSettings("trackinglogd.redirection", {
  expirationURL: text({
    default: "",
    pattern: /^(https?:\/\/[^\s]+)?$/,
    accepts: "an http or https address",
    description: "Page that expired links lead to. Empty = a page that says so.",
  }),
  visitorCookie: flag({
    default: true,
    description: "Gives visitors the permanent cookie uuid230; never when the cookie acoptout is 1.",
  }),
  cookieDomain: text({
    default: "",
    pattern: /^[A-Za-z0-9.-]{0,253}$/,
    accepts: "a domain name",
    description: "Domain of the cookie. Empty = the host of the link.",
  }),
  cookieDays: integer({ default: 395, min: 1, max: 400, description: "Life of the cookie, in days." }),
  showSourceIP: flag({ default: true, description: "Shows the caller's address in /r/test." }),
  trustedProxies: list({
    default: ["127.0.0.1", "::1"],
    pattern: /^[0-9a-fA-F.:]+(\/\d{1,3})?$/,
    accepts: "a list of IP addresses and networks",
    description: "Addresses of proxies whose X-Forwarded-For is believed.",
  }),
  maxJobsInCache: integer({
    default: 100,
    min: 10,
    max: 100_000,
    description: "Deliveries whose links are kept in memory.",
  }),
});

export const trackinglogdSections: readonly Section[] = [trackinglogdSettings, redirectionSettings];

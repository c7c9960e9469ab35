/** Settings of web. */

import { moduleSettings, webTlsSettings } from "#foundation/common-settings.ts";
import { declareSettings, integer, list, secret, type Section } from "#foundation/settings.ts";

import { relayRules } from "./http/relay-rule.ts";
import { webRestSettings } from "./rest/settings.ts";
export const webSettings = moduleSettings("web", 10, {
  trustedProxies: list({
    default: [],
    accepts: "a list of networks, such as 10.0.0.0/8",
    description:
      "Proxies whose X-Forwarded-For, -Proto and -Host are believed. From anyone else these headers are ignored.",
  }),
  drainDelaySec: integer({
    default: 0,
    min: 0,
    max: 15,
    description:
      "Time for which a server that is told to stop still serves, while /ready answers 503, so that a load balancer looks elsewhere, in seconds.",
  }),
  requestTimeoutSec: integer({
    default: 60,
    min: 1,
    max: 3_600,
    description: "Longest time a client may take to send a request, in seconds.",
  }),
  maxConnections: integer({
    default: 2_000,
    min: 10,
    max: 100_000,
    description: "Connections open at once; further ones are closed.",
  }),
  databaseTimeoutMs: integer({
    default: 1_500,
    min: 100,
    max: 60_000,
    description:
      "Longest wait for the database to say whose session a request is, in milliseconds; then the answer is 503 or a fault.",
  }),
  queryTimeoutMs: integer({
    default: 10_000,
    min: 500,
    max: 600_000,
    description: "Longest time one query of a page may take, in milliseconds.",
  }),
});

export const webDeliverySettings = declareSettings("web.deliveries", {
  maxDeliveryQueueSize: integer({
    default: 50,
    min: 1,
    max: 100_000,
    description:
      "Submitted deliveries that may wait for their preparation; further ones are refused until some are prepared.",
  }),
});

export const webMetricsSettings = declareSettings("web.metrics", {
  token: secret({
    default: "",
    description: "Bearer token with which /metrics may be read. Empty = only from web.metrics.networks.",
  }),
  networks: list({
    default: [],
    accepts: "a list of networks, such as 10.0.0.0/8",
    description: "Networks from which /metrics may be read. With neither networks nor a token there is no /metrics.",
  }),
});

export const webRelaySettings = declareSettings("web.relay", {
  urls: relayRules({
    description:
      "Addresses that are closed, or open only with TLS or in zones with allowHTTP; the first rule that matches decides, what none names is served. Empty = Classic's own rules.",
  }),
});

export const webFilesSettings = declareSettings("web.files", {
  uploadAllowlist: list({
    default: [".+"],
    accepts: "a list of regular expressions, each for the whole name of a file",
    pattern: /^.{1,500}$/s,
    description: "Names of files that may be uploaded, as regular expressions, such as .+[.]png",
  }),
  maxUploadMb: integer({ default: 20, min: 1, max: 1_024, description: "Largest file that is uploaded, in MB." }),
});

export const webEventsSettings = declareSettings("web.events", {
  maxPending: integer({
    default: 400,
    min: 1,
    max: 1_000_000,
    description: "Events that may wait to be sent; further ones are refused until some are.",
  }),
  executionInstance: integer({
    default: 0,
    min: 0,
    max: 127,
    description:
      "Which of several platforms that take events this one is: the high byte of the ids that senders are told.",
  }),
});

export const webSoapSettings = declareSettings("web.soap", {
  maxRequestMb: integer({ default: 10, min: 1, max: 200, description: "Largest SOAP request, in MB." }),
  maxDepth: integer({
    default: 200,
    min: 10,
    max: 2_000,
    description: "Deepest nesting of elements in a SOAP request.",
  }),
  maxElements: integer({
    default: 500_000,
    min: 1_000,
    max: 10_000_000,
    description: "Most elements of a SOAP request.",
  }),
  maxAttributes: integer({
    default: 1_000,
    min: 10,
    max: 10_000,
    description: "Most attributes of one element in a SOAP request.",
  }),
});

export const webQuerySettings = declareSettings("web.query", {
  defaultLineCount: integer({
    default: 10_000,
    min: 1,
    max: 1_000_000,
    description: "Rows that a query answers when it does not say how many.",
  }),
  maxLineCount: integer({
    default: 100_000,
    min: 1,
    max: 10_000_000,
    description: "Most rows that one query answers.",
  }),
});

export const webRedirectionSettings = declareSettings("web.redirection", {
  timeoutSec: integer({
    default: 10,
    min: 1,
    max: 600,
    description: "Longest wait for trackinglogd to answer a click, in seconds.",
  }),
});

export const webSections: readonly Section[] = [
  webDeliverySettings,
  webSettings,
  webTlsSettings,
  webMetricsSettings,
  webRelaySettings,
  webFilesSettings,
  webEventsSettings,
  webSoapSettings,
  webQuerySettings,
  webRestSettings,
  webRedirectionSettings,
];

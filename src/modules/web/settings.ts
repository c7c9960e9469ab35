/** Settings of web. */

import { moduleSettings } from "#foundation/common-settings.ts";
import { declareSettings, integer, list, type Section } from "#foundation/settings.ts";

export const webSettings = moduleSettings("web", 10, {
  trustedProxies: list({
    default: [],
    accepts: "a list of networks, such as 10.0.0.0/8",
    description:
      "Proxies whose X-Forwarded-For, -Proto and -Host are believed. From anyone else these headers are ignored.",
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

export const webRedirectionSettings = declareSettings("web.redirection", {
  timeoutSec: integer({
    default: 10,
    min: 1,
    max: 600,
    description: "Longest wait for trackinglogd to answer a click, in seconds.",
  }),
});

export const webSections: readonly Section[] = [webSettings, webSoapSettings, webRedirectionSettings];

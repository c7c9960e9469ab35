/** Decides about clicks, opens and unsubscriptions: the signature first, then where the link leads, then what the log is to hold. */

import type { IncomingMessage } from "node:http";

import type { Hit } from "#channels/hits/hit-line.ts";
import type { Clock } from "#foundation/clock.ts";
import { fillTrackedUrl } from "#protocols/tracking-link/fill-tracked-url.ts";
import { parseTrackingRequest, type TrackingRequest } from "#protocols/tracking-link/parse-tracking-request.ts";
import { openUrlId, unsubscribeUrlId } from "#protocols/tracking-link/tracking-link.ts";

import { type Answer, contentAnswer, type Decision, pageAnswer, redirectTo } from "./answer.ts";
import type { LinkKeys } from "./link-keys.ts";
import { pageLanguage, questionPage, sentencePage } from "./pages.ts";
import type { Outcome, Tally } from "./tally.ts";
import type { KnownDelivery, UrlFiles } from "./url-files.ts";
import { readVisitor, type Visitor, type VisitorRules } from "./visitor.ts";

export type LinkService = {
  readonly keys: LinkKeys;
  readonly clock: Clock;
  readonly tally: Tally;
  readonly visitorRules: VisitorRules;
  readonly expirationUrl: string;
  readonly urlFilesOf: (instance: string) => UrlFiles;
};

const openUrlType = 2;
const optOutUrlType = 3;

/** The smallest transparent GIF. */
const pixel = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

/** Decides about `/r/?id=...` and `/r/unsubscribe?id=...`; at once when the delivery is in memory. */
export function answerLink(service: LinkService, request: IncomingMessage): Decision | Promise<Decision> {
  const link = verify(service.keys, request.url ?? "");
  if (link === undefined) {
    service.tally.count("unsigned");
    return { answer: notFound(request) };
  }
  if (link.urlId === unsubscribeUrlId) return answerUnsubscribe(service, link, request);
  if (link.urlId === openUrlId) return answerOpen(service, link, request);
  const delivery = service.urlFilesOf(link.instance).find(link.deliveryId);
  return delivery instanceof Promise
    ? delivery.then((found) => answerClick(service, link, found, request))
    : answerClick(service, link, delivery, request);
}

/** The page of links that nobody signed, that are cut, or that lead nowhere; it redirects to no other place. */
export function notFound(request: IncomingMessage): Answer {
  return pageAnswer(404, sentencePage(languageOf(request), "notFound"));
}

function verify(keys: LinkKeys, url: string): TrackingRequest | undefined {
  return (
    parseTrackingRequest(keys.current(), url) ??
    (keys.refresh() ? parseTrackingRequest(keys.current(), url) : undefined)
  );
}

function answerClick(
  service: LinkService,
  link: TrackingRequest,
  delivery: KnownDelivery | undefined,
  request: IncomingMessage,
): Decision {
  const target = delivery?.urls.get(link.urlId);
  const location = target === undefined ? undefined : fillTrackedUrl(target.url, link.values);
  if (delivery === undefined || target === undefined || location === undefined) {
    service.tally.count("unknownLinks");
    return { answer: notFound(request) };
  }
  const now = service.clock.now();
  if (delivery.validUntil !== null && delivery.validUntil <= now) return { answer: answerExpired(service, request) };
  const visitor = readVisitor(request, service.visitorRules);
  const answer = redirectTo(location, visitor.newCookie);
  // A full disk is not the reader's fault: who clicked is let through in any case.
  return isLooking(request)
    ? { answer }
    : { answer, hit: makeHit(link, visitor, { now, urlType: target.type, outcome: "clicks" }) };
}

function answerOpen(service: LinkService, link: TrackingRequest, request: IncomingMessage): Decision {
  const answer = contentAnswer(200, "image/gif", pixel);
  if (isLooking(request)) return { answer };
  const visitor = readVisitor(request, { ...service.visitorRules, givesCookie: false });
  return { answer, hit: makeHit(link, visitor, { now: service.clock.now(), urlType: openUrlType, outcome: "opens" }) };
}

function answerUnsubscribe(service: LinkService, link: TrackingRequest, request: IncomingMessage): Decision {
  if (request.method !== "POST") {
    service.tally.count("unsubscriptionPages");
    return { answer: pageAnswer(200, questionPage(languageOf(request))) };
  }
  const visitor = readVisitor(request, { ...service.visitorRules, givesCookie: false });
  return {
    answer: pageAnswer(200, sentencePage(languageOf(request), "done")),
    hit: makeHit(link, visitor, { now: service.clock.now(), urlType: optOutUrlType, outcome: "unsubscriptions" }),
    // An opt-out must not be lost: it is confirmed when it is written, and not before.
    otherwise: busy(request),
  };
}

function answerExpired(service: LinkService, request: IncomingMessage): Answer {
  service.tally.count("expired");
  return service.expirationUrl === ""
    ? pageAnswer(410, sentencePage(languageOf(request), "expired"))
    : redirectTo(service.expirationUrl);
}

/** The answer of an overloaded or hindered server. */
export function busy(request: IncomingMessage): Answer {
  return pageAnswer(503, sentencePage(languageOf(request), "busy"), { "retry-after": "60" });
}

/** HEAD is asked by programs that look at links, never by a reader: it is answered, but is no hit. */
function isLooking(request: IncomingMessage): boolean {
  return request.method === "HEAD";
}

function makeHit(
  link: TrackingRequest,
  visitor: Visitor,
  { now, urlType, outcome }: { now: Date; urlType: number; outcome: Outcome },
): NonNullable<Decision["hit"]> {
  const hit: Hit = {
    time: now,
    broadLogId: link.broadLogId,
    deliveryId: link.deliveryId,
    urlId: link.urlId,
    urlType,
    contentType: link.contentType,
    visitorId: visitor.visitorId,
    userAgent: visitor.userAgent,
    sourceAddress: visitor.address,
  };
  return { instance: link.instance, hit, outcome };
}

function languageOf(request: IncomingMessage): ReturnType<typeof pageLanguage> {
  return pageLanguage(request.headers["accept-language"]);
}

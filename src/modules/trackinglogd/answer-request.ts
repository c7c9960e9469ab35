/** Every request comes by here: it is routed, answered once, and nothing that it holds can end the process. */

import type { IncomingMessage, ServerResponse } from "node:http";

import type { Hit } from "#channels/hits/hit-line.ts";
import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";

import { answerHitsCall, authorizeHitsCall, type HitsCall, type HitsService } from "./log/answer-hits-call.ts";
import { type Answer, contentAnswer, type Decision, methodNotAllowed, refused, tooLarge } from "./redirect/answer.ts";
import { answerLink, busy, type LinkService, notFound } from "./redirect/answer-link.ts";
import { answerStatus, answerTest } from "./redirect/answer-test.ts";
import { readVisitor } from "./redirect/visitor.ts";

export type RequestService = {
  readonly links: LinkService;
  readonly hits: HitsService;
  /** Writes a hit, and then says whether it could be written. */
  readonly append: (instance: string, hit: Hit, done: (isWritten: boolean) => void) => void;
  readonly log: Log;
  readonly localHost: string;
  readonly startedAt: Date;
  readonly showSourceAddress: boolean;
  readonly isLocalAddress: (address: string) => boolean;
  /** Whether the security zones of an address have `allowDebug`. */
  readonly allowsDebug: (address: string) => boolean;
  readonly maxWaitingRequests: number;
};

/** A one-click unsubscription is 26 bytes, in multipart form some hundred. */
const largestPostBytes = 65_536;
const emptyBody = Buffer.alloc(0);
/** The links of a delivery, and the files that tracking has read. */
const largestCallBytes = 16_777_216;

/** Builds the listener of the HTTP server. */
export function answerRequests(service: RequestService): (request: IncomingMessage, response: ServerResponse) => void {
  const { tally } = service.links;
  let underWay = 0;
  const finish = (request: IncomingMessage, response: ServerResponse, { answer, hit, otherwise }: Decision): void => {
    if (hit === undefined) return send(request, response, answer);
    if (underWay >= service.maxWaitingRequests) {
      tally.count("overloaded");
      return send(request, response, busy(request));
    }
    underWay += 1;
    service.append(hit.instance, hit.hit, (isWritten) => {
      underWay -= 1;
      tally.count(isWritten ? hit.outcome : "hitsLost");
      send(request, response, isWritten ? answer : (otherwise ?? answer));
    });
  };
  const fail = (request: IncomingMessage, response: ServerResponse, error: unknown): void => {
    tally.count("failed");
    service.log.error("trackinglogd.request_failed", { reason: describeError(error) });
    send(request, response, busy(request));
  };
  return (request, response) => {
    // A client that goes away in the middle concerns nobody else.
    request.on("error", ignore);
    response.on("error", ignore);
    try {
      const decision = decide(service, request);
      if (!(decision instanceof Promise)) return finish(request, response, decision);
      decision
        .then((decided) => finish(request, response, decided))
        .catch((error: unknown) => fail(request, response, error));
    } catch (error) {
      fail(request, response, error);
    }
  };
}

/** Most requests have no body and are decided at once. */
function decide(service: RequestService, request: IncomingMessage): Decision | Promise<Decision> {
  if (request.method === "GET" || request.method === "HEAD") {
    const call = authorize(service, request);
    return call === undefined ? route(service, request) : answerCall(service, call, emptyBody);
  }
  return decideWithBody(service, request);
}

async function decideWithBody(service: RequestService, request: IncomingMessage): Promise<Decision> {
  const call = authorize(service, request);
  if (call === "refused") return { answer: refused() };
  const body = await readBody(request, call === undefined ? largestPostBytes : largestCallBytes);
  if (body === undefined) return { answer: tooLarge() };
  return call === undefined ? route(service, request) : answerCall(service, call, body);
}

/** Calls of mta and tracking lie below `/hits/`; undefined for all other requests. */
function authorize(service: RequestService, request: IncomingMessage): HitsCall | "refused" | undefined {
  const { url: path = "", method = "" } = request;
  if (!path.startsWith("/hits/")) return undefined;
  return authorizeHitsCall(service.hits, { method, path, authorization: request.headers.authorization }) ?? "refused";
}

function route(service: RequestService, request: IncomingMessage): Decision | Promise<Decision> {
  const url = request.url ?? "";
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const isUnsubscription = path === "/r/unsubscribe";
  const isReading = request.method === "GET" || request.method === "HEAD";
  if (!isReading && !(isUnsubscription && request.method === "POST")) {
    return { answer: methodNotAllowed(isUnsubscription ? "GET, HEAD, POST" : "GET, HEAD") };
  }
  if (path === "/r/" || isUnsubscription) return answerLink(service.links, request);
  if (path === "/r/test") return { answer: answerProbe(service, request) };
  if (path === "/r/status" && isLocal(service, request)) {
    return { answer: answerStatus(service.links.tally, service.startedAt) };
  }
  return { answer: notFound(request) };
}

async function answerCall(service: RequestService, call: HitsCall | "refused", body: Buffer): Promise<Decision> {
  if (call === "refused") return { answer: refused() };
  const { status, contentType, body: content } = await answerHitsCall(service.hits, call, body);
  return { answer: contentAnswer(status, contentType, content) };
}

function answerProbe(service: RequestService, request: IncomingMessage): Answer {
  const { address } = readVisitor(request, { ...service.links.visitorRules, givesCookie: false });
  return answerTest({
    now: service.links.clock.now(),
    sourceAddress: service.showSourceAddress ? address : "",
    host: request.headers.host ?? "",
    localHost: service.localHost,
    allowsDebug: service.allowsDebug(address),
  });
}

function isLocal(service: RequestService, request: IncomingMessage): boolean {
  return service.isLocalAddress(readVisitor(request, { ...service.links.visitorRules, givesCookie: false }).address);
}

/** Reads a body to its end; undefined when it is larger than allowed, or broken off. */
function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let size = 0;
    request.on("data", (piece: Buffer) => {
      size += piece.length;
      if (size <= limitBytes) pieces.push(piece);
      else resolve(undefined);
    });
    request.on("end", () => resolve(Buffer.concat(pieces)));
    request.on("close", () => resolve(undefined));
  });
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  response.setHeader("content-length", Buffer.byteLength(body));
  response.writeHead(status, headers);
  response.end(request.method === "HEAD" ? undefined : body);
}

function ignore(): void {}

/** Answers mta, which stores links, and tracking, which fetches hits: signed calls below `/hits/<instance>/`. */

import { type DeliveryLinks, parseDeliveryLinks } from "#channels/hits/delivery-links.ts";
import { type HitFile, isHitFileName } from "#channels/hits/hit-file.ts";
import { hashBody, verifyHitsHeader } from "#channels/hits/hits-signature.ts";
import { isPostriderError } from "#foundation/errors.ts";

export type HitsService = {
  /** The key of an instance of this host, or undefined when there is none of that name. */
  readonly keyOf: (instance: string) => Buffer | undefined;
  readonly now: () => Date;
  readonly storeLinks: (instance: string, links: DeliveryLinks) => Promise<void>;
  readonly listFiles: (instance: string, stored: ReadonlyMap<string, number>) => Promise<HitFile[]>;
  readonly readFile: (instance: string, name: string, offset: number) => Promise<Buffer | undefined>;
};

export type HitsAnswer = { readonly status: number; readonly contentType: string; readonly body: string | Buffer };

export type HitsCall = {
  readonly method: string;
  readonly path: string;
  readonly instance: string;
  /** What the body must hash to. */
  readonly bodyHash: string;
};

const callPath =
  /^\/hits\/([a-z][a-z0-9_]{0,39})\/(files|deliveries)(?:\/([0-9a-f]{1,13}|[0-9a-f]{12}-[0-9a-f]{8}\.log))?(?:\?offset=(\d{1,15}))?$/;

/** Reads a call's headers; undefined when they are not signed by this installation. Nobody else's body is read. */
export function authorizeHitsCall(
  service: HitsService,
  request: { readonly method: string; readonly path: string; readonly authorization: string | undefined },
): HitsCall | undefined {
  const instance = callPath.exec(request.path)?.[1];
  const key = instance === undefined ? undefined : service.keyOf(instance);
  if (instance === undefined || key === undefined) return undefined;
  const bodyHash = verifyHitsHeader(key, request, request.authorization, service.now());
  return bodyHash === undefined ? undefined : { method: request.method, path: request.path, instance, bodyHash };
}

/** Does what an authorized call asks. */
export async function answerHitsCall(
  service: HitsService,
  { method, path, instance, bodyHash }: HitsCall,
  body: Buffer,
): Promise<HitsAnswer> {
  if (hashBody(body) !== bodyHash) return plain(400, "The body is not the one that was signed.");
  const [, , kind = "", name = "", offset] = callPath.exec(path) ?? [];
  const text = body.toString("utf8");
  if (kind === "deliveries" && method === "PUT") return storeLinks(service, { instance, name }, text);
  if (kind === "files" && method === "POST" && name === "") return listFiles(service, instance, text);
  if (kind === "files" && method === "GET" && isHitFileName(name)) return readFile(service, { instance, name }, offset);
  return plain(404, "There is nothing here.");
}

async function storeLinks(
  service: HitsService,
  { instance, name }: { instance: string; name: string },
  body: string,
): Promise<HitsAnswer> {
  try {
    const links = parseDeliveryLinks(body);
    if (links.deliveryId.toString(16) !== name) return plain(400, "The path names another delivery.");
    await service.storeLinks(instance, links);
    return plain(200, "stored");
  } catch (error) {
    if (isPostriderError(error)) return plain(400, error.message);
    throw error;
  }
}

async function listFiles(service: HitsService, instance: string, body: string): Promise<HitsAnswer> {
  const files = await service.listFiles(instance, readStored(body));
  return { status: 200, contentType: "application/json", body: JSON.stringify({ files }) };
}

async function readFile(
  service: HitsService,
  { instance, name }: { instance: string; name: string },
  offset: string | undefined,
): Promise<HitsAnswer> {
  if (offset === undefined) return plain(400, "The offset is missing.");
  const bytes = await service.readFile(instance, name, Number(offset));
  return bytes === undefined
    ? plain(404, "There is no such file.")
    : { status: 200, contentType: "application/octet-stream", body: bytes };
}

function readStored(body: string): ReadonlyMap<string, number> {
  const root = readJson(body);
  const stored: unknown = typeof root === "object" && root !== null && "stored" in root ? root.stored : undefined;
  if (typeof stored !== "object" || stored === null) return new Map();
  const entries = Object.entries(stored).filter(
    (entry): entry is [string, number] => isHitFileName(entry[0]) && Number.isSafeInteger(entry[1]),
  );
  return new Map(entries);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the list nothing is purged; the files are listed all the same.
    return undefined;
  }
}

function plain(status: number, sentence: string): HitsAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body: `${sentence}\n` };
}

/** Where the links of a delivery lead: what mta gives the redirection server before the first message leaves. */

import { invalidDeliveryLinks } from "./errors.ts";

export type DeliveryLinks = {
  readonly deliveryId: number;
  readonly urls: readonly { readonly id: number; readonly type: number; readonly url: string }[];
  /** From then on a click leads to the page of expired links; null = never. */
  readonly validUntil: Date | null;
};

const mostUrls = 50_000;

/** The links as JSON. */
export function formatDeliveryLinks(links: DeliveryLinks): string {
  return JSON.stringify({
    deliveryId: links.deliveryId,
    validUntil: links.validUntil?.toISOString() ?? null,
    urls: links.urls.map(({ id, type, url }) => ({ id, type, url })),
  });
}

/**
 * Reads the links back.
 * @throws invalidDeliveryLinks
 */
export function parseDeliveryLinks(text: string): DeliveryLinks {
  const root = readJson(text);
  if (!isObject(root) || !isId(root["deliveryId"])) throw invalidDeliveryLinks({ problem: "there is no deliveryId" });
  const { deliveryId, validUntil, urls } = root;
  if (!Array.isArray(urls) || urls.length > mostUrls)
    throw invalidDeliveryLinks({ problem: "there is no list of urls" });
  return { deliveryId, validUntil: readDate(validUntil), urls: urls.map(readUrl) };
}

function readUrl(raw: unknown): DeliveryLinks["urls"][number] {
  if (!isObject(raw) || !isId(raw["id"]) || !isId(raw["type"]) || typeof raw["url"] !== "string") {
    throw invalidDeliveryLinks({ problem: "a url lacks its id, type or address" });
  }
  return { id: raw["id"], type: raw["type"], url: raw["url"] };
}

function readDate(raw: unknown): Date | null {
  if (raw === null || raw === undefined) return null;
  const date = new Date(typeof raw === "string" ? raw : Number.NaN);
  if (Number.isNaN(date.getTime())) throw invalidDeliveryLinks({ problem: "validUntil is no date" });
  return date;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidDeliveryLinks({ problem: "this is not JSON" }, { cause });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/**
 * A click, an open or an unsubscription as a line of a log file: eleven fields with tabs between them, the last a checksum, so that
 * a torn or damaged line is known for what it is.
 */

import { isIP } from "node:net";
import { crc32 } from "node:zlib";

import { escapeControls } from "#foundation/log.ts";

export type Hit = {
  readonly time: Date;
  readonly broadLogId: number;
  readonly deliveryId: number;
  /** 1 the open pixel, 2 the one-click unsubscription, others links of the delivery. */
  readonly urlId: number;
  /** `nms:trackingUrl/@type`: 1 click, 2 open, 3 opt-out, ... */
  readonly urlType: number;
  /** The link stood in the HTML part or in the text part. */
  readonly contentType: "h" | "t";
  /** What the visitor's permanent cookie says; empty without one. */
  readonly visitorId: string;
  readonly userAgent: string;
  /** Empty when it is not known. */
  readonly sourceAddress: string;
};

/** First field of each line; another digit means another layout. */
const layoutVersion = "6";
const longestUserAgent = 255;

/**
 * Writes a hit as one line, without its end.
 * Fields: version, time, message, delivery, URL (hexadecimal), URL type, content letter, visitor, address, user agent, CRC-32.
 */
export function formatHit(hit: Hit): string {
  const fields = [
    layoutVersion,
    hit.time.toISOString(),
    hit.broadLogId.toString(16),
    hit.deliveryId.toString(16),
    hit.urlId.toString(16),
    String(hit.urlType),
    hit.contentType,
    hit.visitorId,
    hit.sourceAddress,
    escapeControls(hit.userAgent.slice(0, longestUserAgent).toWellFormed()),
  ].join("\t");
  return `${fields}\t${checksum(fields)}`;
}

/** Reads a line back; undefined when it is torn, damaged, or of another layout. */
export function parseHit(line: string): Hit | undefined {
  const end = line.lastIndexOf("\t");
  if (end < 0 || line.slice(end + 1) !== checksum(line.slice(0, end))) return undefined;
  const fields = line.slice(0, end).split("\t");
  const [
    version,
    time = "",
    broadLog = "",
    delivery = "",
    url = "",
    type = "",
    contentType,
    visitorId = "",
    sourceAddress = "",
  ] = fields;
  if (fields.length !== 10 || version !== layoutVersion) return undefined;
  const hit = {
    time: new Date(time),
    broadLogId: readHex(broadLog),
    deliveryId: readHex(delivery),
    urlId: readHex(url),
    urlType: /^\d{1,4}$/.test(type) ? Number(type) : Number.NaN,
    contentType: contentType === "t" ? ("t" as const) : ("h" as const),
    visitorId,
    userAgent: fields[9] ?? "",
    sourceAddress: isIP(sourceAddress) === 0 ? "" : sourceAddress,
  };
  if (!/^2\d{3}-/.test(time)) return undefined;
  const numbers = [hit.time.getTime(), hit.broadLogId, hit.deliveryId, hit.urlId, hit.urlType];
  return numbers.every(Number.isSafeInteger) ? hit : undefined;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}

function readHex(text: string): number {
  return /^[0-9a-f]{1,13}$/.test(text) ? Number.parseInt(text, 16) : Number.NaN;
}

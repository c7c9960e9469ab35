/**
 * A log line on its way to syslogd: RFC 5424 with our fields as structured data. Reading takes ours, other programs' RFC 5424,
 * RFC 3164 and anything else, and never throws.
 */

import { escapeControls, type LogLevel, type LogRecord, renderRecord } from "#foundation/log.ts";

export type LogSender = {
  readonly module: string;
  readonly instance: string;
  readonly host: string;
  readonly pid: number;
  readonly threadId: number;
  /** Writes the line to this file instead of the module's own; without extension. */
  readonly traceFile: string | undefined;
};

/** A line of one of our own processes. */
export type ModuleLine = Omit<LogSender, "host"> & {
  readonly kind: "module";
  readonly time: Date;
  /** Counts the sender's lines from 1, so that lost ones are noticed. */
  readonly sequence: number;
  readonly level: LogLevel;
  readonly type: string;
  readonly event: string;
  readonly message: string;
};

/** A line of another program. */
export type ForeignLine = {
  readonly kind: "foreign";
  /** The program as it names itself, not to be trusted in a file name; empty when it does not say. */
  readonly tag: string;
  readonly pid: number;
  readonly level: LogLevel;
  readonly message: string;
};

export type LogLine = ModuleLine | ForeignLine;

/** Longest datagram that is sent, and longest message that is written, in bytes. */
export const longestDatagramBytes = 8_192;

/** 32473 is the enterprise number kept for examples (RFC 5612); the name before it makes the element ours. */
const structureId = "postrider@32473";
const facility = 16;
const severities: Readonly<Record<LogLevel, number>> = { error: 3, warning: 4, info: 6, verbose: 7 };
const byteOrderMark = "\ufeff";

/**
 * Writes a record as one datagram of at most 8 KiB; what is longer is cut and says so.
 * @source RFC 5424
 */
export function encodeLogDatagram(record: LogRecord, sender: LogSender, sequence: number): Buffer {
  const parameters: readonly (readonly [string, string])[] = [
    ["instance", sender.instance],
    ["level", record.level],
    ["type", record.type],
    ["tid", String(sender.threadId)],
    ...(sender.traceFile === undefined ? [] : [["file", sender.traceFile] as const]),
  ];
  const header = [
    `<${facility * 8 + severities[record.level]}>1`,
    timestamp(record.time),
    printable(sender.host, 255),
    printable(sender.module, 48),
    String(sender.pid),
    printable(record.event, 32),
    `[meta sequenceId="${sequence}"][${structureId} ${parameters.map(([name, value]) => `${name}="${escapeParameter(value)}"`).join(" ")}]`,
    byteOrderMark,
  ].join(" ");
  return Buffer.from(header + cutToBytes(renderSafely(record), longestDatagramBytes - Buffer.byteLength(header)));
}

/**
 * Cuts a text to a number of bytes in UTF-8, never within a character, and says how much is missing.
 * @param limitBytes at least 40, so that the mark fits
 */
export function cutToBytes(text: string, limitBytes: number): string {
  const size = Buffer.byteLength(text);
  if (size <= limitBytes) return text;
  const mark = ` [cut, ${size} bytes in all]`;
  const kept = Buffer.from(text).subarray(0, limitBytes - mark.length);
  return kept.toString("utf8").replace(/\ufffd{1,3}$/, "") + mark;
}

/** Reads a datagram, whoever sent it; its text is one line, with control characters shown as `\x1b`. */
export function parseLogDatagram(datagram: Buffer): LogLine {
  // A foreign datagram may have 64 KB: what lies far behind the longest line is not even decoded.
  const text = datagram.subarray(0, longestDatagramBytes * 2).toString("utf8");
  const priority = /^<(\d{1,3})>/.exec(text);
  const level = levelOf(priority === null ? 13 : Number(priority[1]));
  const body = text.slice(priority?.[0].length ?? 0);
  const found = /^1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /.exec(body);
  if (found === null) return parseOldForm(body, level);
  const [header, time = "", , program = "", process = "", event = ""] = found;
  const { elements, end } = readStructuredData(body, header.length);
  const message = body
    .slice(end)
    .replace(/^ /, "")
    .replace(/^\ufeff/, "");
  const own = elements.get(structureId);
  if (own !== undefined) {
    const line = readOwnLine({ own, meta: elements.get("meta"), time, program, process, event, message });
    if (line !== undefined) return line;
  }
  return {
    kind: "foreign",
    tag: program === "-" ? "" : program,
    pid: readPid(process),
    level,
    message: toOneLine(message),
  };
}

type Element = ReadonlyMap<string, string>;

function readOwnLine(parts: {
  own: Element;
  meta: Element | undefined;
  time: string;
  program: string;
  process: string;
  event: string;
  message: string;
}): ModuleLine | undefined {
  const level = parts.own.get("level");
  const time = new Date(parts.time);
  const sequence = Number(parts.meta?.get("sequenceId"));
  if (!isLevel(level) || Number.isNaN(time.getTime()) || !Number.isSafeInteger(sequence)) return undefined;
  const type = parts.own.get("type") ?? "";
  return {
    kind: "module",
    module: parts.program,
    instance: parts.own.get("instance") ?? "",
    pid: readPid(parts.process),
    threadId: readPid(parts.own.get("tid") ?? ""),
    traceFile: parts.own.get("file"),
    time,
    sequence,
    level,
    type: /^[a-z]{1,20}$/.test(type) ? type : "log",
    event: parts.event,
    message: toOneLine(parts.message),
  };
}

/** `Oct 11 22:14:15 host tag[pid]: text`, of which every part may be missing. */
function parseOldForm(body: string, level: LogLevel): ForeignLine {
  const dated = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /.exec(body);
  let rest = body.slice(dated?.[0].length ?? 0);
  const isTagged = (text: string): boolean => /^[\w./-]{1,48}(\[\d{1,10}\])?:/.test(text);
  if (dated !== null && !isTagged(rest)) rest = rest.replace(/^\S{1,255} /, "");
  const tag = /^([\w./-]{1,48})(?:\[(\d{1,10})\])?: ?/.exec(rest);
  if (dated === null && tag?.[2] === undefined)
    return { kind: "foreign", tag: "", pid: 0, level, message: toOneLine(body) };
  return {
    kind: "foreign",
    tag: tag?.[1] ?? "",
    pid: readPid(tag?.[2] ?? ""),
    level,
    message: toOneLine(rest.slice(tag?.[0].length ?? 0)),
  };
}

/** Reads `[id name="value" ...]...` or `-`; what is malformed belongs to the message. */
function readStructuredData(text: string, start: number): { elements: ReadonlyMap<string, Element>; end: number } {
  const elements = new Map<string, Element>();
  if (text[start] === "-") return { elements, end: start + 1 };
  const element = /\[([^\s="\]]{1,32})((?: [^\s="\]]{1,32}="(?:[^"\\\]]|\\.)*")*)\]/suy;
  const parameter = / ([^\s="\]]{1,32})="((?:[^"\\\]]|\\.)*)"/gsu;
  let end = start;
  for (;;) {
    element.lastIndex = end;
    const found = element.exec(text);
    if (found === null) return { elements, end };
    const parameters = [...(found[2] ?? "").matchAll(parameter)].map(
      ([, name = "", value = ""]) => [name, value.replace(/\\(["\\\]])/g, "$1")] as const,
    );
    elements.set(found[1] ?? "", new Map(parameters));
    end = element.lastIndex;
  }
}

function toOneLine(text: string): string {
  return cutToBytes(escapeControls(text.replace(/[\r\n\0]+$/, "")), longestDatagramBytes);
}

function readPid(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}

function isLevel(text: string | undefined): text is LogLevel {
  return text !== undefined && Object.hasOwn(severities, text);
}

function levelOf(priority: number): LogLevel {
  const severity = priority % 8;
  if (severity <= 3) return "error";
  if (severity === 4) return "warning";
  return severity === 7 ? "verbose" : "info";
}

function timestamp(time: Date): string {
  return Number.isNaN(time.getTime()) ? "-" : time.toISOString();
}

function printable(text: string, longest: number): string {
  return text.replace(/[^\x21-\x7e]/g, "_").slice(0, longest) || "-";
}

function escapeParameter(text: string): string {
  return escapeControls(text).replace(/["\\\]]/g, "\\$&");
}

/** A field may be what cannot be written, such as a date that is none: the event is still worth a line. */
function renderSafely(record: LogRecord): string {
  try {
    return renderRecord(record).toWellFormed();
  } catch {
    return escapeControls(record.event);
  }
}

/**
 * The way from every process to syslogd: one datagram a line over UDP. It never blocks and never throws; while syslogd is away
 * a bounded number of lines waits in memory, and a line tells afterwards how long it was away.
 */

import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { hostname } from "node:os";
import { threadId } from "node:worker_threads";

import { pause } from "#foundation/clock.ts";
import type { Home } from "#foundation/home.ts";
import type { LogFields, LogLevel, LogRecord, LogTransport } from "#foundation/log.ts";

import { printRecord } from "./log-console.ts";
import { encodeLogDatagram, type LogSender } from "./log-datagram.ts";
import { invalidTraceFile } from "./errors.ts";
import { isLogFileName } from "./log-file-name.ts";

export type LogTransportOptions = {
  /** Where syslogd listens. */
  readonly address: string;
  readonly port: number;
  readonly home: Home;
  readonly module: string;
  readonly instance: string;
  /** Value of `-tracefile:NAME[@instance]`: lines go to this file instead of the module's own. */
  readonly traceFile: string | undefined;
  /** True when an operator watches this process: lines are printed as well. */
  readonly console: boolean;
};

/** Lines that wait while syslogd is away; beyond that the oldest are dropped and counted. */
const mostWaitingBytes = 1_048_576;
const probeIntervalMs = 200;
const reopenPauseMs = 1_000;
/** A burst is spread out, since what syslogd's receive buffer cannot hold is lost. */
const lotDatagrams = 100;
const lotBytes = 65_536;
const lotPauseMs = 2;
/** Time that the last lines have at the end of the process when syslogd is away. */
const closingMs = 500;

/**
 * Opens the way to syslogd.
 * @throws invalidTraceFile
 */
export function openLogTransport(options: LogTransportOptions): LogTransport {
  const sender: LogSender = {
    module: options.module,
    host: hostname(),
    pid: process.pid,
    threadId,
    ...readTraceFile(options.traceFile, options.instance),
  };
  let sequence = 0;
  const encode = (record: LogRecord): Buffer => {
    sequence += 1;
    return encodeLogDatagram(record, sender, sequence);
  };
  const line = openLine(options, (level, event, fields) =>
    encode({ time: new Date(), level, type: "log", event, fields }),
  );

  return {
    write: (record) => {
      if (options.console) printRecord(record);
      line.send(encode(record));
    },
    close: () => line.close(),
  };
}

function readTraceFile(text: string | undefined, instance: string): Pick<LogSender, "instance" | "traceFile"> {
  if (text === undefined) return { instance, traceFile: undefined };
  const found = /^([^@]+)(?:@([a-z][a-z0-9_]{0,39}))?$/.exec(text);
  const traceFile = found?.[1];
  if (traceFile === undefined || !isLogFileName(traceFile)) throw invalidTraceFile({ name: text });
  return { instance: found?.[2] ?? instance, traceFile };
}

type Line = { send(datagram: Buffer): void; close(): Promise<void> };
type MakeNotice = (level: LogLevel, event: string, fields: LogFields) => Buffer;

/**
 * The connected socket. A port that nobody listens on answers with ICMP, which the system reports at the next call: the
 * datagram sent before is then the one that was refused. So one is sent at a time, and the last one is remembered.
 */
function openLine({ address, port }: { address: string; port: number }, makeNotice: MakeNotice): Line {
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let dropped = 0;
  let socket: Socket | undefined;
  let isConnected = false;
  let isSending = false;
  let lot = { datagrams: 0, bytes: 0 };
  let lastSent: Buffer | undefined;
  let awaySince: number | undefined;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  const keep = (datagram: Buffer, place: "first" | "last"): void => {
    // Where lines wait long, each has memory of its own: a slice would keep the whole pool that it was cut from.
    const kept = awaySince === undefined ? datagram : copyOf(datagram);
    if (place === "first") waiting.unshift(kept);
    else waiting.push(kept);
    waitingBytes += datagram.length;
    while (waitingBytes > mostWaitingBytes) {
      waitingBytes -= waiting.shift()?.length ?? 0;
      dropped += 1;
    }
  };

  const later = (action: () => void, durationMs: number): void => {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(action, durationMs).unref();
  };

  const sendNext = (): void => {
    if (isSending || !isConnected || socket === undefined) return;
    if (lot.datagrams >= lotDatagrams || lot.bytes >= lotBytes) return;
    const datagram = waiting.shift();
    if (datagram === undefined) return;
    if (lot.datagrams === 0) setTimeout(startLot, lotPauseMs).unref();
    lot = { datagrams: lot.datagrams + 1, bytes: lot.bytes + datagram.length };
    waitingBytes -= datagram.length;
    isSending = true;
    socket.send(datagram, (error) => {
      isSending = false;
      if (error !== null) {
        // The call that reports a refusal has sent nothing itself.
        keep(datagram, "first");
        return onRefused();
      }
      lastSent = datagram;
      if (awaySince === undefined) sendNext();
    });
  };

  const startLot = (): void => {
    lot = { datagrams: 0, bytes: 0 };
    if (awaySince === undefined) sendNext();
  };

  const onRefused = (): void => {
    if (lastSent !== undefined) keep(lastSent, "first");
    lastSent = undefined;
    awaySince ??= performance.now();
    later(probe, probeIntervalMs);
  };

  /** Sends one line while syslogd is away; when no refusal is reported a moment later, it is back, and the rest follows. */
  const probe = (): void => {
    if (lastSent === undefined || awaySince === undefined) {
      sendNext();
      return later(probe, probeIntervalMs);
    }
    const awayMs = Math.round(performance.now() - awaySince);
    awaySince = undefined;
    keep(makeNotice("warning", "log.syslogd_was_away", { awayMs, droppedLines: dropped }), "last");
    dropped = 0;
    sendNext();
  };

  const open = (): void => {
    const fresh = createSocket(isIPv6(address) ? "udp6" : "udp4").unref();
    socket = fresh;
    fresh.on("connect", () => {
      isConnected = true;
      if (awaySince === undefined) sendNext();
      else probe();
    });
    fresh.on("error", () => {
      if (isConnected) return onRefused();
      fresh.close();
      socket = undefined;
      later(open, reopenPauseMs);
    });
    fresh.connect(port, address);
  };

  const isDrained = (): boolean => waiting.length === 0 && !isSending;

  // Port 0 is a free port that syslogd chose: there is no telling which.
  if (port !== 0) open();
  return {
    send: (datagram) => {
      if (isClosed) return;
      keep(datagram, "last");
      if (awaySince === undefined) sendNext();
    },
    close: async () => {
      const deadline = performance.now() + (port === 0 ? 0 : closingMs);
      while (!isDrained() && performance.now() < deadline) await pause(10);
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

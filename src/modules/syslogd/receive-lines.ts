/** What comes in by the UDP port goes to the files; what does not arrive is counted, and told once a second at most. */

import type { Socket } from "node:dgram";

import { parseLogDatagram } from "#channels/logs/log-datagram.ts";
import { type Clock, pause } from "#foundation/clock.ts";
import type { LogFields } from "#foundation/log.ts";

import { plainAddress, type SourceCheck } from "./accept-source.ts";
import { countKernelDrops } from "./count-kernel-drops.ts";
import { countMissingLines } from "./count-missing-lines.ts";
import { routeLine, type Route } from "./route-line.ts";

export type Receiver = {
  /** Takes what has arrived until now, then closes the port. */
  stop(): Promise<void>;
};

export type ReceiverOptions = {
  readonly socket: Socket;
  readonly clock: Clock;
  readonly checkSource: SourceCheck;
  readonly isInstance: (name: string) => boolean;
  readonly write: (route: Route) => void;
  /** Writes a line of syslogd itself past the port, which may be flooded. */
  readonly report: (event: string, fields: LogFields) => void;
};

const reportIntervalMs = 1_000;
const quietMs = 40;
const longestDrainMs = 1_000;

/** Starts receiving. */
export function receiveLines(options: ReceiverOptions): Receiver {
  const { socket, clock } = options;
  const missing = countMissingLines();
  const takeKernelDrops = countKernelDrops(socket.address().port);
  let refused = { datagrams: 0, firstSource: "" };
  let lastArrivalMs = 0;

  socket.on("message", (datagram, { address }) => {
    const from = plainAddress(address);
    const verdict = options.checkSource(from);
    if (verdict === "refused") {
      refused = { datagrams: refused.datagrams + 1, firstSource: refused.firstSource || from };
      return;
    }
    lastArrivalMs = clock.elapsedMs();
    const line = parseLogDatagram(datagram);
    if (line.kind === "module") missing.note(line, from);
    const source = verdict === "local" ? undefined : from;
    for (const route of routeLine(line, { receivedAt: clock.now(), source, isInstance: options.isInstance }))
      options.write(route);
  });
  // A failed receive concerns one datagram; the port stays open.
  socket.on("error", () => undefined);

  const tell = (): void => {
    const perSender = missing.take();
    const missingLines = [...perSender.values()].reduce((sum, lines) => sum + lines, 0);
    const droppedByKernel = takeKernelDrops();
    if (missingLines > 0 || droppedByKernel > 0) {
      const senders = [...perSender].map(([sender, lines]) => `${sender}: ${lines}`).slice(0, 10);
      options.report("syslogd.lines_missing", {
        missingLines,
        droppedByKernel,
        ...(senders.length > 0 ? { senders } : {}),
      });
    }
    if (refused.datagrams > 0) options.report("syslogd.sources_refused", refused);
    refused = { datagrams: 0, firstSource: "" };
  };
  const timer = setInterval(tell, reportIntervalMs);

  let stopping: Promise<void> | undefined;
  const drainAndClose = async (): Promise<void> => {
    const startedMs = clock.elapsedMs();
    const isQuiet = (): boolean => clock.elapsedMs() - Math.max(startedMs, lastArrivalMs) > quietMs;
    while (!isQuiet() && clock.elapsedMs() - startedMs < longestDrainMs) await pause(10);
    clearInterval(timer);
    tell();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  };
  return {
    stop: () => {
      stopping ??= drainAndClose();
      return stopping;
    },
  };
}

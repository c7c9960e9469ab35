/** tracking: brings clicks, opens and unsubscriptions from the redirection servers into the database. */

import { connectToHits } from "#channels/hits/hits.ts";
import { pause } from "#foundation/clock.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context, InstanceModule, Running } from "#foundation/module.ts";
import { repeat } from "#foundation/repeat.ts";

import { type Collector, openCollector } from "./collect-hits.ts";
import { trackingSettings } from "./settings.ts";

export const tracking: InstanceModule = {
  name: "tracking",
  scope: "instance",
  start(context) {
    const { pollPeriodSec, consolidationPeriodSec, dedupOpenPeriodMin } = context.settings.of(trackingSettings);
    const asking = new AbortController();
    const servers = connectToHits(context, asking.signal);
    const rules = { consolidationPeriodSec, dedupOpenPeriodSec: dedupOpenPeriodMin * 60 };
    const collector = openCollector({ ...context, servers, rules });
    const running =
      "once" in context.flags
        ? runOnce(context, collector)
        : runPeriodically(context, collector, pollPeriodSec * 1_000);
    return Promise.resolve({
      stop: async () => {
        const stopped = running.stop();
        asking.abort();
        await stopped;
        for (const server of servers) server.close();
      },
    });
  },
};

function runPeriodically({ log }: Context, collector: Collector, intervalMs: number): Running {
  return repeat({ log, event: "tracking.round", intervalMs }, async (signal) => {
    await collector.visit(signal);
  });
}

const busyPauseMs = 500;

/** One visit, for `postrider tracking -once`: waits for another process that is at it, then ends this one. */
function runOnce({ log, requestStop }: Context, collector: Collector): Running {
  const ending = new AbortController();
  const visitOnce = async (): Promise<number> => {
    while (!ending.signal.aborted) {
      const visit = await collector.visit(ending.signal);
      if (visit !== "busy") return visit.failedServers === 0 ? 0 : 1;
      await pause(busyPauseMs, ending.signal);
    }
    return 1;
  };
  const finished = visitOnce()
    .catch((error: unknown) => {
      log.error("tracking.round_failed", { reason: describeError(error) });
      return 1;
    })
    .then(requestStop);
  return {
    stop: () => {
      ending.abort();
      return finished;
    },
  };
}

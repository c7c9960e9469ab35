/** Asks the statistics server of an instance, for commands that say how the platform does. */

import { countWaiting, type Survey, surveyStat } from "#channels/permits/survey-stat.ts";
import type { Home } from "#foundation/home.ts";
import { counted } from "#foundation/counted.ts";
import { describeError } from "#foundation/errors.ts";
import { loadSecrets } from "#foundation/secrets.ts";

import { readInstanceSettings } from "./read-instance-settings.ts";

const limitMs = 1_000;
const mostPaths = 10_000;

/**
 * What it answers within a second.
 * @throws invalidSettings
 */
export function surveyInstanceStat(home: Home, instance: string): Promise<Survey> {
  const given = { settings: readInstanceSettings(home, instance), secrets: loadSecrets(home), instance };
  return surveyStat(given, { limitMs, mostPaths });
}

/** One line for each instance. */
export function describeStats(home: Home, instances: readonly string[]): Promise<string[]> {
  return Promise.all(
    instances.map(async (instance) => {
      const begin = `statistics server of ${instance}: `;
      try {
        const { where, found } = await surveyInstanceStat(home, instance);
        if (found === undefined) return `${begin}${where}, does not answer: no message leaves`;
        const waiting = [...countWaiting(found).values()].reduce((sum, count) => sum + count, 0);
        const connections = counted(found.overview.openConnections, "open connection");
        return `${begin}${where}, ${connections}, ${counted(waiting, "message waits", "messages wait")}`;
      } catch (error) {
        return begin + describeError(error);
      }
    }),
  );
}

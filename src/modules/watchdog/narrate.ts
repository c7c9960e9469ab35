/** Tells what the watchdog does: as an event to the log, and as a sentence to the operator who watches the console. */

import { printRecord } from "#channels/logs/log-console.ts";
import type { Log, LogFields } from "#foundation/log.ts";

export type Narration = {
  info(sentence: string, event: string, fields?: LogFields): void;
  warning(sentence: string, event: string, fields?: LogFields): void;
  error(sentence: string, event: string, fields?: LogFields): void;
  /** Text for the console alone, as it is. */
  print(text: string): void;
  readonly log: Log;
};

/** @param isConsole false: nothing is printed, only logged */
export function narrate(log: Log, isConsole: boolean): Narration {
  const say =
    (level: "info" | "warning" | "error") =>
    (sentence: string, event: string, fields: LogFields = {}): void => {
      log[level](event, fields);
      if (isConsole) printRecord({ time: new Date(), level, type: "log", event: sentence, fields: {} });
    };
  return {
    info: say("info"),
    warning: say("warning"),
    error: say("error"),
    print: (text) => {
      if (isConsole && process.stdout.writable) process.stdout.write(text);
    },
    log,
  };
}

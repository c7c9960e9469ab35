/** What the demo shows: a line for each step, a bar where there is something to wait for, nothing at all with `--json`. */

import { openProgressBar } from "#foundation/progress-bar.ts";

export type Screen = {
  /** Announces a step. */
  step(text: string): void;
  /** A line below the step. */
  note(text: string): void;
  /** Shows a bar until the work ends; `report` moves it. */
  during<T>(label: string, work: (report: (done: number, total: number) => void) => Promise<T>): Promise<T>;
  /** Prints lines as they are. */
  print(text: string): void;
};

/** Opens the screen; what it prints is for people, so a pipe gets plain lines without bars. */
export function openScreen({ isQuiet }: { isQuiet: boolean }): Screen {
  const write = (text: string): void => {
    if (!isQuiet) process.stdout.write(`${text}\n`);
  };
  let steps = 0;
  return {
    step: (text) => {
      steps += 1;
      write(`${String(steps).padStart(2)}. ${text}`);
    },
    note: (text) => write(`    ${text}`),
    during: async (label, work) => {
      if (isQuiet) return work(() => undefined);
      const bar = await openProgressBar(`    ${label}`, process.stdout);
      try {
        return await work((done, total) => bar.update(done, Math.max(1, total), `${done} of ${total}`));
      } finally {
        bar.close();
      }
    },
    print: (text) => write(text),
  };
}

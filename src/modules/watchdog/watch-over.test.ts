import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { silentLog } from "#foundation/log.ts";
import { aHostContext } from "#test/support/host-context.ts";

import type { Ending } from "#test/support/endings.ts";
import { narrate } from "./narrate.ts";
import type { Platform } from "./platform.ts";
import type { Supervised } from "./supervised.ts";
import { watchOver } from "./watch-over.ts";

/** A platform of processes that only note what is done to them, and a wall clock to move by hand. */
function aPlatform(
  t: Ending,
  names: readonly string[],
  restartTime: string,
): { platform: Platform; notes: string[]; finish: () => void; moveTo: (time: Date) => Promise<void> } {
  const notes: string[] = [];
  let now = new Date(2026, 10, 21, 5, 0, 0);
  let finish = (): void => undefined;
  const processes = names.map((name) => {
    const own: Partial<Supervised> = {
      plan: { name, restartTime } as Supervised["plan"],
      checkLife: () => undefined,
      isWanted: () => true,
      entry: () => ({ pid: 1 }) as ReturnType<Supervised["entry"]>,
      restart: ({ why }) => {
        notes.push(`${name} ${why}`);
        return Promise.resolve();
      },
      untilReady: () =>
        new Promise((resolve) => {
          finish = () => resolve(true);
        }),
    };
    return [name, own as Supervised] as const;
  });
  const platform: Platform = {
    context: { ...aHostContext(t), clock: { now: () => now, elapsedMs: () => now.getTime() } },
    narration: narrate(silentLog, false),
    launch: () => assert.fail("nothing is launched"),
    startedAt: now,
    startedMs: 0,
    processes: new Map(processes),
    databases: new Map(),
    preparations: new Map(),
    ending: new AbortController(),
    phase: "ready",
  };
  mock.timers.enable({ apis: ["setInterval"] });
  t.after(() => {
    platform.ending.abort();
    mock.timers.reset();
  });
  watchOver(platform);
  const moveTo = async (time: Date): Promise<void> => {
    now = time;
    mock.timers.tick(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { platform, notes, finish: () => finish(), moveTo };
}

const at = (day: number, hours: number, minutes = 0): Date => new Date(2026, 10, day, hours, minutes, 0);

test("each process is restarted once a day, the next when the one before is ready", async (t) => {
  const { notes, finish, moveTo } = aPlatform(t, ["web@default", "mta@main"], "06:00:00");
  await moveTo(at(21, 5, 59));
  assert.deepEqual(notes, []);
  await moveTo(at(21, 6, 0));
  assert.deepEqual(notes, ["web@default daily"]);
  await moveTo(at(21, 6, 1));
  assert.deepEqual(notes, ["web@default daily"]);
  finish();
  await moveTo(at(21, 6, 2));
  assert.deepEqual(notes, ["web@default daily", "mta@main daily"]);
  finish();
  await moveTo(at(21, 23, 0));
  assert.equal(notes.length, 2);
  await moveTo(at(22, 6, 0));
  assert.equal(notes.length, 3);
});

test("a clock that is put back restarts nothing twice, and one put back by days does not put the restart off", async (t) => {
  const { notes, finish, moveTo } = aPlatform(t, ["web@default"], "06:00:00");
  await moveTo(at(21, 5, 59));
  await moveTo(at(21, 6, 0));
  finish();
  await moveTo(at(21, 5, 58));
  await moveTo(at(21, 6, 0));
  assert.equal(notes.length, 1);
  await moveTo(at(10, 5, 0));
  await moveTo(at(10, 6, 0));
  assert.equal(notes.length, 2);
});

/** When a process is restarted each day. */

const dayMs = 24 * 3_600_000;

/**
 * The next moment at which the wall clock of this host shows a time of day.
 * @param timeOfDay `HH:MM:SS`
 * @param after the answer is later than this
 */
export function nextDailyRestart(timeOfDay: string, after: Date): Date {
  const [hours = 0, minutes = 0, seconds = 0] = timeOfDay.split(":").map(Number);
  const next = new Date(after);
  next.setHours(hours, minutes, seconds, 0);
  if (next <= after) {
    next.setDate(next.getDate() + 1);
    // Where the clock is put forward the hour may be missing on that day; setHours then lands in the next one.
    next.setHours(hours, minutes, seconds, 0);
  }
  return next;
}

/** True when the clock was put back so far that the planned restart lies more than a day and an hour ahead. */
export function isPlannedTooFar(planned: Date, now: Date): boolean {
  return planned.getTime() - now.getTime() > dayMs + 3_600_000;
}

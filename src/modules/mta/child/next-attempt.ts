/** When a part that still has messages is tried again. */

export type Pass = {
  /** Passes made before this one that ended with deferred messages. */
  readonly attempts: number;
  /** Messages that a server refused for now, or that no server could be found for. */
  readonly deferred: number;
  /** Messages that waited in vain for a quota. */
  readonly throttled: number;
  /** Messages that gave up their room to others. */
  readonly crowded: number;
  /** Above 0 when the database went away before its messages were read. */
  readonly unread: number;
  /** The delivery was paused or stopped, or the process was told to end. */
  readonly isHalted: boolean;
};

const dayMs = 86_400_000;
const throttledRetryMs = 30_000;
const crowdedRetryMs = 5_000;
/** The database is back, since it takes this; what it cannot read, though, is not to be asked for in a loop. */
const unreadRetryMs = 1_000;

/**
 * The first five retries follow at the retry period, the further ones once a day; a pass that only met quotas, had no room or was
 * not read is none.
 * @source Classic: "5 retries one hour apart on the first day, then one a day until the delivery's deadline"
 */
export function nextAttempt(
  pass: Pass,
  { now, retryPeriodSec, retryCount }: { now: Date; retryPeriodSec: number; retryCount: number },
): { readonly attempts: number; readonly notBefore: Date } {
  if (pass.isHalted) return { attempts: pass.attempts, notBefore: now };
  const isAttempt = pass.throttled + pass.crowded + pass.unread <= pass.deferred;
  const attempts = isAttempt ? pass.attempts + 1 : pass.attempts;
  const waitMs = isAttempt ? retryWaitMs(attempts, { retryPeriodSec, retryCount }) : leftWaitMs(pass);
  return { attempts, notBefore: new Date(now.getTime() + waitMs) };
}

function retryWaitMs(attempts: number, given: { retryPeriodSec: number; retryCount: number }): number {
  return attempts <= given.retryCount ? given.retryPeriodSec * 1_000 : dayMs;
}

function leftWaitMs({ throttled, crowded }: Pass): number {
  if (throttled > 0) return throttledRetryMs;
  return crowded > 0 ? crowdedRetryMs : unreadRetryMs;
}

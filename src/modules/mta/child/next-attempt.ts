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
  /** The delivery was paused or stopped, or the process was told to end. */
  readonly isHalted: boolean;
};

const dayMs = 86_400_000;
const throttledRetryMs = 30_000;
const crowdedRetryMs = 5_000;

/**
 * The first five retries follow at the retry period, the further ones once a day; a pass that only met quotas, or had no room, is none.
 * @source Classic: "5 retries one hour apart on the first day, then one a day until the delivery's deadline"
 */
export function nextAttempt(
  pass: Pass,
  { now, retryPeriodSec, retryCount }: { now: Date; retryPeriodSec: number; retryCount: number },
): { readonly attempts: number; readonly notBefore: Date } {
  if (pass.isHalted) return { attempts: pass.attempts, notBefore: now };
  if (pass.throttled + pass.crowded > pass.deferred) {
    const waitMs = pass.throttled > 0 ? throttledRetryMs : crowdedRetryMs;
    return { attempts: pass.attempts, notBefore: new Date(now.getTime() + waitMs) };
  }
  const attempts = pass.attempts + 1;
  const waitMs = attempts <= retryCount ? retryPeriodSec * 1_000 : dayMs;
  return { attempts, notBefore: new Date(now.getTime() + waitMs) };
}

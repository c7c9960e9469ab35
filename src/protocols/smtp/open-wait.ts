/** Waits for a condition, no longer than given. */

export type Wait = {
  /** Resolves true once the condition holds, false at the deadline. One waits at a time. */
  until(condition: () => boolean, limitMs: number): Promise<boolean>;
  /** Something has changed: whoever waits looks again. */
  wake(): void;
  /** Nobody waits any more. */
  stop(): void;
};

/** Opens a wait of one connection. It has one timer, which is left running from one wait to the next: most of them end at once. */
export function openWait(): Wait {
  let look = (): void => undefined;
  let giveUp: (() => void) | undefined;
  let deadlineMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let timerMs = 0;

  const onTimer = (): void => {
    timer = undefined;
    if (giveUp === undefined) return;
    const leftMs = deadlineMs - performance.now();
    if (leftMs > 0) arm(leftMs);
    else giveUp();
  };
  const arm = (limitMs: number): void => {
    clearTimeout(timer);
    timerMs = performance.now() + limitMs;
    timer = setTimeout(onTimer, limitMs);
  };

  return {
    until: (condition, limitMs) => {
      if (condition()) return Promise.resolve(true);
      return new Promise((resolve) => {
        const finish = (holds: boolean): void => {
          giveUp = undefined;
          look = () => undefined;
          resolve(holds);
        };
        deadlineMs = performance.now() + limitMs;
        if (timer === undefined || timerMs > deadlineMs) arm(limitMs);
        giveUp = () => finish(false);
        look = () => {
          if (condition()) finish(true);
        };
      });
    },
    wake: () => look(),
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

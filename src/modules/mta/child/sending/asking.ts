/** Which sessions of a lane may ask for leave now, and from when on. */

export type Asking = {
  /** True when one more may ask. */
  readonly mayBegin: boolean;
  /** One asks for leave, or is being opened; the returned function says that it does no more, once or again. */
  begin(): () => void;
  /** Nobody asks for this long. */
  hold(waitMs: number): void;
  noteLeave(): void;
  noteRefused(waitMs: number): void;
  readonly isHeld: boolean;
  readonly holdUntilMs: number;
  /** Ends the timer. */
  stop(): void;
};

/** @param onDue called when a hold is over */
export function openAsking(elapsedMs: () => number, onDue: () => void): Asking {
  let count = 0;
  /** One after a refusal, twice as many after each leave. Where connections are rare, all would ask in vain again and again. */
  let most = Number.POSITIVE_INFINITY;
  let holdUntilMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const hold = (waitMs: number): void => {
    holdUntilMs = elapsedMs() + waitMs;
    clearTimeout(timer);
    timer = setTimeout(onDue, waitMs + 1);
    timer.unref();
  };
  return {
    get mayBegin() {
      return count < most && elapsedMs() >= holdUntilMs;
    },
    begin: () => {
      let isAsking = true;
      count += 1;
      return () => {
        if (isAsking) count -= 1;
        isAsking = false;
      };
    },
    hold,
    noteLeave: () => {
      most *= 2;
    },
    noteRefused: (waitMs) => {
      most = 1;
      hold(waitMs);
    },
    get isHeld() {
      return elapsedMs() < holdUntilMs;
    },
    get holdUntilMs() {
      return holdUntilMs;
    },
    stop: () => clearTimeout(timer),
  };
}

/** Messages of a session that have begun and not ended. */

export type UnderWay = {
  add(message: Promise<void>): void;
  /** True when `below` would wait, or throw. */
  isFull(limit: number): boolean;
  /** Waits until fewer are under way than given, or none; the limit may change meanwhile. @throws at once what one of them failed with */
  below(limit: () => number): Promise<void>;
  /** Waits until none is under way. @throws what one of them failed with */
  end(): Promise<void>;
};

/** Opens an empty count. One waits at a time; a race of promises would leave a reaction behind in each of them, round after round. */
export function openUnderWay(): UnderWay {
  let count = 0;
  let failure: { readonly cause: unknown } | undefined;
  let wake = (): void => undefined;
  const note = (): void => {
    count -= 1;
    wake();
  };
  const noteFailure = (cause: unknown): void => {
    failure ??= { cause };
    note();
  };
  const change = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const isFull = (limit: number): boolean => count > 0 && count >= limit;
  const hasFailed = (): boolean => failure !== undefined;
  const check = (): void => {
    if (failure !== undefined) throw failure.cause;
  };
  return {
    add: (message) => {
      count += 1;
      message.then(note, noteFailure);
    },
    isFull: (limit) => isFull(limit) || failure !== undefined,
    below: async (limit) => {
      while (isFull(limit()) && !hasFailed()) await change();
      check();
    },
    end: async () => {
      while (isFull(1)) await change();
      check();
    },
  };
}

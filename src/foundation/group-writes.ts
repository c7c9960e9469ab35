/** Group commit: what arrives while a write is under way is written together by the next one. */

type Options<T, R> = {
  /** Most items of one write. */
  readonly maxItems: number;
  /** Most weight of one write, such as bytes; a single item may weigh more. */
  readonly maxWeight?: number;
  readonly weightOf?: (item: T) => number;
  /** Writes items; answers one result for each, in order. When it throws, every item of the write fails with that error. */
  readonly write: (items: readonly T[]) => Promise<readonly R[]>;
};

export type GroupWriter<T, R> = {
  /** Resolves with the item's result once its write has ended. */
  add(item: T): Promise<R>;
  /** Resolves when nothing waits and nothing is being written. */
  idle(): Promise<void>;
};

type Waiting<T, R> = { readonly item: T; resolve(result: R): void; reject(reason: unknown): void };

/** Starts a writer; one write runs at a time, so under load batches grow by themselves and a lone item waits for nothing. */
export function groupWrites<T, R>({
  maxItems,
  maxWeight = Number.POSITIVE_INFINITY,
  weightOf = () => 0,
  write,
}: Options<T, R>): GroupWriter<T, R> {
  const queue: Waiting<T, R>[] = [];
  let running: Promise<void> | undefined;

  const takeBatch = (): Waiting<T, R>[] => {
    let weight = 0;
    let count = 0;
    for (const { item } of queue) {
      weight += weightOf(item);
      if (count > 0 && (count >= maxItems || weight > maxWeight)) break;
      count += 1;
    }
    return queue.splice(0, count);
  };
  const writeBatch = async (batch: readonly Waiting<T, R>[]): Promise<void> => {
    try {
      const results = await write(batch.map(({ item }) => item));
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] as R);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  };
  const drain = async (): Promise<void> => {
    // Whatever arrives in this turn of the event loop belongs to the first batch already.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await writeBatch(takeBatch());
    running = undefined;
  };

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        queue.push({ item, resolve, reject });
        running ??= drain();
      }),
    idle: () => running ?? Promise.resolve(),
  };
}

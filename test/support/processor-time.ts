/** A clock for what must not take long, which stands still while other work has the processor. */

/** Time that this thread has had of a processor so far, in milliseconds. */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Words for what ended a connection. */

/** A duration as operators read it. */
export function inSeconds(durationMs: number): string {
  return `${Math.round(durationMs / 100) / 10} s`;
}

/** The system's word for what happened, without the address that Node puts behind it. */
export function describe(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

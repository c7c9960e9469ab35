/** Reads what a child process tells over its IPC channel. */

import type { ChildMessage } from "#foundation/lifecycle.ts";

/** The message, or undefined when it is none of ours. */
export function parseChildMessage(raw: unknown): ChildMessage | undefined {
  if (typeof raw !== "object" || raw === null || !("kind" in raw)) return undefined;
  if (raw.kind === "starting" || raw.kind === "ready") return { kind: raw.kind };
  if (raw.kind === "failed") return { kind: "failed", reason: "reason" in raw ? String(raw.reason) : "" };
  if (raw.kind !== "heartbeat") return undefined;
  const memoryBytes = "memoryBytes" in raw && typeof raw.memoryBytes === "number" ? raw.memoryBytes : 0;
  const lastError = "lastError" in raw && typeof raw.lastError === "string" ? raw.lastError : undefined;
  return lastError === undefined ? { kind: "heartbeat", memoryBytes } : { kind: "heartbeat", memoryBytes, lastError };
}

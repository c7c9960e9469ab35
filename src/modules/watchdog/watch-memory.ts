/** What a process's memory asks for. */

export type MemoryLimits = { readonly warningBytes: number; readonly alertBytes: number };

/** `calm` again only below nine tenths of the warning, so that memory at the limit does not fill the log. */
export type MemoryLevel = "calm" | "warning" | "alert";

/** The level that a measurement leads to from the one before. */
export function nextMemoryLevel(before: MemoryLevel, memoryBytes: number, limits: MemoryLimits): MemoryLevel {
  if (memoryBytes >= limits.alertBytes) return "alert";
  if (memoryBytes >= limits.warningBytes) return "warning";
  return before !== "calm" && memoryBytes >= limits.warningBytes * 0.9 ? "warning" : "calm";
}

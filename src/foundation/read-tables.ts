/** Reads a setting that is a list of tables. */

/** The tables of `[[...]]` in a file, or of JSON in the environment; undefined when it is no list. */
export function readTables(raw: unknown): readonly unknown[] | undefined {
  const tables = typeof raw === "string" ? parseJson(raw) : raw;
  return Array.isArray(tables) ? (tables as readonly unknown[]) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

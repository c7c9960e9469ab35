/** Reads a primary key as it travels: `xtk:operator|1610`, with a stroke before each further part. */

export type PrimaryKey = { readonly schema: string; readonly values: readonly string[] };

/** @returns undefined when the text is no primary key; `\|` and `\"` in a part stand for the sign itself */
export function readPrimaryKey(text: string): PrimaryKey | undefined {
  const [schema = "", ...parts] = text.split(/(?<!\\)\|/);
  if (!/^[\w-]+:[\w-]+$/.test(schema) || parts.length === 0) return undefined;
  return { schema, values: parts.map((part) => part.replace(/\\([|"\\])/g, "$1")) };
}

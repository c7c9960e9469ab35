/** Reads a command line in Classic's form (`-instance:main`, `pdump -who`) and in the usual one (`--instance main`, `--instance=main`). */

export type Arguments = {
  /** The verb or module, or undefined when none is named. */
  readonly command: string | undefined;
  /** Words that are no flags, in order. */
  readonly words: readonly string[];
  readonly flags: { readonly [name: string]: string | true | undefined };
};

/** Flags that take a value as the next word when written the usual way. */
const takesValue = new Set([
  "instance",
  "tracefilter",
  "tracefile",
  "file",
  "job",
  "out",
  "csv",
  "list",
  "workflow",
  "rejects",
  "group",
  "encoding",
  "separator",
  "delivery",
  "label",
  "rights",
  "groups",
  "zone",
  "folder",
  "scopes",
  "expires",
  "algorithm",
  "selector",
  "nameserver",
  "from",
  "lang",
]);

/**
 * Splits the words of a command line.
 * @param words what stands behind the program's name
 */
export function parseArguments(words: readonly string[]): Arguments {
  const flags: Record<string, string | true> = {};
  const plain: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const found = /^--?([A-Za-z?][\w-]*)(?:[:=](.*))?$/s.exec(word);
    if (found === null) {
      plain.push(word);
      continue;
    }
    const name = found[1] ?? "";
    const next = words[index + 1];
    if (found[2] !== undefined) flags[name] = found[2];
    else if (takesValue.has(name) && next !== undefined && !next.startsWith("-")) {
      flags[name] = next;
      index += 1;
    } else flags[name] = true;
  }
  const [command, ...rest] = plain;
  return { command, words: rest, flags };
}

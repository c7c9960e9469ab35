/** Changes single settings in the text of a settings file; comments, order and everything else stay as they are. */

import { parse as parseToml, TomlDate } from "smol-toml";

import { settingNotEditable } from "./settings-errors.ts";

/**
 * Sets one value. Its line is replaced where there is one; else the line follows its commented example, the end of its
 * table, or the end of the file.
 * @param path dotted, such as `mta.child.maxSessionsPerChild`
 * @throws settingNotEditable when the file writes it in a form that is not one line
 */
export function setInSettings(text: string, path: string, value: unknown): string {
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const dot = path.lastIndexOf(".");
  const table = path.slice(0, dot);
  const key = path.slice(dot + 1);
  const assignment = `${key} = ${JSON.stringify(value)}`;

  const place = findPlace(lines, table, key, path);
  if (place.kind === "line") lines[place.at] = replaceValue(lines[place.at] ?? "", assignment, key);
  else if (place.kind === "after") lines.splice(place.at + 1, 0, assignment);
  else lines.push(...(lines.length === 0 || lines.at(-1) === "" ? [] : [""]), `[${table}]`, assignment);

  const changed = `${lines.join("\n")}\n`;
  if (!isSet(changed, path, value)) throw settingNotEditable({ path });
  return changed;
}

type Place = { readonly kind: "line" | "after"; readonly at: number } | { readonly kind: "none" };

function findPlace(lines: readonly string[], table: string, key: string, path: string): Place {
  let current = "";
  let example: number | undefined;
  let lastOfTable: number | undefined;
  for (const [index, line] of lines.entries()) {
    const heading = /^\s*\[([^[\]]+)\]\s*(#.*)?$/.exec(line)?.[1];
    if (heading !== undefined) current = heading.replace(/[\s"']/g, "");
    const assigned = /^\s*([\w.\-"' ]+?)\s*=/.exec(line)?.[1]?.replace(/[\s"']/g, "");
    if (assigned !== undefined && (current === "" ? assigned : `${current}.${assigned}`) === path)
      return { kind: "line", at: index };
    if (current !== table) continue;
    if (new RegExp(`^\\s*#\\s*${key}\\s*=`).test(line)) example = index;
    if (line.trim() !== "" && !(line.trimStart().startsWith("#") && heading === undefined && assigned === undefined))
      lastOfTable = index;
  }
  const at = example ?? lastOfTable;
  return at === undefined ? { kind: "none" } : { kind: "after", at };
}

/** Keeps the indentation and the comment behind the value. */
function replaceValue(line: string, assignment: string, key: string): string {
  const indentation = /^\s*/.exec(line)?.[0] ?? "";
  const [, before = line, comment = ""] = /^((?:[^"'#]|"(?:\\.|[^"\\])*"|'[^']*')*)(#.*)$/.exec(line) ?? [];
  const gap = comment === "" ? "" : (/\s*$/.exec(before)?.[0] ?? "");
  const written = /^\s*([\w.\-"' ]+?)\s*=/.exec(line)?.[1] ?? key;
  return `${indentation}${written}${assignment.slice(key.length)}${gap}${comment}`;
}

/** The last word is the parser's: the change must be what it reads. */
function isSet(text: string, path: string, value: unknown): boolean {
  try {
    let node: unknown = parseToml(text);
    for (const name of path.split(".")) node = isTable(node) ? node[name] : undefined;
    return JSON.stringify(node) === JSON.stringify(value);
  } catch {
    return false;
  }
}

function isTable(node: unknown): node is Record<string, unknown> {
  return typeof node === "object" && node !== null && !Array.isArray(node) && !(node instanceof TomlDate);
}

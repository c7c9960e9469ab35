/** What a check finds: a file, the rule that it breaks, and the page that explains the rule. */

import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export type Finding = {
  readonly file: string;
  readonly line?: number;
  readonly problem: string;
  readonly page: string;
};

export const root = resolve(import.meta.dirname, "../..");

/** Files of the project by pattern, relative to its root, sorted. */
export function listFiles(...patterns: string[]): string[] {
  return patterns
    .flatMap((pattern) =>
      globSync(pattern, { cwd: root, exclude: (name) => name === "node_modules" || name === "var" }),
    )
    .sort();
}

/** The text of a file of the project. */
export function readText(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** The number of the line that a position of a text is on. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

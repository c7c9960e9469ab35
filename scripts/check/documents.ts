/** The papers: module pages with their headings, links that lead somewhere, journeys that name files which exist. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import { type Finding, lineAt, listFiles, readText, root } from "./finding.ts";

const headings = [
  "Purpose",
  "Runs",
  "Reads",
  "Writes",
  "Talks to",
  "Settings",
  "Signals",
  "When it fails",
  "How to watch it",
];
const page = "CONTRIBUTING.md#papers";

/** Finds pages that are missing, incomplete or out of step with the tree. */
export function checkDocuments(): Finding[] {
  return [
    ...checkModulePages(),
    ...checkLinks(),
    ...checkPaths("docs/message-journey.md"),
    ...checkPaths("ARCHITECTURE.md"),
    ...checkLength(),
  ];
}

function checkModulePages(): Finding[] {
  return listFiles("src/modules/*/").flatMap((folder) => {
    const file = `${folder.replace(/\/$/, "")}/README.md`;
    if (!existsSync(join(root, file))) return [{ file, problem: "each module has a README.md", page }];
    const found = [...readText(file).matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? "");
    return found.join("|") === headings.join("|")
      ? []
      : [{ file, problem: `its headings are, in order: ${headings.join(", ")}`, page }];
  });
}

function checkLinks(): Finding[] {
  return listFiles("**/*.md").flatMap((file) => {
    const text = readText(file);
    return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)]*)?\)/g)]
      .filter((match) => !existsSync(join(root, dirname(file), match[1] ?? "")))
      .map((match) => ({
        file,
        line: lineAt(text, match.index),
        problem: `the link to ${match[1]} leads nowhere`,
        page,
      }));
  });
}

function checkPaths(file: string): Finding[] {
  const text = readText(file);
  return [...text.matchAll(/`((?:src|test|database|conf|docs|bench|scripts|bin)\/[\w@./-]+)`/g)]
    .filter((match) => !existsSync(join(root, match[1] ?? "")))
    .map((match) => ({ file, line: lineAt(text, match.index), problem: `${match[1]} does not exist`, page }));
}

function checkLength(): Finding[] {
  const lines = readText("ARCHITECTURE.md").split("\n").length;
  return lines > 121 ? [{ file: "ARCHITECTURE.md", problem: `${lines} lines; at most 120`, page }] : [];
}

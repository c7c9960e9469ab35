/** Who may import whom: the table of docs/decisions/0016, as data. */

import { dirname, join, normalize } from "node:path";

import { type Finding, lineAt, listFiles, readText } from "./finding.ts";

const page = "CONTRIBUTING.md#who-may-import-whom";

/** The domain's folders, from left to right: each may import those before it. */
const campaignFolders = [
  "structure",
  "access",
  "inbox",
  "audience",
  "quarantine",
  "content",
  "broadlog",
  "delivery",
  "tracking",
  "transfer",
  "workflow",
  "entities",
];

const allowed: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  protocols: [],
  foundation: [],
  channels: ["foundation"],
  datamodel: ["schemas", "foundation"],
  campaign: ["datamodel", "schemas", "protocols", "foundation"],
  modules: ["campaign", "datamodel", "channels", "schemas", "protocols", "foundation"],
  cli: ["modules", "campaign", "datamodel", "channels", "schemas", "foundation"],
};

/** Finds imports that the layers forbid. */
export function checkBoundaries(): Finding[] {
  return listFiles("src/**/*.ts")
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) => checkFile(file, readText(file)));
}

/** The same for one file's text. */
export function checkFile(file: string, text: string): Finding[] {
  const findings: Finding[] = [];
  for (const match of text.matchAll(/(?:from|import)\s*\(?\s*"([#.][^"]+)"/g)) {
    const specifier = match[1] ?? "";
    const problem = judge(file, specifier);
    if (problem !== undefined) findings.push({ file, line: lineAt(text, match.index), problem, page });
  }
  return findings;
}

function judge(file: string, specifier: string): string | undefined {
  const target = specifier.startsWith("#") ? `src/${specifier.slice(1)}` : normalize(join(dirname(file), specifier));
  const [, from = "", fromFolder = ""] = file.split("/");
  const [, to = "", toFolder = ""] = target.split("/");
  if (!specifier.startsWith("#") && from !== to)
    return `'${specifier}' leaves its layer by a relative path; write #${target.replace(/^src\//, "")}`;
  if (from === to) return judgeWithin(from, file, fromFolder, target, toFolder);
  if (!(allowed[from] ?? []).includes(to)) return `${from} may not import ${to} ('${specifier}')`;
  if (from === "cli" && to === "modules" && toFolder !== "roster.ts")
    return `cli may import modules/roster.ts only ('${specifier}')`;
  if (from === "modules" && fromFolder === "trackinglogd" && !["foundation", "protocols", "channels"].includes(to)) {
    return `trackinglogd must work without a database and may not import ${to} ('${specifier}')`;
  }
  return undefined;
}

function judgeWithin(
  layer: string,
  file: string,
  fromFolder: string,
  target: string,
  toFolder: string,
): string | undefined {
  if (fromFolder === toFolder || !toFolder || toFolder.endsWith(".ts")) {
    const isRoster = layer === "modules" && toFolder === "roster.ts";
    return isRoster && fromFolder !== "watchdog" && fromFolder !== toFolder
      ? "only the watchdog reads the roster"
      : undefined;
  }
  if (layer === "modules" && fromFolder !== "roster.ts") return `a module may not import another ('${target}')`;
  if (layer === "campaign") {
    const [from, to] = [campaignFolders.indexOf(fromFolder), campaignFolders.indexOf(toFolder)];
    if (from === -1 || to === -1)
      return `campaign has no place for '${from === -1 ? fromFolder : toFolder}'; name it in scripts/check/boundaries.ts`;
    if (to > from) return `campaign/${fromFolder} may import only folders to its left, not ${toFolder}`;
  }
  return file === target ? "imports itself" : undefined;
}

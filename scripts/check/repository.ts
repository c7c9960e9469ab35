/** What holds for the repository as a whole: exact pins, no traces of a machine, reference pages that are up to date. */

import { execFileSync } from "node:child_process";

import { traceTypes } from "#foundation/log.ts";

import { buildReferencePages } from "../reference-pages.ts";
import { type Finding, listFiles, readText, root } from "./finding.ts";

/** Finds what is loose or stale. */
export async function checkRepository(): Promise<Finding[]> {
  return [...checkPins(), ...checkTraces(), ...checkTraceTypes(), ...(await checkReference()), ...checkSchemaDump()];
}

function checkPins(): Finding[] {
  const manifest = JSON.parse(readText("package.json")) as Record<string, Record<string, string> | undefined>;
  return ["dependencies", "devDependencies", "optionalDependencies"]
    .flatMap((kind) => Object.entries(manifest[kind] ?? {}))
    .filter(([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
    .map(([name, range]) => ({
      file: "package.json",
      problem: `${name} is not pinned exactly (${range})`,
      page: "CONTRIBUTING.md#dependencies",
    }));
}

function checkTraces(): Finding[] {
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  })
    .split("\n")
    .filter(Boolean);
  return tracked
    .filter(
      (file) =>
        /\.(ts|md|json|sql|toml|sample|sh|service|css|html)$/.test(file) &&
        !file.startsWith("scripts/check/") &&
        listFiles(file).length > 0,
    )
    .filter((file) => /\/work\/(?:main|shared)|\/home\/\w+\/|registry\.npmjs|deb\.debian\.org/.test(readText(file)))
    .map((file) => ({
      file,
      problem: "names a path or host of one machine",
      page: "CONTRIBUTING.md#rules-that-are-checked",
    }));
}

/** A type that `-tracefilter` takes and nothing ever writes would be a promise that is not kept. */
function checkTraceTypes(): Finding[] {
  const sources = listFiles("src/**/*.ts")
    .filter((file) => !file.endsWith(".test.ts"))
    .map(readText)
    .join("\n");
  return traceTypes
    .filter((type) => !new RegExp(`\\.trace\\(\\s*"${type}"`).test(sources))
    .map((type) => ({
      file: "src/foundation/log.ts",
      problem: `no line is ever traced as ${type}`,
      page: "CONTRIBUTING.md#rules-that-are-checked",
    }));
}

async function checkReference(): Promise<Finding[]> {
  const pages = await buildReferencePages();
  return Object.entries(pages)
    .filter(([file, text]) => listFiles(file).length === 0 || readText(file) !== text)
    .map(([file]) => ({ file, problem: "is out of date; run: npm run docs", page: "CONTRIBUTING.md#papers" }));
}

function checkSchemaDump(): Finding[] {
  try {
    execFileSync(process.execPath, ["scripts/database-dump.ts", "--check"], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    });
    return [];
  } catch {
    return [
      {
        file: "database/schema.sql",
        problem: "is not what the migrations make; run: npm run db:dump",
        page: "CONTRIBUTING.md#the-database",
      },
    ];
  }
}

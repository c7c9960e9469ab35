/** Finds the information services that somebody names, among those that he may see. */

import { runQuery } from "#datamodel/query-def/run-query.ts";
import type { DataContext } from "#datamodel/viewer.ts";

import { serviceUnknown, tooManyServices } from "./errors.ts";

export type InformationService = {
  readonly id: number;
  readonly name: string;
  /** How long a subscription lasts; 0 = until it is ended. */
  readonly validityDays: number;
};

const mostServices = 100;

/**
 * The services of a list of internal names.
 * @param names separated by commas
 * @throws serviceUnknown, tooManyServices
 */
export async function findServices(context: DataContext, names: string): Promise<InformationService[]> {
  const given = names.split(",").map((name) => name.trim());
  const wanted = [...new Set(given.filter((name) => name !== ""))];
  if (wanted.length === 0) return [];
  if (wanted.length > mostServices) throw tooManyServices({ most: mostServices });
  const result = await runQuery(
    context,
    {
      schema: "nms:service",
      operation: "select",
      select: ["@id", "@name", "@validityDays"].map((expr) => ({ expr })),
      where: [
        { kind: "expression", expr: "@isModel = 0" },
        { kind: "expression", expr: `@name in (${wanted.map((_, index) => `$(name${index})`).join(", ")})` },
      ],
    },
    { parameters: Object.fromEntries(wanted.map((name, index) => [`name${index}`, name])) },
  );
  const found = result.kind === "rows" ? result.rows.map(readService) : [];
  const missing = wanted.find((name) => found.every((service) => service.name !== name));
  if (missing !== undefined) throw serviceUnknown({ service: missing });
  return found;
}

function readService([id, name, validityDays]: readonly unknown[]): InformationService {
  return { id: Number(id), name: String(name), validityDays: Number(validityDays) };
}

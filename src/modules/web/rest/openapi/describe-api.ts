/** Describes the interface as OpenAPI 3.1, from the schemas and the services. Loaded when it is first asked for. */

import { writeRules } from "#campaign/entities/write-rules.ts";
import { version } from "#foundation/version.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import type { EntityNames } from "../entity-names.ts";
import type { Reach } from "../entities/reach.ts";
import { restMethods } from "../methods/rest-methods.ts";
import { commonParameters, commonResponses, commonSchemas, security, securitySchemes } from "./common-parts.ts";
import { type DescribedEntity, describeEntityPaths } from "./describe-entity.ts";
import { describeAnswer, describeInput } from "./describe-fields.ts";
import { fixedPaths, fixedSchemas } from "./describe-fixed.ts";
import { describeMethodPath } from "./describe-methods.ts";
import type { JsonSchema } from "./json-schema.ts";

export type OpenApi = {
  readonly openapi: "3.1.0";
  readonly info: object;
  readonly servers: readonly object[];
  readonly security: typeof security;
  readonly tags: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>;
};

const about = `Everything that is stored here, as JSON, with the rights of the operator on whose behalf it is asked.

Make a token with POST /api/v1/api-tokens and send it as \`Authorization: Bearer pr_...\`. Errors are problem documents (RFC 9457). Lists are
read page by page: follow \`next\`.`;

/** @param entities those that the caller may see, with whether he may write them */
export function describeApi(
  names: EntityNames,
  entities: readonly { readonly name: string; readonly schema: Schema; readonly mayWrite: boolean }[],
  reach: Reach,
): OpenApi {
  const described = nameComponents(entities);
  const methods = restMethods(names);
  const known = new Set(entities.map(({ name }) => name));
  const hidden = new Set(names.all.map(({ name }) => name).filter((name) => !known.has(name)));
  const open = methods.filter(({ resource }) => !hidden.has(resource));
  const resources = new Set(open.map(({ resource }) => resource).filter((resource) => !known.has(resource)));
  return {
    openapi: "3.1.0",
    info: {
      title: "Postrider",
      version,
      description: about,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security,
    tags: [
      { name: "about", description: "The interface itself" },
      { name: "api-tokens", description: "Tokens for programs" },
      ...described.map(({ name, schema }) => ({ name, description: `${schema.label} (${schemaId(schema)})` })),
      ...[...resources].map((name) => ({ name, description: "Methods without a table" })),
    ],
    paths: {
      ...fixedPaths,
      ...Object.assign({}, ...described.map(describeEntityPaths)),
      ...Object.fromEntries(open.map(describeMethodPath)),
    } as OpenApi["paths"],
    components: {
      schemas: {
        ...commonSchemas,
        ...fixedSchemas,
        ...Object.assign({}, ...described.map((entity) => describeSchemas(entity, reach))),
      },
      parameters: commonParameters,
      responses: commonResponses,
      securitySchemes,
    },
  };
}

/** `nms:recipient` is `Recipient`; of two with the same name the second one has its namespace in front. */
function nameComponents(entities: Parameters<typeof describeApi>[1]): DescribedEntity[] {
  const taken = new Set([...Object.keys(commonSchemas), ...Object.keys(fixedSchemas)]);
  return entities.map((entity) => {
    const plain = capitalized(entity.schema.name);
    const isTaken = taken.has(plain) || taken.has(`${plain}Input`);
    const component = isTaken ? capitalized(entity.schema.namespace) + plain : plain;
    taken.add(component).add(`${component}Input`);
    return { ...entity, component };
  });
}

function capitalized(word: string): string {
  return word.replace(/^./, (first) => first.toUpperCase());
}

function describeSchemas({ schema, component, mayWrite }: DescribedEntity, reach: Reach): Record<string, JsonSchema> {
  const links = reach.linksOf(schema);
  const answered = { [component]: describeAnswer(schema, links) };
  if (!mayWrite) return answered;
  const extras = writeRules.get(schemaId(schema))?.extras ?? {};
  return { ...answered, [`${component}Input`]: describeInput(schema, links, extras) };
}

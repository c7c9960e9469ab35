/** Installs a package: `<pkgDesc><package namespace name label><entities schema="xtk:option"><option .../></entities></package></pkgDesc>`. */

import type { EntityInput } from "#datamodel/write/entity-input.ts";
import { writeEntities } from "#datamodel/write/write-entities.ts";
import type { WriteContext } from "#datamodel/write/write-context.ts";
import { childrenOf, type XmlElement } from "#protocols/soap/xml-element.ts";
import { builderService } from "#schemas/builder-service.ts";

import { packageInvalid } from "../../../errors.ts";
import { defineMethod } from "../../define-method.ts";
import { readEntity } from "../../documents/read-entity.ts";
import { requireDocument } from "../../documents/require-document.ts";

const mostEntities = 50_000;

/**
 * Writes the entities of every package of the document, in their order, and notes the packages as installed: all or none.
 * @throws packageInvalid, entityInvalid, and the errors of the writer
 */
export const installPackage = defineMethod(builderService, "InstallPackage", async (call, document) => {
  const root = requireDocument(document, "package");
  const context = await call.writeContext();
  // The root's tag means nothing: it holds packages, or is one.
  const within = childrenOf(root).filter(({ name }) => name === "package");
  const packages = within.length === 0 ? [root] : within;
  const now = call.context.clock.now();
  const entities = packages.flatMap((element) => [
    ...readEntities(context, element),
    installedPackage(element, now, context.viewer.operatorId),
  ]);
  if (entities.length > mostEntities) throw packageInvalid({ problem: `it holds more than ${mostEntities} entities` });
  await writeEntities(context, entities);
  return [];
});

function readEntities({ schemas }: WriteContext, element: XmlElement): EntityInput[] {
  const groups = childrenOf(element).filter(({ name }) => name === "entities");
  return groups.flatMap((group) => {
    const id = group.attributes.get("schema")?.trim() ?? "";
    const schema = schemas.find(id);
    if (schema === undefined || schema.isHidden === true)
      throw packageInvalid({ problem: `there is no schema '${id.slice(0, 100)}'` });
    return childrenOf(group).map((entity) => readEntity(schemas, schema, entity));
  });
}

function installedPackage({ attributes }: XmlElement, now: Date, installedBy: number): EntityInput {
  const read = (name: string): string => attributes.get(name)?.trim() ?? "";
  if (read("name") === "" || read("namespace") === "")
    throw packageInvalid({ problem: "the package has no namespace or no name" });
  const shown = ["namespace", "name", "label", "vendor", "buildVersion", "buildNumber"] as const;
  return {
    schema: "xtk:package",
    key: ["@namespace", "@name"],
    values: new Map<string, string | number>([
      ...shown.map((name) => [name, read(name)] as const),
      ["installed", now.toISOString()],
      ["installedBy-id", installedBy],
    ]),
    links: new Map(),
    collections: new Map(),
  };
}

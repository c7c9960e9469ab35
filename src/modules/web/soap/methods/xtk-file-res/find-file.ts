/** Finds the file resource that a method is called on. */

import { requireReadable } from "#campaign/entities/require-entity.ts";
import { runQuery } from "#datamodel/query-def/run-query.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";

import type { SoapCall } from "../../soap-call.ts";

export type StoredFile = {
  readonly internalName: string;
  readonly md5: string;
  readonly fileName: string;
  readonly contentType: string;
};

/** @throws entityUnknown */
export async function findFile(call: SoapCall, document: XmlElement): Promise<StoredFile> {
  const context = await call.dataContext();
  const reference = document.attributes.get("id") ?? document.attributes.get("internalName") ?? "";
  const id = await requireReadable(context, "xtk:fileRes", reference);
  const result = await runQuery(
    context,
    {
      schema: "xtk:fileRes",
      operation: "get",
      select: ["@internalName", "@md5", "@fileName", "@contentType"].map((expr) => ({ expr })),
      where: [{ kind: "expression", expr: "@id = $(id)" }],
    },
    { parameters: { id } },
  );
  const [internalName, md5, fileName, contentType] =
    result.kind === "rows" ? (result.rows[0] ?? []).map((value) => (typeof value === "string" ? value : "")) : [];
  return { internalName: internalName ?? "", md5: md5 ?? "", fileName: fileName ?? "", contentType: contentType ?? "" };
}

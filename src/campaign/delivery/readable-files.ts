/** Which uploaded files the author of a delivery may put into it. */

import { findViewer } from "#campaign/access/find-viewer.ts";
import type { FileCondition } from "#campaign/content/message-file-store.ts";
import { schemasOf } from "#campaign/structure/instance-schemas.ts";
import { rowRights } from "#datamodel/rights/row-rights.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";

import type { Delivery } from "./delivery.ts";

/**
 * The rows of xtk_file_res that whoever described the delivery last may read; undefined = all.
 * @throws authorGone
 */
export async function readableFiles(
  context: Pick<Context, "db" | "clock" | "log" | "settings">,
  { modifiedBy }: Pick<Delivery, "modifiedBy">,
): Promise<FileCondition | undefined> {
  const schemas = await schemasOf(context);
  const schema = schemas.find("xtk:fileRes");
  const viewer = await findViewer(context.db, modifiedBy, context.settings.of(instanceSettings).timezone);
  return schema && rowRights({ schema, schemas, viewer, purpose: "read", alias: "f" });
}

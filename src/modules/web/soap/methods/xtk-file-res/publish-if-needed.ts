/** Makes sure that a file is at its address: its content has to be uploaded before. */

import { fileResService } from "#schemas/file-res-service.ts";

import { fileMissing } from "../../../errors.ts";
import { extensionOf, openUpload } from "../../../pages/plain/uploaded-files.ts";
import { defineEntityMethod } from "../../define-method.ts";
import { findFile } from "./find-file.ts";

/** @throws entityUnknown, fileMissing */
export const publishIfNeeded = defineEntityMethod(fileResService, "PublishIfNeeded", async (call, document) => {
  const { internalName, md5, fileName } = await findFile(call, document);
  const content = await openUpload(call.context, { md5: md5.toLowerCase(), extension: extensionOf(fileName) });
  if (content === undefined) throw fileMissing({ file: internalName });
  await content.close();
  return { outputs: [] };
});

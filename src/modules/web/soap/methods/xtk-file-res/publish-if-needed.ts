/**
 * Makes sure that a file is at its address: its content has to be uploaded before. It is kept in the database too, so that every host
 * that sends messages finds what they attach and show.
 */

import { keepFileContent } from "#campaign/content/message-file-store.ts";
import { extensionOf, openUpload } from "#foundation/uploaded-files.ts";
import { fileResService } from "#schemas/file-res-service.ts";

import { fileMissing } from "../../../errors.ts";
import { defineEntityMethod } from "../../define-method.ts";
import { findFile } from "./find-file.ts";

/** What is larger is no part of a message. */
const mostKeptBytes = 10_485_760;

/** @throws entityUnknown, fileMissing */
export const publishIfNeeded = defineEntityMethod(fileResService, "PublishIfNeeded", async (call, document) => {
  const { internalName, md5, fileName } = await findFile(call, document);
  const file = await openUpload(call.context, { md5: md5.toLowerCase(), extension: extensionOf(fileName) });
  if (file === undefined) throw fileMissing({ file: internalName });
  try {
    const { size } = await file.stat();
    if (size <= mostKeptBytes)
      await keepFileContent(call.context.db, internalName, md5.toLowerCase(), await file.readFile());
  } finally {
    await file.close();
  }
  return { outputs: [] };
});

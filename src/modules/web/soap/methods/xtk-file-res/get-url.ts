/** The address of an uploaded file; whoever asks for it there needs a session. */

import { publicUrl } from "#campaign/delivery/public-url.ts";
import { fileResService } from "#schemas/file-res-service.ts";

import { extensionOf } from "#foundation/uploaded-files.ts";
import { defineEntityMethod } from "../../define-method.ts";
import { findFile } from "./find-file.ts";

/** @throws entityUnknown */
export const getUrl = defineEntityMethod(fileResService, "GetURL", async (call, document) => {
  const { md5, fileName, contentType } = await findFile(call, document);
  const query = new URLSearchParams({ md5: md5.toLowerCase(), ext: extensionOf(fileName), fileName, contentType });
  return { outputs: [`${publicUrl(call.context)}/nl/jsp/downloadFile.jsp?${query.toString()}`] };
});

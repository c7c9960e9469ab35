/** `downloadFile.jsp`: gives an uploaded file back, to be kept, never to be shown as a page of ours. */

import type { FastifyReply } from "fastify";

import { isProbe } from "#campaign/access/operator.ts";
import type { Session } from "#campaign/access/find-session.ts";

import { fileNotFound } from "../../errors.ts";
import { type PublicCall, valueOf } from "../page-call.ts";
import { extensionOf, openUpload } from "#foundation/uploaded-files.ts";

/** What a browser does with it, should it not keep it: no script, no origin. */
const filePolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";

/** @throws fileNotFound */
export async function downloadFile(
  { context, request, reply }: PublicCall,
  { operator }: Session,
): Promise<FastifyReply> {
  const md5 = valueOf(request.query, "md5").toLowerCase();
  const extension = extensionOf(`.${valueOf(request.query, "ext").replace(/^\./, "")}`);
  const file = isProbe(operator) ? undefined : await openUpload(context, { md5, extension });
  if (file === undefined) throw fileNotFound();
  const { size } = await file.stat();
  const name = valueOf(request.query, "fileName") || md5;
  return reply
    .headers({
      "content-type": contentTypeOf(valueOf(request.query, "contentType")),
      "content-length": size,
      "content-disposition": `attachment; filename*=UTF-8''${encodeName(name.slice(0, 255))}`,
      "content-security-policy": filePolicy,
    })
    .send(file.createReadStream());
}

function contentTypeOf(wish: string): string {
  return /^[\w.+-]{1,60}\/[\w.+-]{1,80}(; ?charset=[\w-]{1,40})?$/.test(wish) ? wish : "application/octet-stream";
}

/** RFC 8187: what encodeURIComponent leaves, and a header's own form does not. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/['()*!]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** `uploadFile.jsp`: takes one file, field `file_noMd5`, from a program with session and security token. */

import type { IncomingMessage } from "node:http";

import type { MultipartFile } from "@fastify/multipart";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { admitCaller } from "#campaign/access/admit-caller.ts";
import type { Context } from "#foundation/module.ts";

import { fileNameRefused, fileTooLarge, uploadMissing } from "../../errors.ts";
import { webFilesSettings } from "../../settings.ts";
import type { WebContext } from "../../web-context.ts";
import { openCall } from "../page-call.ts";
import { headerOf } from "../../http/header-of.ts";
import { answerPlainError, presentedToken } from "./plain-call.ts";
import { extensionOf, storeUpload, type UploadedFile } from "#foundation/uploaded-files.ts";

const path = "/nl/jsp/uploadFile.jsp";
const bytesPerMb = 1_048_576;

/** Adds the route. Who sends is checked before a byte of his file is read; the reader is loaded with the first upload. */
export function openUploads(app: FastifyInstance, web: WebContext): void {
  const contexts = new WeakMap<IncomingMessage, Context>();
  let reader: Promise<FastifyInstance> | undefined;
  // The body stays on the socket: it is the reader's.
  app.addContentTypeParser("multipart/form-data", (_, __, done) => done(null));
  app.post(path, async (request, reply) => {
    contexts.set(request.raw, await admitUpload(web, request, reply));
    const { routing } = await (reader ??= openReader(web, contexts));
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    routing(request.raw, reply.raw);
  });
  app.addHook("onClose", async () => (await reader)?.close());
}

/** @throws sessionInvalid, zoneRefused */
async function admitUpload(web: WebContext, request: FastifyRequest, reply: FastifyReply): Promise<Context> {
  const { context } = await openCall(web, request, reply);
  const securityToken = headerOf(request, "x-security-token") ?? "";
  await admitCaller(context, request.client, { ...presentedToken(request), securityToken });
  return context;
}

async function openReader(web: WebContext, contexts: WeakMap<IncomingMessage, Context>): Promise<FastifyInstance> {
  const [{ default: fastify }, { default: multipart }] = await Promise.all([
    import("fastify"),
    import("@fastify/multipart"),
  ]);
  const { maxUploadMb } = web.host.settings.of(webFilesSettings);
  const reader = fastify({ logger: false, bodyLimit: (maxUploadMb + 1) * bytesPerMb });
  await reader.register(multipart, {
    limits: { files: 1, fields: 10, parts: 11, fileSize: maxUploadMb * bytesPerMb, fieldSize: 10_000, headerPairs: 50 },
  });
  reader.setErrorHandler((error, _, reply) => answerPlainError(web, error, reply));
  reader.post(path, async (request, reply) => {
    const context = contexts.get(request.raw);
    const file = request.isMultipart() ? await request.file() : undefined;
    if (context === undefined || file === undefined || file.fieldname !== "file_noMd5") throw uploadMissing();
    const { filename } = file;
    const stored = await store(context, file);
    return reply.type("text/html; charset=utf-8").send(renderAnswer(filename, stored));
  });
  await reader.ready();
  return reader;
}

async function store(context: Context, { filename, file }: MultipartFile): Promise<UploadedFile> {
  const { uploadAllowlist, maxUploadMb } = context.settings.of(webFilesSettings);
  try {
    if (!isFileName(filename) || !uploadAllowlist.some((mask) => matches(mask, filename))) throw fileNameRefused();
    const stored = await storeUpload(context, file, extensionOf(filename));
    if (stored === undefined) throw fileTooLarge({ limitMb: maxUploadMb });
    context.log.info("web.file_uploaded", { md5: stored.md5, bytes: stored.size });
    return stored;
  } finally {
    // What is left of a refused body is read to its end, so that the client hears why.
    file.resume();
  }
}

/** A name and nothing else: no folder, no drive, nothing that a terminal or a file system would read otherwise. */
function isFileName(name: string): boolean {
  // eslint-disable-next-line no-control-regex -- naming control characters is the purpose
  return name.length <= 255 && name.isWellFormed() && !/[\u0000-\u001f\u007f/\\:]|^\.*$|\.$/.test(name);
}

function matches(mask: string, name: string): boolean {
  try {
    return new RegExp(`^(?:${mask})$`, "su").test(name);
  } catch {
    // An expression that cannot be read lets nothing through.
    return false;
  }
}

/** The page that clients write into a frame: its script hands the file's name and md5 to the page around it. */
function renderAnswer(fileName: string, { md5, name }: UploadedFile): string {
  const info = JSON.stringify([{ paramName: "file_noMd5", fileName, newFileName: name, md5 }])
    .replaceAll("<", "\\u003c")
    .replaceAll(">", "\\u003e")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  const controller = "window.parent.document.controller";
  return `Ok\n<html><head><script type="text/javascript">if(window.parent&&${controller}){${controller}.uploadFileCallBack(${info})}</script></head><body></body></html>\n`;
}

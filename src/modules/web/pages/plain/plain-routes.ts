/** The plain pages of Classic: asked by probes and programs, answered in lines, XML or files. */

import type { FastifyInstance, FastifyReply } from "fastify";

import type { WebContext } from "../../web-context.ts";
import { openCall, type PublicCall } from "../page-call.ts";
import { downloadFile } from "./download-file.ts";
import { mcPing } from "./mc-ping.ts";
import { monitor } from "./monitor.ts";
import { ping } from "./ping.ts";
import { answerPlainError, needsSession } from "./plain-call.ts";
import { openUploads } from "./upload-file.ts";
import { zoneInfo } from "./zone-info.ts";

/** Adds them, each with errors told in one line. */
export async function addPlainRoutes(root: FastifyInstance, web: WebContext): Promise<void> {
  await root.register(async (app) => {
    app.setErrorHandler((error, _, reply) => answerPlainError(web, error, reply));
    const page = (path: string, show: (call: PublicCall) => Promise<FastifyReply>): void => {
      app.get(path, async (request, reply) => show(await openCall(web, request, reply)));
    };
    page("/nl/jsp/ping.jsp", needsSession(ping));
    page("/nl/jsp/mcPing.jsp", needsSession(mcPing));
    page("/nl/jsp/monitor.jsp", needsSession(monitor));
    page("/nl/jsp/downloadFile.jsp", needsSession(downloadFile));
    page("/xtk/jsp/zoneinfo.jsp", zoneInfo);
    openUploads(app, web);
  });
}

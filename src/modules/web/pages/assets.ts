/** Files that pages refer to: read once, served under names that change with their content, so that they may be kept for ever. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { FastifyInstance } from "fastify";

import { type Html, html } from "./html.ts";

export type Asset = { readonly path: string; readonly type: string; readonly content: Buffer };

export const stylesheet = readAsset("console.css", "text/css; charset=utf-8");
export const refreshScript = readAsset("refresh.js", "text/javascript; charset=utf-8");
const iconFile = readAsset("icon.svg", "image/svg+xml");

/** The sign of the product, as part of a page. */
export const icon: Html = html`<img src="/assets/icon.svg" width="24" height="24" alt="">`;

/** Serves the files; the icon also under a name of its own. */
export function addAssetRoutes(app: FastifyInstance): void {
  for (const { path, type, content } of [stylesheet, refreshScript, { ...iconFile, path: "/assets/icon.svg" }]) {
    app.get(path, async (_, reply) =>
      reply.type(type).header("cache-control", "public, max-age=31536000, immutable").send(content),
    );
  }
}

function readAsset(name: string, type: string): Asset {
  const content = readFileSync(join(import.meta.dirname, "assets", name));
  const mark = createHash("sha256").update(content).digest("hex").slice(0, 10);
  return { path: `/assets/${mark}-${name}`, type, content };
}

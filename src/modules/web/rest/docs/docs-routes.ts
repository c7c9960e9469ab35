/** `/api/v1/docs`: a page to try the interface. Its program is large and read from disk at the first visit only. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import type { FastifyInstance } from "fastify";

/** Styles within elements are needed by the page's program; scripts come from files of ours only. */
const docsPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ownFolder = import.meta.dirname;
const assets: Readonly<Record<string, { folder: "own" | "swagger"; type: string }>> = {
  "swagger-ui.css": { folder: "swagger", type: "text/css; charset=utf-8" },
  "swagger-ui-bundle.js": { folder: "swagger", type: "text/javascript; charset=utf-8" },
  "docs.css": { folder: "own", type: "text/css; charset=utf-8" },
  "docs.js": { folder: "own", type: "text/javascript; charset=utf-8" },
};

/** Adds the page and its files. They are the same for everyone and say nothing about what is stored here. */
export function addDocsRoutes(app: FastifyInstance): void {
  app.get("/v1/docs", async (_, reply) =>
    reply
      .header("content-security-policy", docsPolicy)
      .type("text/html; charset=utf-8")
      .send(await readFile(join(ownFolder, "docs.html"), "utf8")),
  );
  for (const [name, { folder, type }] of Object.entries(assets)) {
    app.get(`/v1/docs/${name}`, async (_, reply) =>
      reply
        .header("cache-control", "public, max-age=3600")
        .type(type)
        .send(await readFile(join(folder === "own" ? ownFolder : swaggerFolder(), name))),
    );
  }
}

function swaggerFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve("@fastify/swagger-ui/package.json")), "static");
}

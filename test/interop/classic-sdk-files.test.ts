import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { runInNewContext } from "node:vm";

import type { Client } from "@adobe/acc-js-sdk";

import { aClient, at, query, type Refusal } from "#test/support/classic-client.ts";
import { inReverse } from "#test/support/endings.ts";
import { aWeb } from "#test/support/web.ts";

let client: Client;
const ending = inReverse({ after });

before(async () => {
  const web = await aWeb(ending);
  client = await aClient(web.url);
});

/** As much of a browser as the SDK's upload needs: the server's answer is a page, whose script calls the SDK back. */
function pretendBrowser(): () => void {
  const written = {};
  const run = (html: string): void => {
    const script = /<script[^>]*>(.*)<\/script>/s.exec(html)?.[1];
    assert.ok(script !== undefined, `the answer is a page with a script: ${html}`);
    runInNewContext(script, { window: { parent: { document: written } } });
  };
  const frame = {
    style: {},
    contentWindow: { document: { open: () => undefined, write: run, close: () => undefined } },
  };
  Object.assign(written, { createElement: () => frame, body: { appendChild: () => undefined } });
  Object.assign(globalThis, { window: {}, document: written });
  return () => {
    Reflect.deleteProperty(globalThis, "window");
    Reflect.deleteProperty(globalThis, "document");
  };
}

const text = `é <b>"bytes"</b> ${"x".repeat(1_000)}`;
const md5 = createHash("md5").update(text).digest("hex");

async function upload(name: string, options?: { readonly action: "none" }): Promise<unknown> {
  const leave = pretendBrowser();
  try {
    return await client.fileUploader.upload(new File([text], name, { type: "text/plain" }), options);
  } finally {
    leave();
  }
}

test("what is uploaded is stored as a file resource, has an address, and is downloaded as the same bytes", async () => {
  const result = await upload("notes.txt");
  assert.equal(String(at(result, "md5")).toLowerCase(), md5);
  assert.match(String(at(result, "url")), /downloadFile\.jsp\?md5=/);
  const stored = await query(client, {
    schema: "xtk:fileRes",
    operation: "select",
    select: { node: [{ expr: "@fileName" }, { expr: "@internalName" }] },
    where: { condition: [{ expr: `Lower(@md5) = '${md5}'` }] },
  });
  assert.equal(at(stored, "fileRes", 0, "fileName"), "notes.txt");
  assert.match(String(at(stored, "fileRes", 0, "internalName")), /^RES\d+$/);
  assert.equal(await client.fileUploader.download(md5, "txt", { fileName: "notes.txt" }), text);
});

test("a name that is not allowed is refused, and what was never uploaded is not found", async () => {
  await assert.rejects(upload("notes.exe\u0000.txt", { action: "none" }));
  await assert.rejects(
    client.fileUploader.download("0".repeat(32), "txt"),
    (error: Refusal) => error.statusCode !== 200,
  );
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";

import type { Client } from "@adobe/acc-js-sdk";

import { aClient } from "#test/support/classic-client.ts";
import { inReverse } from "#test/support/endings.ts";
import { aWeb, type RunningWeb } from "#test/support/web.ts";

let web: RunningWeb;
let client: Client & {
  mcPing(): Promise<unknown>;
  readonly fileUploader: { download(md5: string, ext: string, options?: object): Promise<string> };
};
const ending = inReverse({ after });

before(async () => {
  web = await aWeb(ending);
  // What the package's types leave out.
  client = (await aClient(web.url)) as typeof client;
});

test("ping answers its status and the server's time", async () => {
  const { status, timestamp } = (await client.ping()) as { status: string; timestamp: string };
  assert.equal(status, "OK");
  assert.ok(Math.abs(new Date(timestamp).getTime() - Date.now()) < 60_000);
});

test("mcPing answers how many events wait, and how many may", async () => {
  const { status, eventQueueSize, eventQueueMaxSize } = (await client.mcPing()) as Record<string, unknown>;
  assert.deepEqual([status, String(eventQueueSize), String(eventQueueMaxSize)], ["Ok", "0", "400"]);
});

test("a file that was uploaded as browsers do comes back through the SDK", async () => {
  const content = "name;city\nÅsa;Malmö\n";
  const form = new FormData();
  form.append("file_noMd5", new File([content], "list.csv"));
  const answer = await fetch(`${web.url}/nl/jsp/uploadFile.jsp`, {
    method: "POST",
    headers: { "X-Session-Token": client._sessionToken, "X-Security-Token": client._securityToken },
    body: form,
  });
  const text = await answer.text();
  const md5 = createHash("md5").update(content).digest("hex");
  assert.ok(text.startsWith("Ok") && text.includes(`"md5":"${md5}"`), text);
  assert.equal(
    await client.fileUploader.download(md5, "csv", { fileName: "list.csv", contentType: "text/csv" }),
    content,
  );
});

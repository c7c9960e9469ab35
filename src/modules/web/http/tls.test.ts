import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "node:tls";

import { ensureFirstOperators } from "#campaign/access/ensure-first-operators.ts";
import { aContext } from "#test/support/context.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { aWeb } from "#test/support/web.ts";

import { openWeb } from "../open-web.ts";

const certificates = join(import.meta.dirname, "../../../../test/support/certificates");

function someFiles(t: Parameters<typeof aWeb>[0]): { folder: string; settings: string; use(name: string): void } {
  const folder = aFolder(t);
  const use = (name: string): void => {
    for (const end of ["crt", "key"]) copyFileSync(join(certificates, `${name}.${end}`), join(folder, `web.${end}`));
  };
  use("localhost");
  const settings = `web.tls.certificate = "${folder}/web.crt"\nweb.tls.key = "${folder}/web.key"\n`;
  return { folder, settings, use };
}

type Answer = { status: number | undefined; headers: Record<string, unknown>; subject: string };

function ask(port: number, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, rejectUnauthorized: false, agent: false }, (response) => {
      const { socket } = response;
      const subject =
        "getPeerCertificate" in socket
          ? JSON.stringify((socket as ReturnType<typeof connect>).getPeerCertificate().subjectaltname)
          : "";
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, subject }));
    }).on("error", reject);
  });
}

test("with a certificate web speaks TLS, says so to browsers, and calls its cookies secure", async (t) => {
  const { settings } = someFiles(t);
  const web = await aWeb(t, { settings });
  const answer = await ask(web.port, "/health");
  assert.equal(answer.status, 200);
  assert.match(String(answer.headers["strict-transport-security"]), /^max-age=\d{7,}/);
  await assert.rejects(web.get("/health"), "plain HTTP is not answered");
});

test("TLS before 1.2 is refused", async (t) => {
  const { settings } = someFiles(t);
  const web = await aWeb(t, { settings });
  const handshake = (version: "TLSv1.1" | "TLSv1.2"): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: web.port, rejectUnauthorized: false, ciphers: "DEFAULT@SECLEVEL=0" };
      const socket = connect({ ...options, minVersion: version, maxVersion: version }, () => {
        resolve(socket.getProtocol());
        socket.destroy();
      });
      socket.on("error", reject);
    });
  await assert.rejects(handshake("TLSv1.1"));
  assert.equal(await handshake("TLSv1.2"), "TLSv1.2");
});

test("a renewed certificate is taken without a restart, and a broken one is named and not taken", async (t) => {
  const { folder, settings, use } = someFiles(t);
  const web = await aWeb(t, { settings });
  const first = (await ask(web.port, "/health")).subject;
  writeFileSync(join(folder, "web.crt"), "no certificate");
  await until(
    () => web.records.some(({ event }) => event === "web.certificate_unusable"),
    "the broken certificate to be named",
  );
  assert.equal((await ask(web.port, "/health")).subject, first);
  use("mx.example.test");
  await until(async () => (await ask(web.port, "/health")).subject !== first, "the new certificate to be shown");
});

test("a certificate that cannot be used ends the start with its file's name", async (t) => {
  const { folder, settings } = someFiles(t);
  writeFileSync(join(folder, "web.key"), readFileSync(join(certificates, "mx.example.test.key")));
  const context = await aContext(t, { settings: `web.port = 0\n${settings}` });
  await ensureFirstOperators(context.db, { POSTRIDER_ADMIN_PASSWORD: adminPassword });
  await assert.rejects(openWeb(context), { code: "WEB-100007", message: /web\.(crt|key)/ });
});

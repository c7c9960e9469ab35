import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { type MailboxAddress, openMailbox } from "#protocols/pop3/open-mailbox.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aTcpPort } from "#test/support/free-ports.ts";
import { aFolder } from "#test/support/temporary-folder.ts";

import { startProgram, untilListening } from "./start-program.ts";

/** Dovecot wants to be root, and gives mail to an ordinary user: nobody. */
const nobody = 65_534;

const mails = [
  "From: a@example.org\r\nSubject: one\r\n\r\nfirst\r\n",
  "From: b@example.org\r\nSubject: dots\r\n\r\n.\r\n..two\r\n.three\r\nend\r\n",
  `From: c@example.org\r\nSubject: bytes\r\n\r\n${"\u00e9\u4e2d".repeat(500)}\r\n`,
];

async function aDovecot(t: Ending): Promise<MailboxAddress> {
  const folder = aFolder(t);
  const port = await aTcpPort();
  const inbox = join(folder, "mail", "new");
  for (const path of ["run", "state", "mail", "mail/new", "mail/cur", "mail/tmp"]) mkdirSync(join(folder, path));
  mails.forEach((mail, index) => writeFileSync(join(inbox, `${1_700_000_000 + index}.M${index}.host`), mail));
  for (const path of ["mail", "mail/new", "mail/cur", "mail/tmp"]) {
    chownSync(join(folder, path), nobody, nobody);
    chmodSync(join(folder, path), 0o700);
  }
  mails.forEach((_, index) => chownSync(join(inbox, `${1_700_000_000 + index}.M${index}.host`), nobody, nobody));
  writeFileSync(join(folder, "users"), "bounce:{PLAIN}secret\n");
  writeFileSync(
    join(folder, "dovecot.conf"),
    `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
ssl = no
disable_plaintext_auth = no
protocols = pop3
listen = 127.0.0.1
first_valid_uid = 1
mail_location = maildir:${folder}/mail
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = static
  args = uid=${nobody} gid=${nobody} home=${folder}/mail
}
service pop3-login {
  inet_listener pop3 {
    port = ${port}
  }
  inet_listener pop3s {
    port = 0
  }
}
`,
  );
  const program = startProgram(t, "dovecot", ["-F", "-c", join(folder, "dovecot.conf")]);
  await untilListening(program, port);
  return { host: "127.0.0.1", port, login: "bounce", password: "secret", encryption: "none", timeoutMs: 10_000 };
}

test("Dovecot's mails are read byte for byte, and only those deleted are gone", {
  skip: process.getuid?.() !== 0,
}, async (hooks) => {
  const address = await aDovecot(inReverse(hooks));
  const mailbox = await openMailbox(address);
  const entries = await mailbox.list(10);
  assert.equal(entries.length, mails.length);
  assert.equal(new Set(entries.map(({ uid }) => uid)).size, mails.length);
  for (const [index, { number }] of entries.entries()) {
    const { content } = await mailbox.retrieve(number, 1_000_000);
    assert.equal(content.toString("utf8"), mails[index]);
  }
  await mailbox.delete(entries[0]?.number ?? 0);
  await mailbox.quit();

  const again = await openMailbox(address);
  assert.deepEqual(
    (await again.list(10)).map(({ uid }) => uid),
    entries.slice(1).map(({ uid }) => uid),
  );
  again.abandon();
});

test("Dovecot's refusal of a password is told as such", { skip: process.getuid?.() !== 0 }, async (hooks) => {
  const address = await aDovecot(inReverse(hooks));
  await assert.rejects(openMailbox({ ...address, password: "wrong" }), /auth|login|password/i);
});

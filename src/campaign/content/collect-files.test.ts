import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Context } from "#foundation/module.ts";
import { instanceFolder } from "#foundation/home.ts";
import { sql } from "#foundation/sql.ts";
import { aContext } from "#test/support/context.ts";
import { anUpload, md5Of } from "#test/support/uploads.ts";

import { collectFiles, type FileWishes } from "./collect-files.ts";
import { keepFileContent } from "./message-file-store.ts";

const publicUrl = "https://mail.shop.test";
const limits = { maxAttachments: 3, maxAttachmentsKb: 10, maxImageKb: 2 };

test("files of this platform are attached and embedded, from its disk or its database", async (t) => {
  const context = await aContext(t);
  const logo = await anUpload(context, "LOGO", "logo.png", "png bytes");
  await anUpload(context, "PRICES", "prices.pdf", "%PDF");
  await context.db
    .run`insert into xtk_file_res (internal_name, file_name, md5) values ('KEPT', 'kept.txt', ${md5Of("kept")})`;
  assert.equal(await keepFileContent(context.db, "KEPT", md5Of("kept"), Buffer.from("kept")), 1);
  const address = `${publicUrl}/nl/jsp/downloadFile.jsp?md5=${logo}&ext=png`;
  const { attachments, images, problems } = await collect(context, {
    attachments: [
      { file: "PRICES", name: "Our prices.pdf" },
      { file: "KEPT", name: "" },
    ],
    images: ["cid:LOGO", address],
  });
  assert.deepEqual(
    problems.map(({ level }) => level),
    ["warning"],
  );
  assert.match(
    attachments[0]?.toString() ?? "",
    /^Content-Type: application\/pdf\r\n[^]*filename="Our prices.pdf"\r\n\r\nJVBERg==\r\n$/,
  );
  assert.match(
    attachments[1]?.toString() ?? "",
    /^Content-Type: text\/plain\r\n[^]*filename="kept.txt"\r\n\r\na2VwdA==\r\n$/,
  );
  assert.deepEqual([...images.keys()], ["cid:LOGO", address]);
  assert.equal(images.get("cid:LOGO")?.isAlwaysEmbedded, true);
  assert.equal(images.get(address)?.isAlwaysEmbedded, false);
  assert.equal(images.get(address)?.bytes, images.get("cid:LOGO")?.bytes, "the same file is one part");
  assert.match(
    images.get(address)?.bytes.toString() ?? "",
    new RegExp(`^Content-ID: <${logo}@bounce\\.shop\\.test>`, "m"),
  );
});

test("what is not there, too large, no image or of another platform is told, and nothing is fetched", async (t) => {
  const context = await aContext(t);
  await anUpload(context, "BIG", "big.png", "x".repeat(3_000));
  await anUpload(context, "HUGE", "huge.pdf", "x".repeat(11_000));
  await anUpload(context, "TEXT", "text.txt", "x");
  const told = async (given: Partial<Given>) =>
    (await collect(context, given)).problems
      .map(({ level, part, message }) => `${level} ${part}: ${message}`)
      .join("\n");
  assert.match(
    await told({ attachments: [{ file: "GONE", name: "" }] }),
    /^error attachments: The file GONE is not there/,
  );
  assert.match(
    await told({ attachments: [{ file: "HUGE", name: "" }] }),
    /^error attachments: The files of the message have 11 KB; 10 are allowed/,
  );
  assert.match(
    await told({ attachments: Array.from({ length: 4 }, () => ({ file: "TEXT", name: "" })) }),
    /error attachments: 4 files are attached; 3/,
  );
  assert.match(await told({ images: ["cid:GONE"] }), /^error html: The image cid:GONE is not among the files/);
  assert.match(await told({ images: ["cid:BIG"] }), /^error html: .* has 3 KB; 2 are embedded at most/);
  assert.match(await told({ images: ["cid:TEXT"] }), /^error html: .* is no PNG/);
  assert.match(
    await told({ images: [`${publicUrl}/nl/jsp/downloadFile.jsp?md5=${"0".repeat(32)}&ext=png`] }),
    /^warning html: .* It stays a link/,
  );
  assert.match(await told({ attachmentsProblem: "They must be a list." }), /^error attachments: They must be a list/);
  for (const address of [
    "https://evil.test/nl/jsp/downloadFile.jsp?md5=x",
    `${publicUrl}.evil.test/nl/jsp/downloadFile.jsp?md5=x`,
    `https://x.test/?u=${publicUrl}/nl/jsp/downloadFile.jsp?md5=x`,
  ])
    assert.deepEqual(await collect(context, { images: [address] }), {
      attachments: [],
      images: new Map(),
      files: [],
      problems: [],
    });
});

test("a file that was written over on the disk is as one that is not there, and kept files are read from nowhere else", async (t) => {
  const context = await aContext(t);
  const md5 = await anUpload(context, "PRICES", "prices.txt", "10 EUR");
  const attachments = [{ file: "PRICES", name: "" }];
  const { files } = await collect(context, { attachments });
  assert.deepEqual(files, [
    { internalName: "PRICES", md5, fileName: "prices.txt", contentType: "", content: Buffer.from("10 EUR") },
  ]);
  writeFileSync(join(instanceFolder(context.home, context.instance, "upload"), `${md5}.txt`), "12 EUR");
  const { problems } = await collect(context, { attachments });
  assert.match(problems[0]?.message ?? "", /The file PRICES is not there/);
  const fromKept = await collect(context, { attachments, kept: files });
  assert.deepEqual(fromKept.problems, []);
  assert.match(fromKept.attachments[0]?.toString() ?? "", new RegExp(Buffer.from("10 EUR").toString("base64")));
  assert.match((await collect(context, { attachments, kept: [] })).problems[0]?.message ?? "", /PRICES is not there/);
});

test("a file that the author may not read is as one that is not there", async (t) => {
  const context = await aContext(t);
  await anUpload(context, "SECRET", "secret.pdf", "x");
  const { attachments, problems } = await collect(context, {
    attachments: [{ file: "SECRET", name: "" }],
    condition: sql`f.folder_id = 99`,
  });
  assert.equal(attachments.length, 0);
  assert.match(problems[0]?.message ?? "", /The file SECRET is not there/);
});

type Given = FileWishes["mail"] & Pick<FileWishes, "images"> & Required<Pick<FileWishes, "condition" | "kept">>;

function collect(
  context: Context,
  { attachments = [], attachmentsProblem, images = [], condition, kept }: Partial<Given>,
) {
  return collectFiles(context, {
    mail: { attachments, attachmentsProblem },
    images,
    publicUrl,
    bounceDomain: "bounce.shop.test",
    limits,
    ...(condition === undefined ? {} : { condition }),
    ...(kept === undefined ? {} : { kept }),
  });
}

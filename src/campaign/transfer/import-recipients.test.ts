import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

import type { Context } from "#foundation/module.ts";
import { aContext } from "#test/support/context.ts";
import {
  aList,
  aLongList,
  countRecipients,
  jobsOf,
  linesOf,
  membersOf,
  recipientsOf,
  rejectsOf,
  waitingForLocks,
} from "#test/support/lists.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

import { importRecipients } from "./import-recipients.ts";
import type { ImportReport, ImportRequest, Progress } from "./import-report.ts";

const never = new AbortController().signal;

function run(
  context: Context,
  request: ImportRequest,
  onProgress?: (progress: Progress) => void,
): Promise<ImportReport> {
  return importRecipients(context, request, { signal: never, onProgress });
}

const counts = ({ read, inserted, updated, unchanged, doubles, rejected }: ImportReport): object => ({
  read,
  inserted,
  updated,
  unchanged,
  doubles,
  rejected,
});

test("lines become recipients, field by field", async (t) => {
  const context = await aContext(t);
  const file = aList(
    t,
    "\ufeffE-mail;Prénom;Nom;Langue;Ville;Pays;Date de naissance;Société;Genre;Opt-out;Inconnu\r\n" +
      'Ann.Lee@Example.COM;Ann;"O\'Brien; née ""Lee""";en;Paris;France;03/04/1980;"Two\nLines";F;0;x\n' +
      "欧阳@example.org;明;欧阳;zh;北京;中国;1990-12-31;;;1;\r" +
      "bob@bücher.example;;;;;;;;;;",
  );
  const report = await run(context, { file });
  assert.deepEqual(counts(report), { read: 3, inserted: 3, updated: 0, unchanged: 0, doubles: 0, rejected: 0 });
  assert.deepEqual(report.ignoredColumns, ["Inconnu"]);
  assert.deepEqual(await recipientsOf(context.db), [
    {
      email: "Ann.Lee@example.com",
      email_key: "ann.lee@example.com",
      first_name: "Ann",
      last_name: 'O\'Brien; née "Lee"',
      language: "en",
      city: "Paris",
      country_code: "FR",
      birth_date: "1980-04-03",
      company: "Two\nLines",
      gender: 2,
    },
    { email: "bob@xn--bcher-kva.example", email_key: "bob@xn--bcher-kva.example" },
    {
      email: "欧阳@example.org",
      email_key: "欧阳@example.org",
      first_name: "明",
      last_name: "欧阳",
      language: "zh",
      city: "北京",
      country_code: "CN",
      birth_date: "1990-12-31",
      black_list_email: true,
    },
  ]);
});

test("what COPY, SQL and templates give a meaning is text", async (t) => {
  const context = await aContext(t);
  const names = [
    "\\N",
    "\\.",
    "a\\tb\\",
    "<%= 1 %>",
    "Robert'); DROP TABLE nms_recipient;--",
    "$1",
    "{{x}}",
    "<script>",
    "tab\there",
    "line\r\nend",
  ];
  const file = aList(
    t,
    `email,first name,last name\n${names.map((name, index) => `p${index}@example.com,"${name}",x`).join("\n")}\n`,
  );
  await run(context, { file });
  assert.deepEqual(
    (await recipientsOf(context.db)).map(({ first_name }) => first_name),
    names,
  );
});

test("of doubles in the file the last line wins, and they are counted", async (t) => {
  const context = await aContext(t);
  const file = aList(
    t,
    "email,first name\nann@example.com,First\nANN@example.com,Second\na.nn@gmail.com,G1\nbob@example.com,Bob\nAnn@Example.com,Last\nann@googlemail.com,G2\n",
  );
  const report = await run(context, { file, group: "all" });
  assert.deepEqual(counts(report), { read: 6, inserted: 3, updated: 0, unchanged: 0, doubles: 3, rejected: 0 });
  assert.deepEqual(
    (await recipientsOf(context.db)).map(({ email, first_name }) => [email, first_name]),
    [
      ["Ann@example.com", "Last"],
      ["ann@googlemail.com", "G2"],
      ["bob@example.com", "Bob"],
    ],
  );
  assert.equal(report.group?.added, 3);
});

test("known recipients are updated where they differ, and left alone and counted where they do not", async (t) => {
  const context = await aContext(t);
  const first = await run(context, {
    file: aList(
      t,
      "email,first name,city\nann@example.com,Ann,Paris\nbob@example.com,Bob,Rome\ncat@example.com,Cat,Oslo\n",
    ),
  });
  assert.equal(first.inserted, 3);
  const stamp = await context.db.rows(
    (row) => row,
  )`select email, last_modified from nms_recipient where email = 'ann@example.com'`;
  const second = await run(context, {
    file: aList(
      t,
      "email,first name,city\nANN@example.com,Ann,\nbob@example.com,Bobby,Rome\ndan@example.com,Dan,Bonn\n",
    ),
  });
  assert.deepEqual(counts(second), { read: 3, inserted: 1, updated: 1, unchanged: 1, doubles: 0, rejected: 0 });
  assert.deepEqual(
    (await recipientsOf(context.db)).map(({ email, first_name, city }) => [email, first_name, city]),
    [
      // An empty cell leaves what is there, and so does another spelling of the address.
      ["ann@example.com", "Ann", "Paris"],
      ["bob@example.com", "Bobby", "Rome"],
      ["cat@example.com", "Cat", "Oslo"],
      ["dan@example.com", "Dan", "Bonn"],
    ],
  );
  assert.deepEqual(
    await context.db.rows((row) => row)`select email, last_modified from nms_recipient where email = 'ann@example.com'`,
    stamp,
  );
});

test("the same list twice changes nothing the second time", async (t) => {
  const context = await aContext(t);
  const file = aLongList(t, 2_000);
  await run(context, { file, group: "all" });
  const report = await run(context, { file, group: "all" });
  assert.deepEqual(counts(report), { read: 2_000, inserted: 0, updated: 0, unchanged: 2_000, doubles: 0, rejected: 0 });
  assert.equal(report.group?.added, 0);
  assert.equal(await countRecipients(context.db), 2_000);
});

test("an opt-out is taken from any line of a person, and no list lifts one", async (t) => {
  const context = await aContext(t);
  await run(context, { file: aList(t, "email,optout\nann@example.com,yes\nann@example.com,no\nbob@example.com,no\n") });
  const optedOut = (): Promise<unknown[]> =>
    context.db.rows(
      (row) => (row as { email: string }).email,
    )`select email from nms_recipient where black_list_email order by 1`;
  assert.deepEqual(await optedOut(), ["ann@example.com"]);
  const report = await run(context, { file: aList(t, "email,optout\nann@example.com,0\nbob@example.com,1\n") });
  assert.deepEqual(await optedOut(), ["ann@example.com", "bob@example.com"]);
  assert.equal(report.updated, 1);
});

test("rejected lines are kept with number and reason, in the database and in a file", async (t) => {
  const context = await aContext(t);
  const file = aList(
    t,
    'email,first name,optout\nann@example.com,Ann,0\nnobody,"No, body",0\n,Empty,0\n\n"open,x,0\nbob@example.com,Bob,perhaps\ncat@example.com,Cat,0,too,many\ndan@example.com,D\0an,0\n=1@@x,Eve,0\n',
  );
  const rejects = join(aFolder(t), "rejects.csv");
  const report = await run(context, { file, rejects });
  assert.deepEqual(counts(report), { read: 8, inserted: 1, updated: 0, unchanged: 0, doubles: 0, rejected: 7 });
  assert.equal(report.blankLines, 1);
  assert.equal(report.rejectFile, rejects);
  assert.deepEqual(await rejectsOf(context.db, report.jobId), [
    [3, "address_without_at", 'nobody,"No, body",0'],
    [4, "address_missing", ",Empty,0"],
    [6, "quote_not_closed", '"open,x,0'],
    [7, "opt_out_not_understood", "bob@example.com,Bob,perhaps"],
    [8, "too_many_cells", "cat@example.com,Cat,0,too,many"],
    [9, "nul_character", "dan@example.com,D\ufffdan,0"],
    [10, "address_with_several_at", "=1@@x,Eve,0"],
  ]);
  assert.deepEqual(linesOf(rejects).slice(0, 4), [
    "email,first name,optout,reject line,reject reason",
    'nobody,"No, body",0,3,The address has no @.',
    ",Empty,0,4,There is no e-mail address.",
    '"""open,x,0",,,6,A quote is opened and not closed.',
  ]);
  assert.match(readFileSync(rejects, "utf8"), /\r\n'=1@@x,Eve,0,10,/);
});

test("a reject file can be corrected and imported, and makes the same rejects when it is not", async (t) => {
  const context = await aContext(t);
  const rejects = join(aFolder(t), "rejects.csv");
  await run(context, {
    file: aList(t, 'email,first name\nann@example.com,Ann\nbob,"B, ob"\ncat@@x,+Cat\n"dan,Dan\n'),
    rejects,
  });
  const again = join(aFolder(t), "again.csv");
  const second = await run(context, { file: rejects, rejects: again });
  assert.deepEqual(counts(second), { read: 3, inserted: 0, updated: 0, unchanged: 0, doubles: 0, rejected: 3 });
  assert.equal(linesOf(again)[0], "email,first name,reject line,reject reason");
  writeFileSync(
    rejects,
    readFileSync(rejects, "utf8").replace("bob,", "bob@example.com,").replace("cat@@x", "cat@example.com"),
  );
  const third = await run(context, { file: rejects });
  assert.deepEqual(counts(third), { read: 3, inserted: 2, updated: 0, unchanged: 0, doubles: 0, rejected: 1 });
  assert.deepEqual(third.ignoredColumns, []);
  assert.deepEqual(
    (await recipientsOf(context.db)).map(({ first_name }) => first_name),
    ["Ann", "B, ob", "+Cat"],
  );
});

test("without a place named for them rejects lie below the instance's folder, and no file is made when there are none", async (t) => {
  const context = await aContext(t);
  const clean = await run(context, { file: aList(t, "email\nann@example.com\n") });
  assert.equal(clean.rejectFile, undefined);
  const report = await run(context, { file: aList(t, "email\nann\nbob@example.com\n") });
  assert.equal(report.rejectFile, join(context.home.var, "main", "import", `rejects-${report.jobId}.csv`));
  assert.deepEqual(readdirSync(dirname(report.rejectFile)), [`rejects-${report.jobId}.csv`]);
});

test("a reject file is never written through a link, into a folder, or over the list", async (t) => {
  const context = await aContext(t);
  const folder = aFolder(t);
  const victim = join(folder, "victim.txt");
  writeFileSync(victim, "precious");
  const link = join(folder, "link.csv");
  symlinkSync(victim, link);
  const file = aList(t, "email\nann\n");
  const sameFile = join(folder, "same.csv");
  linkSync(file, sameFile);
  mkdirSync(join(folder, "folder.csv"));
  for (const [rejects, code] of [
    [link, "TRF-100012"],
    [join(folder, "folder.csv"), "TRF-100012"],
    [join(folder, "missing", "x.csv"), "TRF-100012"],
    [join(folder, "nul\0.csv"), "TRF-100012"],
    [join(folder, "n".repeat(4_000)), "TRF-100012"],
    ["/dev/null", "TRF-100012"],
    [file, "TRF-100013"],
    [sameFile, "TRF-100013"],
  ] as const) {
    await assert.rejects(run(context, { file, rejects }), { code }, rejects);
  }
  assert.equal(readFileSync(victim, "utf8"), "precious");
  assert.deepEqual(readdirSync(folder).sort(), ["folder.csv", "link.csv", "same.csv", "victim.txt"]);
});

test("cells that are not understood are left out, counted and noted; the line is imported", async (t) => {
  const context = await aContext(t);
  const report = await run(context, {
    file: aList(
      t,
      "email,birth date,country\nann@example.com,31/02/1980,FR\nbob@example.com,soon,Atlantis\ncat@example.com,1980-02-01,NL\n",
    ),
  });
  assert.equal(report.inserted, 3);
  assert.deepEqual(report.leftOut, [
    { field: "birthDate", count: 2, firstLine: 2 },
    { field: "countryCode", count: 1, firstLine: 3 },
  ]);
  assert.match(
    (await jobsOf(context.db))[0]?.notes ?? "",
    /warning: 2 cells of birthDate were not understood and left out, the first one on line 2/,
  );
});

test("everyone of the list gets into the group, also who was known; a group that is there is added to", async (t) => {
  const context = await aContext(t);
  await run(context, { file: aList(t, "email\nann@example.com\nbob@example.com\n") });
  const first = await run(context, {
    file: aList(t, "email\nann@example.com\ncat@example.com\nnobody\n"),
    group: " Spring readers ",
  });
  assert.deepEqual(first.group, { name: "Spring readers", added: 2 });
  const second = await run(context, {
    file: aList(t, "email\nann@example.com\nbob@example.com\n"),
    group: "Spring readers",
  });
  assert.deepEqual(second.group, { name: "Spring readers", added: 1 });
  assert.deepEqual(await membersOf(context.db, "Spring readers"), [
    "ann@example.com",
    "bob@example.com",
    "cat@example.com",
  ]);
  for (const group of ["", "  ", "x".repeat(101), "a\nb", "a\0"])
    await assert.rejects(run(context, { file: "x", group }), { code: "TRF-100015" });
});

test("an import stops when the first 100 lines are all rejected, and keeps them; a setting lets it go on", async (t) => {
  const bad = Array.from({ length: 100 }, (_, index) => `nobody${index}`).join("\n");
  const file = aList(t, `email\n${bad}\nann@example.com\n`);
  const context = await aContext(t);
  await assert.rejects(run(context, { file }), { code: "TRF-100011" });
  assert.equal(await countRecipients(context.db), 0);
  const [job] = await jobsOf(context.db);
  assert.equal(job?.state, "failed");
  assert.equal((await rejectsOf(context.db, job.job_id)).length, 100);
  assert.ok(linesOf(join(context.home.var, "main", "import", `rejects-${job.job_id}.csv`)).length > 100);

  const patient = await aContext(t, { db: context.db, settings: "[import]\nstopAfterFirstRejects = 0\n" });
  assert.deepEqual(counts(await run(patient, { file })), {
    read: 101,
    inserted: 1,
    updated: 0,
    unchanged: 0,
    doubles: 0,
    rejected: 100,
  });
  const oneGood = aList(t, `email\nbob@example.com\n${bad}\n`);
  assert.equal((await run(context, { file: oneGood })).rejected, 100);
});

const utf16 = Buffer.from("\ufeffemail,name\nann@example.com,Ann\n", "utf16le");
for (const [what, content, code, message] of [
  ["is empty", "", "TRF-100004", /is empty/],
  ["holds a byte order mark only", "\ufeff", "TRF-100004", /is empty/],
  ["holds blank lines only", "\n\r\n  \n", "TRF-100004", /is empty/],
  ["is UTF-16", utf16, "TRF-100005", /is UTF-16 text/],
  ["is a workbook", Buffer.from("504b030414000600080000002100", "hex"), "TRF-100005", /Excel/],
  ["is binary", Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 31) % 256)), "TRF-100005", /binary/],
  [
    "is Latin-1",
    Buffer.from("email,name\nann@example.com,Ren\xe9e\n", "latin1"),
    "TRF-100006",
    /Line 2 .*-encoding:windows-1252/,
  ],
  ["has no column of addresses", "name,city\nAnn,Paris\n", "TRF-100008", /name, city/],
  ["has a heading only", "email,name\n", "TRF-100009", /nothing below/],
  ["has blank lines below the heading only", "email,name\n,\n\n", "TRF-100009", /nothing below/],
  ["has a broken heading", '"email,name\nann@example.com,Ann\n', "TRF-100007", /quote/],
  ["has a heading without end", `email,${"x".repeat(3_000_000)}`, "TRF-100007", /longer than/],
  ["has a million columns", `email${",x".repeat(500_000)}\nann@example.com\n`, "TRF-100007", /500001 columns/],
] as const) {
  test(`a file that ${what} is refused with one message, and nothing is imported`, async (t) => {
    const context = await aContext(t);
    await assert.rejects(run(context, { file: aList(t, content), group: "g" }), (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
    assert.equal(await countRecipients(context.db), 0);
    const [job] = await jobsOf(context.db);
    assert.equal(job?.state, "failed");
    assert.match(job.failure_text ?? "", message);
    assert.deepEqual(await context.db.rows((row) => row)`select * from nms_group`, []);
    assert.ok(!existsSync(join(context.home.var, "main", "import")));
  });
}

test("what is no file is refused without waiting for it", async (t) => {
  const context = await aContext(t);
  const folder = aFolder(t);
  for (const [file, code] of [
    [join(folder, "missing.csv"), "TRF-100001"],
    [join(folder, "missing", "list.csv"), "TRF-100001"],
    [folder, "TRF-100002"],
    ["/dev/zero", "TRF-100002"],
    [join(folder, "nul\0.csv"), "TRF-100003"],
    [join(folder, "n".repeat(5_000)), "TRF-100003"],
  ] as const) {
    await assert.rejects(run(context, { file }), { code }, file);
  }
});

for (const [what, change, message] of [
  ["grows", (file: string) => appendFileSync(file, "late@example.com,Late\n"), /was changed/],
  ["vanishes", (file: string) => rmSync(file), /vanished/],
  [
    "is replaced",
    (file: string) => {
      writeFileSync(`${file}.new`, "email\nother@example.com\n");
      renameSync(`${file}.new`, file);
    },
    /was replaced/,
  ],
] as const) {
  test(`a file that ${what} while it is read leaves nothing half done`, async (t) => {
    const context = await aContext(t);
    const file = aLongList(t, 5_000);
    let isChanged = false;
    const changing = run(context, { file }, () => {
      if (!isChanged) change(file);
      isChanged = true;
    });
    await assert.rejects(changing, (error: Error) => message.test(error.message));
    assert.equal(await countRecipients(context.db), 0);
  });
}

test("windows-1252 and a separator are taken when they are asked for", async (t) => {
  const context = await aContext(t);
  const file = aList(t, Buffer.from("email|first name\nann@example.com|Ren\xe9e, \x80\n", "latin1"));
  await run(context, { file, encoding: "windows-1252", separator: "|" });
  assert.deepEqual(await recipientsOf(context.db), [
    { email: "ann@example.com", email_key: "ann@example.com", first_name: "Renée, €" },
  ]);
});

test("headings that are no field names of ours do no harm", async (t) => {
  const context = await aContext(t);
  const report = await run(context, {
    file: aList(t, "__proto__,constructor,email,email,E-Mail,first name,prenom\n1,2,ann@example.com,x,y,Ann,Anna\n"),
  });
  assert.deepEqual(report.ignoredColumns, ["__proto__", "constructor", "email", "E-Mail", "prenom"]);
  assert.deepEqual(await recipientsOf(context.db), [
    { email: "ann@example.com", email_key: "ann@example.com", first_name: "Ann" },
  ]);
});

test("a line of 100 MB is one reject", async (t) => {
  const context = await aContext(t);
  const file = aList(
    t,
    Buffer.concat([
      Buffer.from("email,first name\nann@example.com,Ann\nlong@example.com,"),
      Buffer.alloc(100 * 1024 * 1024, "x"),
      Buffer.from("\nbob@example.com,Bob\n"),
    ]),
  );
  const report = await run(context, { file });
  assert.deepEqual(counts(report), { read: 3, inserted: 2, updated: 0, unchanged: 0, doubles: 0, rejected: 1 });
  assert.deepEqual(report.rejects, [{ reason: "record_too_long", count: 1 }]);
  const [reject] = await rejectsOf(context.db, report.jobId);
  assert.equal(reject?.[0], 3);
  assert.ok((reject?.[2].length ?? 0) <= 10_000);
});

test("two imports of one list at once make no duplicates", async (t) => {
  const context = await aContext(t);
  const file = aLongList(t, 3_000);
  const reports = await Promise.all([run(context, { file, group: "both" }), run(context, { file, group: "both" })]);
  assert.deepEqual(
    reports.map(({ inserted }) => inserted).sort((a, b) => a - b),
    [0, 3_000],
  );
  assert.deepEqual(
    reports.map(({ unchanged }) => unchanged).sort((a, b) => a - b),
    [0, 3_000],
  );
  assert.equal(await countRecipients(context.db), 3_000);
  assert.equal((await membersOf(context.db, "both")).length, 3_000);
});

test("where several recipients have one key the oldest is updated, none is added", async (t) => {
  const context = await aContext(t);
  await context.db
    .run`insert into nms_recipient (recipient_id, email, email_key) values (7, 'ann@example.com', 'ann@example.com'), (5, 'Ann@example.com', 'ann@example.com')`;
  const report = await run(context, { file: aList(t, "email,first name\nann@example.com,Ann\n") });
  assert.equal(report.updated, 1);
  assert.deepEqual(await context.db.rows((row) => row)`select recipient_id, first_name from nms_recipient order by 1`, [
    { recipient_id: 5, first_name: "Ann" },
    { recipient_id: 7, first_name: null },
  ]);
});

test("progress rises to the size of the file, and the job tells what was done", async (t) => {
  const context = await aContext(t);
  const file = aLongList(t, 5_000);
  const seen: Progress[] = [];
  const report = await run(context, { file }, (progress) => void seen.push(progress));
  assert.deepEqual([...new Set(seen.map(({ phase }) => phase))], ["reading", "reconciling", "done"]);
  assert.ok(
    seen.every(({ done, rows }, index) => done >= (seen[index - 1]?.done ?? 0) && rows >= (seen[index - 1]?.rows ?? 0)),
  );
  assert.equal(seen.at(-1)?.done, seen.at(-1)?.total);
  assert.equal(seen.at(-1)?.rows, 5_000);
  const [job] = await jobsOf(context.db);
  assert.equal(job?.state, "finished");
  assert.equal(job.kind, "import");
  assert.match(
    job.notes,
    /info: 5000 lines read: 5000 recipients inserted, 0 updated, 0 unchanged, 0 doubles, 0 rejected\./,
  );
  assert.deepEqual(
    await context.db.rows(
      (row) => (row as { result: { inserted: number } }).result.inserted,
    )`select result from xtk_job`,
    [report.inserted],
  );
});

test("an import that is told to stop while it waits for another changes nothing and says so", async (t) => {
  const context = await aContext(t);
  const ending = new AbortController();
  const file = aLongList(t, 1_000);
  await context.db.transaction(async (tx) => {
    await tx.run`select pg_advisory_xact_lock(hashtextextended('nms_recipient.reconciliation', 0))`;
    const importing = importRecipients(
      context,
      { file, rejects: join(aFolder(t), "rejects.csv") },
      { signal: ending.signal },
    );
    importing.catch(() => undefined);
    await until(async () => (await waitingForLocks(context.db)) === 1, "the import to wait");
    ending.abort();
    await assert.rejects(importing, { code: "TRF-100014" });
  });
  assert.equal(await countRecipients(context.db), 0);
  const [job] = await jobsOf(context.db);
  assert.equal(job?.state, "interrupted");
});

test("a job whose process is dead is shown as interrupted by the next one, a job that runs is not", async (t) => {
  const context = await aContext(t);
  await context.db
    .run`insert into xtk_job (job_id, kind, state) values (1, 'import', 'running'), (2, 'import', 'running')`;
  await context.db.whileLocked("xtk_job:2", async () => {
    await run(context, { file: aList(t, "email\nann@example.com\n") });
  });
  const jobs = await jobsOf(context.db);
  assert.deepEqual(
    jobs.map(({ state }) => state),
    ["interrupted", "running", "finished"],
  );
  assert.match(jobs[0]?.failure_text ?? "", /start the job again/);
});

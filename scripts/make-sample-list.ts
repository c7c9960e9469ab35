/**
 * Makes the sample list that the demo imports, database/seed/sample-recipients.csv, and the page that counts what is in it.
 * The same bytes at each run: everything that looks like chance comes from one seed. All people are invented; all domains are
 * reserved for examples, apart from ten made-up Gmail addresses that show how dots are treated.
 */

import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export type SampleCounts = {
  readonly read: number;
  readonly inserted: number;
  readonly doubles: number;
  readonly rejected: number;
  readonly blankLines: number;
  readonly optedOut: number;
  /** Rejected lines by reason, as imports name them. */
  readonly rejects: Readonly<Record<string, number>>;
  /** Cells left out by field. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Recipients by test domain of the built-in mailbox. */
  readonly testDomains: Readonly<Record<string, number>>;
};

export type SampleList = { readonly bytes: Buffer; readonly counts: SampleCounts };

type Person = {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly language: string;
  readonly city: string;
  readonly country: string;
  readonly birthDate: string;
  readonly company: string;
  readonly phone: string;
  readonly optOut: string;
  readonly notes: string;
};

const rowCount = 5_000;

const heading = "email,first name,last name,language,city,country,birth date,company,phone,optout,notes";

/** What the built-in mailbox plays, and how many recipients each gets. */
const testDomains: Readonly<Record<string, number>> = {
  "unknown.postrider.test": 60,
  "full.postrider.test": 40,
  "defer.postrider.test": 80,
  "bounce.postrider.test": 50,
  "ooo.postrider.test": 30,
  "complaint.postrider.test": 10,
};

const usualDomains = [
  ..."example.com example.net example.org example.com example.org mail.example.com news.example.net club.example.org".split(
    " ",
  ),
  ..."readers.example shop.test customers.test bücher.example 例え.テスト".split(" "),
];

type Land = {
  readonly country: readonly string[];
  readonly language: string;
  readonly cities: readonly string[];
  readonly first: readonly string[];
  readonly last: readonly string[];
};

const lands: readonly Land[] = [
  {
    country: ["FR", "France"],
    language: "fr",
    cities: ["Paris", "Orléans", "Besançon", "Saint-Étienne"],
    first: ["Zoé", "François", "Hélène", "Benoît", "Maëlys", "Loïc", "Anne-Sophie", "Jérôme"],
    last: ["Lefèvre", "d'Arcy", "Garçon", "Nuñez", "Le Goff", "Bœuf", "Müller", "Hervé"],
  },
  {
    country: ["US", "United States"],
    language: "en",
    cities: ["Portland", "Ann Arbor", "Winston-Salem", "Truth or Consequences"],
    first: ["Grace", "Miles", "Shaniqua", "Ray", "Mary Ann", "Tyrone", "Judith", "Kurt"],
    last: ["O'Brien", "Smith", "McAllister", "Van Der Berg", "St. John", "Null", "Test", "D'Souza"],
  },
  {
    country: ["NL", "Nederland"],
    language: "nl",
    cities: ["Utrecht", "'s-Hertogenbosch", "Groningen", "Den Haag"],
    first: ["Daan", "Sanne", "Joris", "Fleur", "Noëlle", "Ruben"],
    last: ["de Vries", "van 't Hof", "IJzerman", "in 't Veld", "Bakker", "ten Broeke"],
  },
  {
    country: ["BR", "Brasil"],
    language: "pt-BR",
    cities: ["São Paulo", "Brasília", "Florianópolis", "Belém"],
    first: ["João", "Conceição", "Antônio", "Letícia", "Thaís", "Otávio"],
    last: ["da Silva", "Gonçalves", "dos Santos Araújo", "Magalhães", "Simões", "Peçanha"],
  },
  {
    country: ["SE", "Sverige"],
    language: "sv",
    cities: ["Göteborg", "Malmö", "Umeå", "Örebro"],
    first: ["Åsa", "Björn", "Märta", "Östen", "Linnéa", "Gösta"],
    last: ["Öberg", "Sjöström", "Ålund", "Lindqvist", "Häggström", "Af Klint"],
  },
  {
    country: ["CN", "中国"],
    language: "zh-CN",
    cities: ["北京", "上海", "广州", "成都"],
    first: ["伟", "秀英", "娜", "建国", "雨桐", "𠮷平"],
    last: ["王", "李", "欧阳", "张", "刘", "诸葛"],
  },
  {
    country: ["MA", "Maroc"],
    language: "fr",
    cities: ["الدار البيضاء", "Rabat", "فاس", "Tanger"],
    first: ["محمد", "فاطمة الزهراء", "يوسف", "ليلى", "عبد الرحمن"],
    last: ["العلوي", "بن جلون", "الفاسي", "بوعزة", "التازي"],
  },
  {
    country: ["IL", "Israel"],
    language: "en",
    cities: ["תל אביב", "ירושלים", "Haifa"],
    first: ["נועה", "דוד", "יעל", "אברהם", "שָׁלוֹם"],
    last: ["כהן", "לוי", "מזרחי", "פרידמן", "בן־דוד"],
  },
];

const companies = [
  "Acme, Inc.",
  'The "Best" Bakery',
  "Kruger & Sons",
  "Line One\nLine Two",
  "Bücherstube; Laden",
  "Tab\there",
  "北方贸易",
  "",
  "",
  "Back\\slash Ltd",
];

/** Names as hostile or careless people enter them; none may ever run, break a header or be taken for a template. */
const oddNames: readonly (readonly [first: string, last: string])[] = [
  ["<%= 1 %>", "<%= recipient.email %>"],
  ["<% while(true){} %>", "Loop"],
  ["{{ firstName }}", "${7*7}"],
  ["<b>Bold</b>", "<script>alert(1)</script>"],
  ['"><img src=x onerror=alert(1)>', "Img"],
  ["=1+1", '=HYPERLINK("http://example.com")'],
  ["+SUM(A1:A9)", "-2+3"],
  ["@cmd", "＝1+1"],
  ["'=quoted", "'Apostrophe"],
  ["Ann\r\nBcc: eve@example.org", "Header"],
  ["😀", "👩‍👩‍👧‍👦 Family"],
  ["Robert'); DROP TABLE nms_recipient;--", "Tables"],
  ["\\N", "\\."],
  ["  Spacious  ", " Gap "],
  ["A".repeat(300), "Long"],
  ["\u202eevil", "Reversed"],
];

/** Addresses that must be refused, by the reason that imports give. `#` stands for a number, so that no two are alike. */
const badAddresses: readonly (readonly [reason: string, count: number, addresses: readonly string[]])[] = [
  ["address_missing", 40, ["", " ", "   "]],
  [
    "address_without_at",
    25,
    ["person#.example.com", "person#", "n/a", "person#(at)example.com".replace("(at)", "＠"), "-"],
  ],
  [
    "address_with_spaces",
    22,
    [
      "person #@example.com",
      "Ann Lee <person#@example.com>",
      "person#@example.com SIZE=1",
      "a#@example.com\r\nRCPT TO:<b@example.org>",
      "per\u200bson#@example.com",
    ],
  ],
  ["address_with_several_at", 10, ["person#@@example.com", "person#@example.com@example.org"]],
  [
    "address_not_single",
    18,
    [
      "<a#@example.com>,<b#@example.com>",
      "a#@example.com;b#@example.com",
      '"quoted#"@example.com',
      "person#(work)@example.com",
      "mailto:person#@example.com",
      "person#@[192.0.2.1]",
    ],
  ],
  [
    "address_local_part_invalid",
    20,
    ["person..#@example.com", ".person#@example.com", "person#.@example.com", "@example#.com"],
  ],
  ["address_domain_incomplete", 10, ["person#@localhost", "person#@example"]],
  [
    "address_domain_invalid",
    20,
    [
      "person#@-example.com",
      "person#@example..com",
      "person#@192.0.2.1",
      "person#@exam_ple.com",
      "person#@example.com.",
      "person#@",
    ],
  ],
  ["address_too_long", 5, [`${"p".repeat(70)}#@example.com`, `p#@${"label.".repeat(45)}example.com`]],
];

/** Whole lines that cannot be read or be in step with the heading. */
const badLines: readonly (readonly [reason: string, lines: readonly string[]])[] = [
  [
    "text_after_quote",
    [
      '"Broken" quote@example.com,Ann,Lee,en,,,,,,0,',
      'ann.broken@example.com,"Ann" "Annie",Lee,en,,,,,,0,',
      'bob.broken@example.com,"Bob"x,Ray,en,,,,,,0,',
    ],
  ],
  ["nul_character", ["nul.one@example.com,N\0ul,One,en,,,,,,0,", "nul.two@example.com,Nul,Two\0,en,,,,,,0,"]],
  [
    "too_many_cells",
    Array.from(
      { length: 8 },
      (_, index) =>
        `cells${index}@example.com,Ann,Lee, Jr,en,Paris,FR,1980-01-01,Acme,+33 1 99 00 00 00,0,out of step,${index}`,
    ),
  ],
  [
    "opt_out_not_understood",
    ["stop", "maybe", "2", "ask her"].map((word, index) => `doubtful${index}@example.com,Dee,Doubt,en,,,,,,${word},`),
  ],
];

const impossibleDates = [
  "31/02/1980",
  "1979-13-01",
  "unknown",
  "00/00/1970",
  "1985-06-31",
  "19th of May",
  "1990",
  "12/25",
  "2001-02-29",
  "0000-01-01",
  "1/1/80",
  "born",
];
const unknownCountries = ["Atlantis", "XX", "Narnia", "??", "Utopia", "Z", "Freedonia", "Sealand", "Moon"];
const blankLines = ["", ",,,,,,,,,,"];

/** Makes the list and counts what an import into an empty audience must find. */
export function makeSampleList(): SampleList {
  const random = seededRandom(20_261_121);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const rejects = Object.fromEntries([
    ...badAddresses.map(([reason, count]) => [reason, count] as const),
    ...badLines.map(([reason, lines]) => [reason, lines.length] as const),
    ["quote_not_closed", 1] as const,
  ]);
  const rejected = Object.values(rejects).reduce((sum, count) => sum + count, 0);

  const doubleKinds = [60, 40, 20, 12] as const;
  const [caseDoubles, plainDoubles, dotDoubles, spacedDoubles] = doubleKinds;
  const doubles = caseDoubles + plainDoubles + dotDoubles + spacedDoubles;
  const inserted = rowCount - rejected - doubles;

  const makePerson = (email: string): Person => {
    const land = pick(lands);
    return {
      email,
      firstName: random() < 0.06 ? "" : pick(land.first),
      lastName: random() < 0.04 ? "" : pick(land.last),
      language: random() < 0.1 ? "" : land.language,
      city: pick(land.cities),
      country: pick(land.country),
      birthDate: random() < 0.3 ? "" : writeDate(random, pick(["iso", "iso", "slash", "dot", "classic"])),
      company: pick(companies),
      phone: random() < 0.5 ? "" : `+${10 + Math.floor(random() * 80)} ${100_000 + Math.floor(random() * 899_999)}`,
      optOut: pick(["0", "0", "", "no"]),
      notes: random() < 0.02 ? 'said "hello", then\nleft' : "",
    };
  };

  const special = Object.entries(testDomains).flatMap(([domain, count]) =>
    Array.from({ length: count }, (_, index) => makePerson(`reader.${index + 1}@${domain}`)),
  );
  const gmail = Array.from({ length: 10 }, (_, index) => makePerson(`postrider.sample.reader${index}@gmail.com`));
  const usualCount = inserted - special.length - gmail.length;
  const usual = Array.from({ length: usualCount }, (_, index) => {
    const local =
      index % 997 === 5 ? "élodie" : pick(["reader", "Reader", "news", "first.last", "o'brien", "a+list", "x_y"]);
    return makePerson(`${local}${index}@${pick(usualDomains)}`);
  });
  const people = [...special, ...gmail, ...usual];

  // What is told of a person stands on the last of the lines; doubles are put before it.
  const plain = usual.filter((_, index) => index % 11 === 0);
  const doubleOf = (person: Person, email: string): Person => ({
    ...person,
    email,
    firstName: "Old",
    city: "Elsewhere",
  });
  const before = new Map<Person, Person[]>();
  const addDouble = (person: Person, email: string): void =>
    void before.set(person, [...(before.get(person) ?? []), doubleOf(person, email)]);
  const at = (index: number): Person => plain[index] as Person;
  for (let index = 0; index < caseDoubles; index += 1) addDouble(at(index), swapCase(at(index).email));
  for (let index = 0; index < plainDoubles; index += 1)
    addDouble(at(caseDoubles + index), at(caseDoubles + index).email);
  for (let index = 0; index < spacedDoubles; index += 1)
    addDouble(at(caseDoubles + plainDoubles + index), `  ${at(caseDoubles + plainDoubles + index).email} `);
  for (let index = 0; index < dotDoubles; index += 1) {
    const person = gmail[index % gmail.length] as Person;
    addDouble(
      person,
      index < gmail.length
        ? person.email.replaceAll(".", "").replace("gmailcom", "gmail.com")
        : person.email.replace("@gmail.com", "@googlemail.com"),
    );
  }

  const tail = usual.slice(-2_000);
  for (const [index, [firstName, lastName]] of oddNames.entries())
    replaceIn(people, tail[index * 3] as Person, { firstName, lastName });
  for (const [index, birthDate] of impossibleDates.entries())
    replaceIn(people, tail[100 + index * 3] as Person, { birthDate });
  for (const [index, country] of unknownCountries.entries())
    replaceIn(people, tail[200 + index * 3] as Person, { country });
  const optOuts = 120;
  for (let index = 0; index < optOuts; index += 1)
    replaceIn(people, tail[300 + index * 3] as Person, { optOut: pick(["1", "yes", "oui", "TRUE", "x", "是"]) });

  const rejectRows = badAddresses.flatMap(([, count, addresses]) =>
    Array.from({ length: count }, (_, index) =>
      writePerson(makePerson((addresses[index % addresses.length] ?? "").replaceAll("#", String(index))), "minimal"),
    ),
  );
  const rows = [
    ...people.map((person) =>
      [...(before.get(person) ?? []), person].map((one) =>
        writePerson(one, pick(["minimal", "minimal", "minimal", "quoted", "short"])),
      ),
    ),
    ...rejectRows.map((row) => [row]),
    ...badLines.flatMap(([, lines]) => lines.map((line) => [line])),
    ...blankLines.map((line) => [line]),
  ];
  // A person's lines stay in their order; all else is mixed.
  const lines = shuffle(rows, random).flat();
  const ends = lines.map(() => pick(["\n", "\n", "\r\n", "\r\n", "\r"]));
  const text = `${heading}\r\n${lines.map((line, index) => line + ends[index]).join("")}"never closed@example.com,Last,Line`;

  return {
    bytes: Buffer.from(`\ufeff${text}`),
    counts: {
      read: rowCount,
      inserted,
      doubles,
      rejected,
      blankLines: blankLines.length,
      optedOut: optOuts,
      rejects,
      leftOut: { birthDate: impossibleDates.length, countryCode: unknownCountries.length },
      testDomains,
    },
  };
}

/** The page beside the list; a test holds an import against it. */
export function describeSampleList({ counts }: SampleList): string {
  const table = (rows: readonly (readonly [string, number])[]): string =>
    rows.map(([name, count]) => `| ${name} | ${count} |`).join("\n");
  return `# The sample list

\`sample-recipients.csv\` is what \`npm run demo\` imports: ${counts.read} lines with the dirt of real lists. \`node scripts/make-sample-list.ts\` makes it and
this page, the same bytes each time; a test compares. All people are invented, all domains are reserved for examples (RFC 2606), apart from ten
made-up Gmail addresses that show how dots are treated: the demo sends to the built-in mailbox only.

In it: a byte order mark, LF, CRLF and CR mixed, quoted cells with commas, quotes and line ends, lines without their last cells, blank lines, accents,
Chinese, Arabic and Hebrew names, right-to-left marks, emoji, O'Brien, names that look like templates, HTML, SQL, formulas and mail headers, doubles in
case, in spaces and in Gmail's dots, impossible addresses, dates and countries, opt-outs, and a last line whose quote is never closed.

## What an import into an empty audience finds

| count | lines |
| --- | --- |
${table([
  ["read", counts.read],
  ["inserted", counts.inserted],
  ["doubles", counts.doubles],
  ["rejected", counts.rejected],
  ["blank", counts.blankLines],
  ["opted out", counts.optedOut],
])}

| rejected because | lines |
| --- | --- |
${table(Object.entries(counts.rejects).sort(([a], [b]) => a.localeCompare(b)))}

| cells left out of | cells |
| --- | --- |
${table(Object.entries(counts.leftOut))}

The column \`notes\` names no field and is not imported.

## Recipients at the test domains of the built-in mailbox

| domain | recipients |
| --- | --- |
${table(Object.entries(counts.testDomains))}

None of them has opted out or stands in the list twice.
`;
}

function writePerson(person: Person, style: "minimal" | "quoted" | "short"): string {
  const cells = [
    person.email,
    person.firstName,
    person.lastName,
    person.language,
    person.city,
    person.country,
    person.birthDate,
    person.company,
    person.phone,
    person.optOut,
    person.notes,
  ];
  if (style === "short") while (cells.length > 2 && cells.at(-1) === "") cells.pop();
  return cells
    .map((cell) => (style === "quoted" || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(",");
}

function writeDate(random: () => number, form: "iso" | "slash" | "dot" | "classic"): string {
  const year = 1_930 + Math.floor(random() * 75);
  const month = String(1 + Math.floor(random() * 12)).padStart(2, "0");
  const day = String(1 + Math.floor(random() * 28)).padStart(2, "0");
  switch (form) {
    case "iso":
      return `${year}-${month}-${day}`;
    case "slash":
      return `${day}/${month}/${year}`;
    case "dot":
      return `${Number(day)}.${Number(month)}.${year}`;
    case "classic":
      return `${year}/${month}/${day} 00:00:00`;
  }
}

function replaceIn(people: Person[], person: Person, change: Partial<Person>): void {
  people[people.indexOf(person)] = { ...person, ...change };
}

function swapCase(text: string): string {
  return text.replace(/\p{L}/gu, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items];
  for (let index = mixed.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [mixed[index], mixed[other]] = [mixed[other] as T, mixed[index] as T];
  }
  return mixed;
}

/** mulberry32: small, and the same on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

if (import.meta.main) {
  const folder = resolve(import.meta.dirname, "../database/seed");
  const list = makeSampleList();
  writeFileSync(join(folder, "sample-recipients.csv"), list.bytes);
  writeFileSync(join(folder, "README.md"), describeSampleList(list));
}

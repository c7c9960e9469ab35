import assert from "node:assert/strict";
import { test } from "node:test";

import { secretsFromKey } from "#foundation/secrets.ts";
import { examineSettings } from "#foundation/settings.ts";

import { type IpAffinity, namesOfAffinities } from "./ip-affinity.ts";
import { mtaAffinitySettings } from "./settings.ts";

/** Reads a file with these lines; answers what it holds, and what is wrong with it. */
function read(...lines: string[]): { affinities: readonly IpAffinity[]; problems: readonly string[] } {
  const { settings, faults } = examineSettings({
    sources: [{ name: "test.toml", text: lines.join("\n") }],
    sections: [mtaAffinitySettings],
    environment: {},
    secrets: secretsFromKey(Buffer.alloc(32)),
  });
  return {
    affinities: settings.of(mtaAffinitySettings).ipAffinity,
    problems: faults.map(({ name, problem }) => `${name}: ${problem}`),
  };
}

const affinity = ["[[mta.child.smtp.ipAffinity]]", 'name = "marketing"'];
const ip = (...lines: string[]): string[] => ["[[mta.child.smtp.ipAffinity.ip]]", ...lines];

test("affinities are read with their addresses; what is left out has its usual value", () => {
  const { affinities, problems } = read(
    "[[mta.child.smtp.ipAffinity]]",
    'name = "marketing;default"',
    'localDomain = "out.example.org"',
    ...ip('address = "192.0.2.1"', "publicId = 1", "weight = 5", 'heloHost = "one.example.org"'),
    ...ip(
      'address = "2001:db8::2"',
      "publicId = 2",
      'includeDomains = "gmail.*, *.test"',
      'excludeDomains = ["a.test"]',
    ),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(namesOfAffinities(affinities), ["marketing", "default"]);
  assert.deepEqual(affinities[0]?.addresses, [
    {
      address: "192.0.2.1",
      publicId: 1,
      weight: 5,
      includeDomains: [],
      excludeDomains: [],
      heloHost: "one.example.org",
    },
    {
      address: "2001:db8::2",
      publicId: 2,
      weight: 1,
      includeDomains: ["gmail.*", "*.test"],
      excludeDomains: ["a.test"],
      heloHost: "out.example.org",
    },
  ]);
});

test("an address may serve several affinities, with one number and one name", () => {
  const one = ip('address = "192.0.2.1"', "publicId = 1");
  const { problems } = read(
    ...affinity,
    ...one,
    "[[mta.child.smtp.ipAffinity]]",
    'name = "other"',
    ...one,
    "weight = 7",
  );
  assert.deepEqual(problems, []);
});

for (const [what, lines, sentence] of [
  [
    "a number of two addresses",
    [...ip('address = "192.0.2.1"', "publicId = 1"), ...ip('address = "192.0.2.2"', "publicId = 1")],
    "publicId 1 is that of 192.0.2.1 and of 192.0.2.2: a number is one address",
  ],
  [
    "an address of two numbers",
    [
      ...ip('address = "192.0.2.1"', "publicId = 1"),
      "[[mta.child.smtp.ipAffinity]]",
      'name = "b"',
      ...ip('address = "192.0.2.1"', "publicId = 2"),
    ],
    "192.0.2.1 has publicId 1 and 2: an address has one",
  ],
  [
    "an address of two names",
    [
      ...ip('address = "192.0.2.1"', "publicId = 1", 'heloHost = "a.test"'),
      "[[mta.child.smtp.ipAffinity]]",
      'name = "b"',
      ...ip('address = "192.0.2.1"', "publicId = 1"),
    ],
    "192.0.2.1 has heloHost a.test and (none): an address has one",
  ],
  [
    "a name that is declared twice",
    [...ip('address = "192.0.2.1"', "publicId = 1"), ...affinity, ...ip('address = "192.0.2.1"', "publicId = 1")],
    "the affinity marketing is declared twice",
  ],
  [
    "an address that stands twice",
    [...ip('address = "192.0.2.1"', "publicId = 1"), ...ip('address = "192.0.2.1"', "publicId = 1")],
    "the affinity marketing has 192.0.2.1 twice",
  ],
  ["no address", [], "the list ip of the affinity marketing is no list of tables"],
  [
    "a host name for an address",
    ip('address = "mx.example.org"', "publicId = 1"),
    "an ip has no address, or one that is no IP address",
  ],
  ["no number", ip('address = "192.0.2.1"'), "publicId of 192.0.2.1 is no whole number from 1 to 32767"],
  [
    "a weight of nothing",
    ip('address = "192.0.2.1"', "publicId = 1", "weight = 0"),
    "weight of 192.0.2.1 is no whole number from 1 to 1000000",
  ],
  [
    "a mask with spaces",
    ip('address = "192.0.2.1"', "publicId = 1", 'includeDomains = "a b"'),
    "includeDomains and excludeDomains of 192.0.2.1 are masks such as gmail.*, separated by commas",
  ],
  [
    "a HELO name with a line break",
    ip('address = "192.0.2.1"', "publicId = 1", 'heloHost = "a\\r\\nb"'),
    "heloHost of 192.0.2.1 is no host name",
  ],
  ["a word that is not known", ip('address = "192.0.2.1"', "publicId = 1", "speed = 3"), "an ip has no speed"],
] as const) {
  test(`${what} is a fault that says so`, () => {
    const { problems } = read(...affinity, ...lines);
    assert.equal(problems.length, 1);
    assert.ok(problems[0]?.startsWith("mta.child.smtp.ipAffinity: ") && problems[0].endsWith(sentence), problems[0]);
  });
}

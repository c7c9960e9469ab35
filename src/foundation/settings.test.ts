import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";

import { secretsFromKey } from "./secrets.ts";
import {
  choice,
  declareSettings,
  environmentName,
  findLine,
  flag,
  integer,
  list,
  resolveSettings,
  secret,
  text,
} from "./settings.ts";

const secrets = secretsFromKey(randomBytes(32));
const web = declareSettings("web", {
  port: integer({ default: 8080, min: 0, max: 65_535, description: "Port." }),
  isOpen: flag({ default: false, description: "Open." }),
});
const child = declareSettings("mta.child", {
  maxSessionsPerChild: integer({ default: 1000, min: 1, max: 5000, description: "Sessions." }),
  tls: choice({ default: "off", words: ["off", "on"], description: "TLS." }),
  masks: list({ default: [], description: "Masks." }),
});
const database = declareSettings("database", {
  url: text({ default: "", description: "Address." }),
  password: secret({ default: "", description: "Password." }),
});
const sections = [web, child, database];

const read = (toml: string, environment: NodeJS.ProcessEnv = {}, more: string[] = []) =>
  resolveSettings({
    sources: [toml, ...more].map((source, index) => ({ name: `file${index}.toml`, text: source })),
    sections,
    environment,
    secrets,
  });

test("what is not set has its default", () => {
  assert.deepEqual({ ...read("").settings.of(web) }, { port: 8080, isOpen: false });
});

test("an instance's file overrides the host's value by value, and the environment both", () => {
  const { settings } = read("[web]\nport = 1\nisOpen = true", { POSTRIDER_WEB_PORT: "3" }, ["[web]\nport = 2"]);
  assert.deepEqual({ ...settings.of(web) }, { port: 3, isOpen: true });
  assert.equal(settings.origin("web.port"), "environment POSTRIDER_WEB_PORT");
  assert.equal(settings.origin("web.isOpen"), "file0.toml:3");
});

test("a setting's variable may be written with or without underscores between its words", () => {
  assert.equal(environmentName("mta.child.maxSessionsPerChild"), "POSTRIDER_MTA_CHILD_MAX_SESSIONS_PER_CHILD");
  for (const name of ["POSTRIDER_MTA_CHILD_MAX_SESSIONS_PER_CHILD", "POSTRIDER_MTA_CHILD_MAXSESSIONSPERCHILD"]) {
    assert.equal(read("", { [name]: "7" }).settings.of(child).maxSessionsPerChild, 7);
  }
});

test("all faults are reported together, with file, line, name and what is accepted", () => {
  const toml = '[web]\nport = 70000\nprot = 1\n\n[mta.child]\ntls = "maybe"\nmaxSessionsPerChild = "many"\n';
  assert.throws(
    () => read(toml, { POSTRIDER_WEB_IS_OPEN: "perhaps" }),
    (error: Error) => {
      assert.match(error.message, /^5 settings are wrong/);
      assert.match(
        error.message,
        /file0\.toml:2: web\.port: 70000 is not accepted; it takes a whole number from 0 to 65535/,
      );
      assert.match(error.message, /file0\.toml:3: web\.prot: there is no such setting; did you mean web\.port\?/);
      assert.match(error.message, /file0\.toml:6: mta\.child\.tls: "maybe" is not accepted; it takes one of off, on/);
      assert.match(error.message, /file0\.toml:7: mta\.child\.maxSessionsPerChild/);
      assert.match(error.message, /environment POSTRIDER_WEB_IS_OPEN: web\.isOpen: "perhaps"/);
      return true;
    },
  );
});

test("a file that is no TOML is a fault with its line", () => {
  assert.throws(() => read("[web]\nport = = 3\n"), /file0\.toml:2: .*TOML/);
});

test("a variable that names no setting is a warning, not a fault", () => {
  const { warnings } = read("", {
    POSTRIDER_WEB_PROT: "1",
    POSTRIDER_HOME: "/x",
    POSTRIDER_ADMIN_PASSWORD: "y",
    OTHER: "z",
  });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /POSTRIDER_WEB_PROT/);
});

test("a secret may be stored encrypted, and is never shown in a fault", () => {
  const stored = secrets.encrypt("s3cret");
  assert.equal(read(`[database]\npassword = "${stored}"`).settings.of(database).password, "s3cret");
  assert.throws(
    () => read('[database]\npassword = ["s3cret"]'),
    (error: Error) => !error.message.includes("s3cret"),
  );
  const other = secretsFromKey(randomBytes(32));
  assert.throws(() => read(`[database]\npassword = "${other.encrypt("x")}"`), /another conf\/secret\.key/);
});

test("lists come from TOML arrays and from commas in the environment", () => {
  assert.deepEqual(read('[mta.child]\nmasks = ["a", "b"]').settings.of(child).masks, ["a", "b"]);
  assert.deepEqual(read("", { POSTRIDER_MTA_CHILD_MASKS: "a, b" }).settings.of(child).masks, ["a", "b"]);
});

test("the line of a setting is found under its heading and in dotted form", () => {
  assert.equal(findLine("a.b = 1\n[c]\nd = 2\n", "a.b"), 1);
  assert.equal(findLine("a.b = 1\n[c]\nd = 2\n", "c.d"), 3);
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { setInSettings } from "./edit-settings.ts";

const file = `# of this host

[web]
# TCP port of web. Default:
# port = 8080
address = "127.0.0.1" # only from here

[mta.child]
maxSessionsPerChild = 20   # per child
`;

test("a value that is set is replaced in its line, and the comment behind it stays", () => {
  const text = setInSettings(setInSettings(file, "web.address", "0.0.0.0"), "mta.child.maxSessionsPerChild", 50);
  assert.equal(
    text,
    file.replace('"127.0.0.1" # only', '"0.0.0.0" # only').replace("= 20   # per child", "= 50   # per child"),
  );
});

test("a value that is not set follows its commented example", () => {
  assert.equal(setInSettings(file, "web.port", 8081), file.replace("# port = 8080\n", "# port = 8080\nport = 8081\n"));
});

test("without an example it goes to the end of its table, before the comments of the next one", () => {
  const text = "[web]\nport = 1\n\n# of the mta\n[mta]\n";
  assert.equal(setInSettings(text, "web.address", "::1"), '[web]\nport = 1\naddress = "::1"\n\n# of the mta\n[mta]\n');
});

test("without its table the table is added at the end; an empty file gets both", () => {
  assert.equal(setInSettings("[web]\nport = 1\n", "stat.port", 7), "[web]\nport = 1\n\n[stat]\nport = 7\n");
  assert.equal(setInSettings("", "stat.port", 7), "[stat]\nport = 7\n");
});

test("a key written with dots is found where it stands", () => {
  assert.equal(setInSettings("web.port = 1\n", "web.port", 2), "web.port = 2\n");
  assert.equal(setInSettings("[mta]\nchild.maxAgeSec = 1\n", "mta.child.maxAgeSec", 2), "[mta]\nchild.maxAgeSec = 2\n");
});

test("quotes, backslashes, number signs and other scripts in a text survive", () => {
  for (const value of ['a"b\\c', "x # y", "été 中文 \u202e", "line\nbreak", "'"]) {
    const once = setInSettings('[database]\npassword = "a # b" # kept\n', "database.password", value);
    assert.match(once, /# kept\n$/);
    assert.equal(setInSettings(setInSettings(once, "database.password", "x"), "database.password", value), once);
  }
});

test("a value in a form that is not one line is refused instead of being damaged", () => {
  assert.throws(() => setInSettings('[instance]\nhosts = [\n  "a",\n]\n', "instance.hosts", ["b"]), {
    code: "STG-100002",
  });
  assert.throws(() => setInSettings("web = { port = 1 }\n", "web.port", 2), { code: "STG-100002" });
});

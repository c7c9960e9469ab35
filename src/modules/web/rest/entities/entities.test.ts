import assert from "node:assert/strict";
import { test } from "node:test";

import { aRest, type JsonAnswer, type Rest } from "#test/support/rest.ts";

type Item = Readonly<Record<string, unknown>>;

const itemsOf = ({ json }: JsonAnswer): Item[] => json["items"] as Item[];
const errorsOf = ({ json }: JsonAnswer): [string, string][] =>
  ((json["errors"] ?? []) as { field: string; message: string }[]).map(({ field, message }) => [field, message]);

async function people(rest: Rest, ...rows: readonly object[]): Promise<number[]> {
  const answer = await rest.call("POST", "/recipients/bulk?operation=insert", rows);
  assert.equal(answer.status, 200, answer.text);
  return (answer.json["results"] as { id: number }[]).map(({ id }) => id);
}

test("a list is filtered by fields, also through links, and by an expression", async (t) => {
  const rest = await aRest(t);
  const folder = await rest.call("POST", "/folders", { name: "vip", label: "Very important" });
  assert.equal(folder.status, 201, folder.text);
  await people(
    rest,
    { email: "ann@example.com", gender: "female", folder: { name: "vip" }, birthDate: "1980-02-29" },
    { email: "bob@example.com", gender: "male", company: "Acme" },
    { email: "cy@example.org" },
  );
  const emails = async (query: string): Promise<unknown[]> => {
    const answer = await rest.call("GET", `/recipients?${query}&sort=email&fields=email`);
    assert.equal(answer.status, 200, `${query}: ${answer.text}`);
    return itemsOf(answer).map(({ email }) => email);
  };
  assert.deepEqual(await emails("email=bob@example.com"), ["bob@example.com"]);
  assert.deepEqual(await emails("email=bob@example.com&email=cy@example.org"), ["bob@example.com", "cy@example.org"]);
  assert.deepEqual(await emails("gender=female"), ["ann@example.com"]);
  assert.deepEqual(await emails("gender=2"), ["ann@example.com"]);
  assert.deepEqual(await emails("folder/name=vip"), ["ann@example.com"]);
  assert.deepEqual(await emails("birthDate=1980-02-29"), ["ann@example.com"]);
  assert.deepEqual(await emails("company="), ["ann@example.com", "cy@example.org"]);
  assert.deepEqual(await emails("blackList=false&company=Acme"), ["bob@example.com"]);
  assert.deepEqual(await emails(`filter=${encodeURIComponent("@domain = 'example.com' AND @gender = 1")}`), [
    "bob@example.com",
  ]);
});

test("pages meet without a gap or a row twice, whatever is sorted by and while rows are added", async (t) => {
  const rest = await aRest(t);
  const rows = Array.from({ length: 57 }, (_, n) => ({
    email: `p${n}@example.com`,
    ...(n % 3 === 0 ? {} : { company: `c${n % 5}` }),
    ...(n % 7 === 0 ? { birthDate: `19${10 + n}-01-01` } : {}),
  }));
  await people(rest, ...rows);
  for (const sort of [
    "",
    "email",
    "-company",
    "company,-birthDate",
    "-created,email",
    "folder/name,birthDate",
    "-id",
  ]) {
    const seen: unknown[] = [];
    let next: string | undefined = `/recipients?sort=${sort}&limit=10&fields=id`;
    for (let page = 0; next !== undefined; page += 1) {
      const answer: JsonAnswer = await rest.call("GET", next.replace("/api/v1", ""));
      assert.equal(answer.status, 200, `${sort}: ${answer.text}`);
      seen.push(...itemsOf(answer).map(({ id }) => id));
      next = answer.json["next"] as string | undefined;
      if (next !== undefined) assert.equal(answer.headers["link"], `<${next}>; rel="next"`);
      if (page === 2)
        await rest.call("POST", "/recipients", { email: `new-${sort}@example.com`, company: "zzz", text1: "later" });
      assert.ok(page < 20);
    }
    assert.equal(new Set(seen).size, seen.length, sort);
    assert.ok(seen.length >= 57, `${sort}: ${seen.length}`);
  }
});

test("a place in another list, or one that is made up, is refused", async (t) => {
  const rest = await aRest(t);
  await people(rest, ...Array.from({ length: 5 }, (_, n) => ({ email: `p${n}@example.com` })));
  const next = String((await rest.call("GET", "/recipients?sort=email&limit=2")).json["next"]);
  const after = new URLSearchParams(next.split("?")[1]).get("after") ?? "";
  for (const query of [
    `sort=-email&after=${after}`,
    `sort=email&gender=male&after=${after}`,
    `after=${after}`,
    "after=x",
    "after=",
  ]) {
    const answer = await rest.call("GET", `/recipients?${query}`);
    assert.deepEqual([answer.status, answer.json["code"]], [400, "WEB-100122"], query);
  }
  assert.equal((await rest.call("GET", `/recipients?sort=email&limit=2&after=${after}`)).status, 200);
});

test("count tells how many there are on all pages", async (t) => {
  const rest = await aRest(t);
  await people(rest, { email: "a@example.com" }, { email: "b@example.com" }, { email: "c@example.org" });
  const answer = await rest.call("GET", "/recipients?count=true&limit=1&domain=example.com");
  assert.deepEqual([answer.json["count"], itemsOf(answer).length], [2, 1]);
});

test("fields choose what is answered: groups, links, rows behind links to many", async (t) => {
  const rest = await aRest(t);
  await rest.call("POST", "/groups", { name: "news", label: "News" });
  const [id] = await people(rest, {
    email: "ann@example.com",
    location: { city: "Ghent" },
    rcpGrpRel: [{ group: { name: "news" } }],
  });
  const fields = "email,location/city,folder/name,folder,rcpGrpRel/group/name";
  const answer = await rest.call("GET", `/recipients/${id}?fields=${fields}`);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json["email"], "ann@example.com");
  assert.deepEqual(answer.json["location"], { city: "Ghent" });
  assert.deepEqual(answer.json["rcpGrpRel"], [{ group: { name: "news" } }]);
  assert.ok(answer.json["folder"]);
  const whole = await rest.call("GET", `/recipients/${id}?fields=location`);
  assert.ok("zipCode" in (whole.json["location"] as object), whole.text);
  const unknown = await rest.call("GET", `/recipients/${id}?fields=email,emial,folder/nmae`);
  assert.deepEqual([unknown.status, errorsOf(unknown).map(([field]) => field)], [400, ["fields", "fields"]]);
});

test("what a client gives and cannot be stored is told for each field at once, with status 400", async (t) => {
  const rest = await aRest(t);
  const answer = await rest.call("POST", "/recipients", {
    email: 17,
    gender: "neither",
    birthDate: "30.2.1980",
    blackList: "yes",
    location: { city: "x".repeat(101), town: "Ghent" },
    "folder-id": 1.5,
    isAdmin: true,
    folder: "vip",
    rcpGrpRel: {},
    __proto__x: 1,
  });
  assert.equal(answer.status, 400);
  assert.equal(answer.headers["content-type"], "application/problem+json; charset=utf-8");
  assert.deepEqual(
    errorsOf(answer)
      .map(([field]) => field)
      .sort(),
    [
      "__proto__x",
      "birthDate",
      "blackList",
      "email",
      "folder",
      "folder-id",
      "gender",
      "isAdmin",
      "location/city",
      "location/town",
      "rcpGrpRel",
    ],
  );
});

test("what the server keeps or computes cannot be given, unless it is what is there", async (t) => {
  const rest = await aRest(t);
  const person = { email: "ann@example.com", domain: "evil.example" };
  assert.equal((await rest.call("POST", "/recipients", person)).status, 400);
  const made = await rest.call("POST", "/recipients", { email: "ann@example.com" });
  const path = String(made.headers["location"]).replace("/api/v1", "");
  assert.equal((await rest.call("PATCH", path, { domain: "evil.example" })).status, 400);
  const whole = await rest.call("GET", path);
  const back = await rest.call("PATCH", path, { ...whole.json, firstName: "Ann" });
  assert.deepEqual([back.status, back.json["firstName"]], [200, "Ann"], back.text);
  const operator = await rest.call("POST", "/recipients", { id: 1, email: "x@example.com" });
  assert.equal(operator.status, 400, operator.text);
});

test("a row is found by its primary key or by another key of its own, never by what only looks like one", async (t) => {
  const rest = await aRest(t);
  await rest.call("POST", "/folders", { name: "a,b=c/d", label: "Odd" });
  const found = await rest.call("GET", `/folders/name=${encodeURIComponent("a,b=c/d")}`);
  assert.deepEqual([found.status, found.json["label"]], [200, "Odd"], found.text);
  assert.equal((await rest.call("GET", `/folders/${String(found.json["id"])}`)).json["name"], "a,b=c/d");
  assert.equal((await rest.call("GET", "/nms:recipient")).status, 200, "by the schema's own name");
  for (const path of [
    "/folders/label=Odd",
    "/folders/name=",
    "/folders/1,2",
    "/folders/x",
    "/folders/%zz",
    "/folders/1;2",
    "/folders/name=x",
    "/folders/9007199254740999",
    "/recipients/email=x",
    "/recipients/1.5",
  ]) {
    const answer = await rest.call("GET", path);
    assert.equal(answer.status, 404, path);
  }
  const renamed = await rest.call("PATCH", `/folders/name=${encodeURIComponent("a,b=c/d")}`, { name: "even" });
  assert.deepEqual([renamed.status, renamed.json["name"]], [200, "even"], renamed.text);
});

test("a key that is there already is a conflict, and nothing is stored", async (t) => {
  const rest = await aRest(t);
  assert.equal((await rest.call("POST", "/groups", { name: "news" })).status, 201);
  const again = await rest.call("POST", "/groups", { name: "news" });
  assert.deepEqual([again.status, again.json["code"]], [409, "XTK-170936"]);
  assert.equal((await rest.call("GET", "/groups?name=news&count=true")).json["count"], 1);
});

test("bulk writes ten thousand rows in one call, as a list or as lines, all or nothing", async (t) => {
  const rest = await aRest(t);
  const rows = Array.from({ length: 10_000 }, (_, n) => ({
    email: `p${n}@example.com`,
    account: `A${n}`,
    firstName: `First${n}`,
  }));
  const begun = performance.now();
  const made = await rest.call("POST", "/recipients/bulk?operation=insertOrUpdate&key=account", rows);
  t.diagnostic(`10,000 rows in ${Math.round(performance.now() - begun)} ms`);
  assert.deepEqual([made.status, made.json["written"]], [200, 10_000], made.text.slice(0, 500));
  const results = made.json["results"] as { id: number; effect: string }[];
  assert.deepEqual([results.length, results[0]?.effect], [10_000, "inserted"]);

  const lines = [
    { account: "A1", lastName: "One" },
    { account: "B1", lastName: "New" },
  ]
    .map((row) => JSON.stringify(row))
    .join("\n");
  const changed = await rest.call("POST", "/recipients/bulk?key=account", lines, {
    "content-type": "application/x-ndjson",
  });
  const effects = (changed.json["results"] as { effect: string }[]).map(({ effect }) => effect);
  assert.deepEqual(effects, ["updated", "inserted"], changed.text);

  const faulty = await rest.call("POST", "/recipients/bulk?key=account", [
    { account: "C1" },
    { account: "C2", gender: "x" },
    5,
  ]);
  assert.equal(faulty.status, 400);
  const wrong = await rest.call("POST", "/recipients/bulk?key=account", [
    { account: "C1" },
    { account: "C2", gender: "x" },
  ]);
  assert.deepEqual(
    (wrong.json["errors"] as { item: number; field: string }[]).map(({ item, field }) => [item, field]),
    [[1, "gender"]],
  );
  assert.equal((await rest.call("GET", "/recipients?account=C1&count=true")).json["count"], 0);

  const deleted = await rest.call("POST", "/recipients/bulk?operation=delete&key=account", [
    { account: "A1" },
    { account: "nobody" },
  ]);
  assert.deepEqual([deleted.status, deleted.json["written"]], [200, 1], deleted.text);
  const tooMany = await rest.call("POST", "/recipients/bulk", `[${"{},".repeat(10_000)}{}]`);
  assert.deepEqual([tooMany.status, tooMany.json["code"]], [413, "WEB-100114"]);
});

test("a change is made only when the row is still what the client has seen", async (t) => {
  const rest = await aRest(t);
  const [id] = await people(rest, { email: "ann@example.com" });
  const seen = await rest.call("GET", `/recipients/${id}`);
  const etag = String(seen.headers["etag"]);
  assert.equal((await rest.call("GET", `/recipients/${id}`, undefined, { "if-none-match": etag })).status, 304);
  const first = await rest.call("PATCH", `/recipients/${id}`, { firstName: "Ann" }, { "if-match": etag });
  assert.equal(first.status, 200, first.text);
  const second = await rest.call("PATCH", `/recipients/${id}`, { firstName: "Anna" }, { "if-match": etag });
  assert.deepEqual([second.status, second.json["code"]], [412, "WEB-100123"]);
  assert.equal((await rest.call("DELETE", `/recipients/${id}`, undefined, { "if-match": etag })).status, 412);
  const now = String(first.headers["etag"]);
  const race = await Promise.all(
    ["X", "Y", "Z"].map((firstName) => rest.call("PATCH", `/recipients/${id}`, { firstName }, { "if-match": now })),
  );
  assert.deepEqual(
    race.map(({ status }) => status).sort((a, b) => a - b),
    [200, 412, 412],
  );
  assert.equal((await rest.call("DELETE", `/recipients/${id}`, undefined, { "if-match": "*" })).status, 204);
});

test("a client that wants no body gets none", async (t) => {
  const rest = await aRest(t);
  const headers = { prefer: "return=minimal" };
  const made = await rest.call("POST", "/recipients", { email: "a@example.com" }, headers);
  assert.deepEqual([made.status, made.text, made.headers["preference-applied"]], [201, "", "return=minimal"]);
  const path = String(made.headers["location"]).replace("/api/v1", "");
  const changed = await rest.call("PATCH", path, { firstName: "A" }, headers);
  assert.deepEqual([changed.status, changed.text], [204, ""]);
  const bulk = await rest.call("POST", "/recipients/bulk", [{ email: "b@example.com" }], headers);
  assert.deepEqual(bulk.json, { written: 1 });
});

test("a row's key cannot be changed, and a POST to a row is no way to write it", async (t) => {
  const rest = await aRest(t);
  const [id = 0] = await people(rest, { email: "ann@example.com" });
  const moved = await rest.call("PATCH", `/recipients/${id}`, { id: id + 1 });
  assert.deepEqual([moved.status, errorsOf(moved)[0]?.[0]], [400, "id"]);
  assert.equal((await rest.call("PATCH", `/recipients/${id}`, { id, firstName: "Ann" })).status, 200);
  const put = await rest.call("PUT", `/recipients/${id}`, { email: "x@example.com" });
  assert.deepEqual([put.status, put.headers["allow"]], [405, "GET, HEAD, PATCH, DELETE, OPTIONS"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { guessField, normaliseHeading } from "./guess-field.ts";
import { type RecipientField, recipientFields } from "./recipient-fields.ts";

test("headings in the six languages lead to their fields", () => {
  for (const [heading, field] of [
    ["email", "email"],
    ["E-mail", "email"],
    ["  MAIL *", "email"],
    ["Courriel", "email"],
    ["Adresse e-mail", "email"],
    ["E-mailadres", "email"],
    ["e-postadress", "email"],
    ["Endereço de e-mail", "email"],
    ["电子邮件", "email"],
    ["first name", "firstName"],
    ["firstname", "firstName"],
    ["first_name", "firstName"],
    ["prénom", "firstName"],
    ["PRENOM", "firstName"],
    ["voornaam", "firstName"],
    ["Förnamn", "firstName"],
    ["名字", "firstName"],
    ["nom", "lastName"],
    ["Sobrenome", "lastName"],
    ["date de naissance", "birthDate"],
    ["födelsedatum", "birthDate"],
    ["Código postal", "zipCode"],
    ["opt-out", "blackListEmail"],
    ["退订", "blackListEmail"],
    ["country", "countryCode"],
  ] as const) {
    assert.equal(guessField(heading)?.name, field, heading);
  }
});

test("headings that name no field, or could name two, name none", () => {
  for (const heading of ["", "   ", "name", "naam", "opt-in", "__proto__", "constructor", "toString", "reject reason"])
    assert.equal(guessField(heading), undefined, heading);
});

test("each heading is written as it is looked up, and leads to one field only", () => {
  const seen = new Map<string, string>();
  for (const field of recipientFields as readonly RecipientField[]) {
    for (const heading of [field.name.toLowerCase(), ...field.headings]) {
      assert.equal(normaliseHeading(heading), heading);
      assert.equal(seen.get(heading), undefined, `${heading} names ${seen.get(heading)} and ${field.name}`);
      seen.set(heading, field.name);
      assert.equal(guessField(heading)?.name, field.name);
    }
  }
});

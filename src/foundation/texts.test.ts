import assert from "node:assert/strict";
import { test } from "node:test";

import { wordsOf } from "./doctor/words.ts";
import { languages } from "./languages.ts";
import { openTexts } from "./texts.ts";

test("numbers are written as the language does, and choose the form that goes with them", () => {
  const catalogue = { files: "{files} {files|file is|files are} in {folder}", other: "{nobody} said, {nobody|a|b}" };
  const { say } = openTexts<keyof typeof catalogue>(catalogue, "en", "UTC");
  const sayFiles = (files: number | string): string => say("files", { files, folder: "{files|x|y}" });
  assert.equal(sayFiles(1), "1 file is in {files|x|y}");
  assert.equal(sayFiles(0), "0 files are in {files|x|y}");
  assert.equal(sayFiles(1_200), "1,200 files are in {files|x|y}");
  assert.equal(sayFiles("many"), "many files are in {files|x|y}");
  assert.equal(say("other"), "{nobody} said, {nobody|a|b}");
});

test("one delivery is spoken of as one, in every language", () => {
  const sentences = (count: number): string[] =>
    languages.map((language) => wordsOf(language, "UTC").say("deliveries.paused.symptom", { deliveries: count }));
  assert.deepEqual(sentences(1), [
    "1 delivery is paused.",
    "1 diffusion est en pause.",
    "1 levering is gepauzeerd.",
    "1 entrega está pausada.",
    "1 leverans är pausad.",
    "1 个投放已暂停。",
  ]);
  assert.deepEqual(sentences(0).slice(0, 2), ["0 deliveries are paused.", "0 diffusion est en pause."]);
  assert.deepEqual(sentences(2).slice(0, 2), ["2 deliveries are paused.", "2 diffusions sont en pause."]);
});

/** The ready-made blocks that content may include, in the languages of the product. */

import { unreachable } from "#foundation/errors.ts";

import type { ContentField } from "./content-field.ts";

/**
 * `UnsubscriptionLink`: a sentence whose words are the link. `UnsubscriptionUrl`: the address alone, for a link worded by the author.
 * `Greetings`: a salutation with the recipient's name.
 */
export const messageBlockNames = ["UnsubscriptionLink", "UnsubscriptionUrl", "Greetings"] as const;
export type MessageBlock = (typeof messageBlockNames)[number];

/** True for the name of a block. */
export function isMessageBlock(name: string): name is MessageBlock {
  return messageBlockNames.some((known) => known === name);
}

export type BlockPiece =
  | { readonly text: string }
  | { readonly field: ContentField }
  | { readonly isUnsubscribeUrl: true };

/**
 * What a block consists of.
 * @param language of the instance; English where it has no wording
 */
export function expandBlock(block: MessageBlock, part: "html" | "text", language: string): readonly BlockPiece[] {
  const wording = wordings[language] ?? english;
  switch (block) {
    case "UnsubscriptionUrl":
      return [{ isUnsubscribeUrl: true }];
    case "UnsubscriptionLink":
      return part === "html"
        ? [{ text: '<a href="' }, { isUnsubscribeUrl: true }, { text: `">${wording.unsubscribe}</a>` }]
        : [{ text: `${wording.unsubscribe}: ` }, { isUnsubscribeUrl: true }];
    case "Greetings":
      return [{ text: wording.greeting[0] }, { field: firstName }, { text: wording.greeting[1] }];
    default:
      return unreachable(block);
  }
}

/** `greeting`: what stands before and behind the first name. */
type Wording = { readonly unsubscribe: string; readonly greeting: readonly [string, string] };

const firstName: ContentField = { source: { object: "recipient", column: "first_name" }, isUrlParameter: false };

const english: Wording = {
  unsubscribe: "To stop receiving these messages, unsubscribe here",
  greeting: ["Hello ", ","],
};

const wordings: Readonly<Record<string, Wording>> = {
  fr: { unsubscribe: "Pour ne plus recevoir ces messages, désabonnez-vous ici", greeting: ["Bonjour ", ","] },
  nl: { unsubscribe: "Wilt u deze berichten niet meer ontvangen, meld u dan hier af", greeting: ["Hallo ", ","] },
  "pt-BR": { unsubscribe: "Para não receber mais estas mensagens, cancele a inscrição aqui", greeting: ["Olá, ", ","] },
  sv: { unsubscribe: "Om du inte längre vill få dessa meddelanden, avregistrera dig här", greeting: ["Hej ", ","] },
  "zh-CN": { unsubscribe: "如不想再收到此类邮件，请点击此处退订", greeting: ["", "，您好："] },
};

/** The few pages that a recipient may see here, in the product's languages. */

import { chooseLanguage, type Language } from "#foundation/languages.ts";

type Texts = {
  readonly question: string;
  readonly button: string;
  readonly done: string;
  readonly notFound: string;
  readonly expired: string;
  readonly busy: string;
};

const texts = {
  en: {
    question: "Do you want to stop receiving these messages?",
    button: "Unsubscribe",
    done: "You have been unsubscribed. You will get no more of these messages.",
    notFound: "This link is not valid. It may have been cut: please copy the whole address from the message.",
    expired: "This link has expired.",
    busy: "This page cannot be shown at the moment. Please try again in a minute.",
  },
  fr: {
    question: "Souhaitez-vous ne plus recevoir ces messages ?",
    button: "Se désabonner",
    done: "Vous êtes désabonné. Vous ne recevrez plus ces messages.",
    notFound: "Ce lien n’est pas valide. Il a peut-être été coupé : copiez l’adresse entière depuis le message.",
    expired: "Ce lien a expiré.",
    busy: "Cette page ne peut être affichée pour le moment. Réessayez dans une minute.",
  },
  nl: {
    question: "Wilt u deze berichten niet meer ontvangen?",
    button: "Afmelden",
    done: "U bent afgemeld. U krijgt deze berichten niet meer.",
    notFound: "Deze link is niet geldig. Misschien is hij afgebroken: kopieer het volledige adres uit het bericht.",
    expired: "Deze link is verlopen.",
    busy: "Deze pagina kan nu niet worden getoond. Probeer het over een minuut opnieuw.",
  },
  "pt-BR": {
    question: "Deseja parar de receber estas mensagens?",
    button: "Cancelar inscrição",
    done: "Sua inscrição foi cancelada. Você não receberá mais estas mensagens.",
    notFound: "Este link não é válido. Ele pode ter sido cortado: copie o endereço completo da mensagem.",
    expired: "Este link expirou.",
    busy: "Esta página não pode ser exibida no momento. Tente novamente em um minuto.",
  },
  sv: {
    question: "Vill du sluta få de här meddelandena?",
    button: "Avsluta prenumerationen",
    done: "Prenumerationen är avslutad. Du får inga fler sådana meddelanden.",
    notFound: "Länken är inte giltig. Den kan ha klippts av: kopiera hela adressen från meddelandet.",
    expired: "Länken har gått ut.",
    busy: "Sidan kan inte visas just nu. Försök igen om en minut.",
  },
  "zh-CN": {
    question: "您要停止接收此类邮件吗？",
    button: "退订",
    done: "您已退订，不会再收到此类邮件。",
    notFound: "此链接无效。它可能被截断了：请从邮件中复制完整的地址。",
    expired: "此链接已过期。",
    busy: "暂时无法显示此页面，请一分钟后重试。",
  },
} as const satisfies Record<Language, Texts>;

/**
 * The language that a browser prefers among ours.
 * @param header `Accept-Language`; the order is taken as it stands, which is how browsers write it
 */
export function pageLanguage(header: string | undefined): Language {
  return chooseLanguage((header ?? "").slice(0, 200).split(","), "en");
}

/** A page of one sentence. */
export function sentencePage(language: Language, sentence: Exclude<keyof Texts, "question" | "button">): string {
  return page(language, texts[language][sentence], "");
}

/** Asks before it unsubscribes: programs that follow links to look at them must change nothing. */
export function questionPage(language: Language): string {
  const { question, button } = texts[language];
  return page(
    language,
    question,
    `<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button type="submit">${button}</button></form>`,
  );
}

function page(language: Language, sentence: string, form: string): string {
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${sentence}</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto 0;padding:0 1.5rem;color:#1b1b1b;background:#fff}button{font:inherit;padding:.6rem 1.2rem;margin-top:1rem}</style>
<main><p>${sentence}</p>${form}</main>
</html>
`;
}

/** An SMTP server that does at each command what a list of numbers says, and keeps a ledger of what it has really taken. */

import { setImmediate as nextTurn } from "node:timers/promises";

import type { Ending } from "./endings.ts";
import { aScriptedSmtp, type Peer, type ScriptedSmtp } from "./scripted-smtp.ts";

/** What it does at a command; `obey` when the list is used up. */
export const whims = [
  "obey",
  "drip",
  "wordy",
  "dirty",
  "defer",
  "refuse",
  "close",
  "reset",
  "silence",
  "leave",
  "nonsense",
  "endless",
] as const;
export type Whim = (typeof whims)[number];

/** A command that it always answers twice, or ahead of the one before; out of step as broken servers are. */
export type Habit = { readonly at: "MAIL" | "RCPT" | "DATA" | "DOT"; readonly times: 2 } | undefined;

export type FickleSmtp = {
  readonly server: ScriptedSmtp;
  /** How often each subject was taken for good: a whole content, a recipient that was accepted, and no refusal. */
  readonly taken: ReadonlyMap<string, number>;
  /** Contents that came to an end and were neither accepted nor refused. */
  readonly unanswered: ReadonlySet<string>;
  /** What a client must never say. */
  readonly faults: readonly string[];
};

const commandForms =
  /^(EHLO [\w.]+|HELO [\w.]+|STARTTLS|MAIL FROM:<[^<>\s]*>( [A-Z0-9=]+)*|RCPT TO:<[^<>\s]+>|DATA|BDAT \d+ LAST|RSET|NOOP|QUIT)$/;

/** Starts a server; its whims are used up over all connections. */
export async function aFickleSmtp(
  t: Ending,
  given: { whims: readonly Whim[]; extensions: readonly string[]; habit: Habit },
): Promise<FickleSmtp> {
  const left = [...given.whims];
  const taken = new Map<string, number>();
  const unanswered = new Set<string>();
  const faults: string[] = [];
  const dialogue = (peer: Peer): Promise<void> =>
    converse(peer, { ...given, nextWhim: () => left.shift() ?? "obey", taken, unanswered, faults });
  return { server: await aScriptedSmtp(t, { dialogue }), taken, unanswered, faults };
}

type Play = {
  readonly extensions: readonly string[];
  readonly habit: Habit;
  nextWhim(): Whim;
  readonly taken: Map<string, number>;
  readonly unanswered: Set<string>;
  readonly faults: string[];
};

/** What was said: false when the connection is over for this server. */
type Said = "accepted" | "refused" | "nothing" | "gone";

async function converse(peer: Peer, play: Play): Promise<void> {
  let sender = "";
  let recipient = "";
  const say = async (moment: string, obedient: string): Promise<Said> => {
    const said = await answer(peer, play.nextWhim(), obedient);
    if (said === "accepted" && play.habit?.at === moment) peer.say(`${obedient}\r\n`);
    return said;
  };
  const end = async (content: Buffer): Promise<boolean> => {
    const subject = /^Subject: (.*)\r\n/.exec(content.toString())?.[1] ?? "none";
    if (recipient !== "" && recipient !== `${subject}@example.test`)
      play.faults.push(`${subject} went to ${recipient}`);
    if (recipient === "") return goesOn(await answer(peer, "obey", "503 5.5.1 no valid recipients"));
    const said = await say("DOT", "250 2.0.0 queued");
    if (said === "accepted") play.taken.set(subject, (play.taken.get(subject) ?? 0) + 1);
    if (said === "nothing") play.unanswered.add(subject);
    sender = "";
    recipient = "";
    return goesOn(said);
  };

  if (!goesOn(await say("CONNECT", "220 mx.example.test ESMTP"))) return;
  for (;;) {
    const line = await peer.line();
    if (line === undefined) return;
    if (!commandForms.test(line)) play.faults.push(line);
    const verb = /^[A-Z]+/i.exec(line)?.[0] ?? "";
    switch (verb) {
      case "EHLO":
        if (!goesOn(await say(verb, offer(play.extensions, peer.isSecure)))) return;
        break;
      case "STARTTLS": {
        const said = await say(verb, "220 2.0.0 ready");
        if (!goesOn(said)) return;
        if (said === "accepted") await peer.secure();
        break;
      }
      case "MAIL": {
        const said = sender === "" ? await say(verb, "250 2.1.0 ok") : await answer(peer, "obey", "503 5.5.1 nested");
        if (said === "accepted") sender = line;
        if (!goesOn(said)) return;
        break;
      }
      case "RCPT": {
        if (recipient !== "") play.faults.push(`a second recipient: ${line}`);
        const said =
          sender === "" ? await answer(peer, "obey", "503 5.5.1 MAIL first") : await say(verb, "250 2.1.5 ok");
        if (said === "accepted") recipient = /<(.*?)>/.exec(line)?.[1] ?? "";
        if (!goesOn(said)) return;
        break;
      }
      case "DATA": {
        const said =
          recipient === "" ? await answer(peer, "obey", "503 5.5.1 RCPT first") : await say(verb, "354 go on");
        if (!goesOn(said)) return;
        if (said !== "accepted") break;
        if (await leavesInBody(peer, play.nextWhim())) return;
        const content = await peer.content();
        if (content === undefined || !(await end(content))) return;
        break;
      }
      case "BDAT": {
        const content = await peer.bytes(Number(line.split(" ")[1]));
        if (content === undefined || !(await end(content))) return;
        break;
      }
      case "RSET":
        if (!goesOn(await say(verb, "250 2.0.0 ok"))) return;
        sender = "";
        recipient = "";
        break;
      case "QUIT":
        await say(verb, "221 2.0.0 bye");
        return peer.close();
      default:
        if (!goesOn(await say(verb, "250 2.0.0 ok"))) return;
    }
  }
}

/** True when it goes as soon as a content begins. */
async function leavesInBody(peer: Peer, whim: Whim): Promise<boolean> {
  if (whim !== "close" && whim !== "reset") return false;
  await peer.peek("Subject");
  if (whim === "close") peer.close();
  else peer.reset();
  return true;
}

function offer(extensions: readonly string[], isSecure: boolean): string {
  const lines = ["mx.example.test", ...extensions.filter((keyword) => !(isSecure && keyword === "STARTTLS"))];
  return lines.map((text, index) => `250${index === lines.length - 1 ? " " : "-"}${text}`).join("\r\n");
}

function goesOn(said: Said): boolean {
  return said === "accepted" || said === "refused";
}

async function answer(peer: Peer, whim: Whim, obedient: string): Promise<Said> {
  const isGood = /^[23]/.test(obedient);
  switch (whim) {
    case "obey":
      peer.say(`${obedient}\r\n`);
      return isGood ? "accepted" : "refused";
    case "drip":
      for (const letter of `${obedient}\r\n`) {
        peer.say(letter);
        await nextTurn();
      }
      return "accepted";
    case "wordy":
      peer.say(`${`${obedient.slice(0, 3)}-hello\r\n`.repeat(60)}${obedient}\r\n`);
      return "accepted";
    case "dirty":
      peer.say(
        Buffer.concat([Buffer.from(`${obedient} \u0000\u001b[31m`), Buffer.from([0xff, 0xfe]), Buffer.from("\r\n")]),
      );
      return "accepted";
    case "defer":
      peer.say("451 4.7.1 later\r\n");
      return "refused";
    case "refuse":
      peer.say("550 5.7.1 no\r\n");
      return "refused";
    case "leave":
      peer.say("421 4.3.2 bye\r\n");
      peer.close();
      return "gone";
    case "close":
      peer.close();
      return "nothing";
    case "reset":
      peer.reset();
      return "nothing";
    case "silence":
      await peer.gone;
      return "nothing";
    case "nonsense":
      peer.say("what do you mean?\r\n");
      await peer.gone;
      return "nothing";
    case "endless":
      peer.say("250-and so on\r\n".repeat(150));
      await peer.gone;
      return "nothing";
  }
}

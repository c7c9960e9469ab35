/** Collects the files that a delivery attaches or shows: uploads of this platform only, read from its own disk or database. */

import type { ContentProblem } from "./analyze-content.ts";
import type { EmbeddableImage } from "./choose-body.ts";
import { encodeAttachment, encodeInlineImage, type MessageFile } from "./encode-file.ts";
import { type ImageReference, readImageReference } from "./image-reference.ts";
import type { MailParameters } from "./mail-parameters.ts";
import { type FileCondition, readStoredFiles, type StoredFile } from "./message-file-store.ts";
import { type FilePlace, readMessageFile } from "./read-message-file.ts";

export type FileLimits = {
  readonly maxAttachments: number;
  readonly maxAttachmentsKb: number;
  readonly maxImageKb: number;
};

export type CollectedFiles = {
  /** Encoded parts of messages. */
  readonly attachments: readonly Buffer[];
  /** By the address that stands in the content. */
  readonly images: ReadonlyMap<string, EmbeddableImage>;
  /** What they were made of, each file once. */
  readonly files: readonly (StoredFile & { readonly content: Buffer })[];
  readonly problems: readonly ContentProblem[];
};

export type FileWishes = {
  readonly mail: Pick<MailParameters, "attachments" | "attachmentsProblem">;
  /** Addresses of images that may be files of ours. */
  readonly images: readonly string[];
  /** What addresses of this instance begin with. */
  readonly publicUrl: string;
  /** Names the images of this instance's messages. */
  readonly bounceDomain: string;
  readonly limits: FileLimits;
  /** Files that whoever described the delivery may read. */
  readonly condition?: FileCondition;
  /** The files as they were kept; the uploads of today when it is left out. */
  readonly kept?: readonly StoredFile[];
};

/** Reads and encodes the files, each once; what is wrong with them is told, never thrown. */
export async function collectFiles(place: FilePlace, wishes: FileWishes): Promise<CollectedFiles> {
  const references = wishes.images.flatMap((url) => {
    const reference = readImageReference(url, wishes.publicUrl);
    return reference === undefined ? [] : [{ url, reference }];
  });
  const { attachments } = wishes.mail;
  if (attachments.length === 0 && references.length === 0)
    return { attachments: [], images: new Map(), files: [], problems: wrongList(wishes) };
  const stored =
    wishes.kept ??
    (await readStoredFiles(
      place.db,
      {
        internalNames: [...attachments.map(({ file }) => file), ...references.flatMap((r) => namesOf(r.reference))],
        md5s: references.flatMap(({ reference }) => (reference.kind === "address" ? [reference.md5] : [])),
      },
      wishes.condition,
    ));
  const problems: ContentProblem[] = [...wrongList(wishes)];
  const sizes: number[] = [];
  const used = new Map<string, StoredFile & { readonly content: Buffer }>();
  const encoded = await attach(place, wishes, { stored, problems, sizes, used });
  const images = await embed(place, { ...wishes, references }, { stored, problems, sizes, used });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > wishes.limits.maxAttachmentsKb * 1_024)
    problems.push(
      tell("error", `The files of the message have ${kb(total)} KB; ${wishes.limits.maxAttachmentsKb} are allowed.`),
    );
  return { attachments: encoded, images, files: [...used.values()], problems };
}

type Collecting = {
  readonly stored: readonly StoredFile[];
  readonly problems: ContentProblem[];
  readonly sizes: number[];
  /** By internal name. */
  readonly used: Map<string, StoredFile & { readonly content: Buffer }>;
};

async function attach(
  place: FilePlace,
  { mail, limits }: FileWishes,
  { stored, problems, sizes, used }: Collecting,
): Promise<Buffer[]> {
  const { attachments } = mail;
  if (attachments.length > limits.maxAttachments) {
    problems.push(tell("error", `${attachments.length} files are attached; ${limits.maxAttachments} are allowed.`));
    return [];
  }
  if (attachments.length > 1)
    problems.push(tell("warning", "More than one file is attached: each makes every message slower to send."));
  const encoded: Buffer[] = [];
  for (const { file: internalName, name } of attachments) {
    const row = stored.find((each) => each.internalName === internalName);
    const file = await readMessageFile(place, row, name);
    if (row === undefined || file === undefined)
      problems.push(tell("error", `The file ${internalName} is not there: upload it again.`));
    else {
      sizes.push(file.content.length);
      used.set(internalName, { ...row, content: file.content });
      encoded.push(encodeAttachment(file));
    }
  }
  return encoded;
}

async function embed(
  place: FilePlace,
  {
    references,
    limits,
    bounceDomain,
  }: FileWishes & { readonly references: readonly { readonly url: string; readonly reference: ImageReference }[] },
  { stored, problems, sizes, used }: Collecting,
): Promise<ReadonlyMap<string, EmbeddableImage>> {
  const images = new Map<string, EmbeddableImage>();
  const known = new Map<string, EmbeddableImage>();
  for (const { url, reference } of references) {
    const row = stored.find((file) =>
      reference.kind === "file" ? file.internalName === reference.internalName : file.md5 === reference.md5,
    );
    const isAlwaysEmbedded = reference.kind === "file";
    const file = await readMessageFile(place, row, "");
    const problem = judgeImage(file, url, limits);
    if (row === undefined || file === undefined || problem !== undefined) {
      problems.push(
        tell(
          isAlwaysEmbedded ? "error" : "warning",
          `${problem ?? ""}${isAlwaysEmbedded ? "" : " It stays a link."}`,
          "html",
        ),
      );
      continue;
    }
    const contentId = `${row.md5}@${bounceDomain}`;
    used.set(row.internalName, { ...row, content: file.content });
    const same = known.get(contentId)?.bytes;
    if (same === undefined) sizes.push(file.content.length);
    const image = { contentId, isAlwaysEmbedded, bytes: same ?? encodeInlineImage(file, contentId) };
    known.set(contentId, image);
    images.set(url, image);
  }
  return images;
}

function judgeImage(file: MessageFile | undefined, url: string, { maxImageKb }: FileLimits): string | undefined {
  const name = url.length > 60 ? `${url.slice(0, 57)}...` : url;
  if (file === undefined) return `The image ${name} is not among the files of this platform.`;
  if (!isImageType(file.contentType)) return `The file of ${name} is no PNG, JPEG, GIF or WebP image.`;
  if (file.content.length > maxImageKb * 1_024)
    return `The image ${name} has ${kb(file.content.length)} KB; ${maxImageKb} are embedded at most.`;
  return undefined;
}

function namesOf(reference: ImageReference): string[] {
  return reference.kind === "file" ? [reference.internalName] : [];
}

function isImageType(contentType: string): boolean {
  return /^image\/(png|jpeg|gif|webp)$/i.test(contentType);
}

function wrongList({ mail }: FileWishes): ContentProblem[] {
  return mail.attachmentsProblem === undefined ? [] : [tell("error", mail.attachmentsProblem)];
}

function tell(
  level: ContentProblem["level"],
  message: string,
  part: ContentProblem["part"] = "attachments",
): ContentProblem {
  return { level, part, line: undefined, column: undefined, message: message.trim() };
}

function kb(bytes: number): number {
  return Math.ceil(bytes / 1_024);
}

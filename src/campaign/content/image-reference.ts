/** How content names images that are files of this platform: nothing else is ever put into a message. */

/** An image by the internal name of its file, or by the address that the file has at this platform. */
export type ImageReference =
  | { readonly kind: "file"; readonly internalName: string }
  | { readonly kind: "address"; readonly md5: string };

/** True for what may be an image of ours: `cid:<internal name>`, or an address of an uploaded file. */
export function isImageReference(url: string): boolean {
  return /^cid:/i.test(url) || url.includes(downloadPath);
}

const downloadPath = "/nl/jsp/downloadFile.jsp?";

/**
 * Reads an image's address; undefined when it is none of ours.
 * @param publicUrl what addresses of this instance begin with
 */
export function readImageReference(url: string, publicUrl: string): ImageReference | undefined {
  if (/^cid:/i.test(url)) return { kind: "file", internalName: url.slice(4).trim() };
  if (!url.startsWith(publicUrl + downloadPath)) return undefined;
  const md5 = new URLSearchParams(url.slice(publicUrl.length + downloadPath.length)).get("md5")?.toLowerCase() ?? "";
  return /^[0-9a-f]{32}$/.test(md5) ? { kind: "address", md5 } : undefined;
}

/**
 * Decides whether a text is an e-mail address that may be mailed. Stricter than RFC 5321: quoted local parts, comments,
 * display names and address literals are refused, since they are how further recipients and commands are smuggled in.
 */

import { domainToASCII } from "node:url";

import { type AddressFault, addressFaults, type EmailAddress } from "./email-address.ts";
import { invalidAddress } from "./errors.ts";

export type AddressReading =
  | { readonly kind: "address"; readonly address: EmailAddress }
  | { readonly kind: "refused"; readonly fault: AddressFault };

/** RFC 5321 section 4.5.3.1, and erratum 1690 of RFC 3696: a path is 256 octets, two of which are its brackets. */
const longestAddressBytes = 254;
const longestLocalPartBytes = 64;

const usualAddress =
  /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/i;
/** RFC 5322's dot-atom with the letters, marks and digits of all scripts (RFC 6531). */
const localPart = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
/** Checked before domainToASCII, which would read `%6d`, ports and paths as a browser does. */
const writtenDomain = /^[\p{L}\p{M}\p{N}.-]+$/u;
const asciiDomain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;
const spacesAndInvisibles = /[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Cs}\p{Co}\p{Cn}]/u;
const marksOfMore = /["<>()[\],;:\\]/;

/**
 * Reads an address as lists hold it: outer spaces are dropped, the domain becomes lower-case ASCII.
 * @source RFC 5321 section 4.1.2, RFC 6531, RFC 5891
 */
export function readEmailAddress(text: string): AddressReading {
  const trimmed = text.trim();
  if (trimmed.length <= longestAddressBytes && usualAddress.test(trimmed)) {
    const at = trimmed.indexOf("@");
    if (at > longestLocalPartBytes) return refused("address_too_long");
    return accepted(trimmed.slice(0, at), trimmed.slice(at + 1).toLowerCase());
  }
  return readUnusualAddress(trimmed);
}

/**
 * The same for a caller that has no use for a refused address.
 * @throws invalidAddress
 */
export function parseEmailAddress(text: string): EmailAddress {
  const reading = readEmailAddress(text);
  if (reading.kind === "refused") throw invalidAddress({ reason: addressFaults[reading.fault] });
  return reading.address;
}

function readUnusualAddress(text: string): AddressReading {
  if (text === "") return refused("address_missing");
  if (text.length > 4 * longestAddressBytes) return refused("address_too_long");
  if (spacesAndInvisibles.test(text)) return refused("address_with_spaces");
  if (marksOfMore.test(text)) return refused("address_not_single");
  const at = text.indexOf("@");
  if (at === -1) return refused("address_without_at");
  if (text.includes("@", at + 1)) return refused("address_with_several_at");

  const local = text.slice(0, at).normalize("NFC");
  if (!localPart.test(local)) return refused("address_local_part_invalid");
  const written = text.slice(at + 1);
  if (written !== "" && !written.includes(".")) return refused("address_domain_incomplete");
  const domain = writtenDomain.test(written) ? domainToASCII(written) : "";
  if (!asciiDomain.test(domain)) return refused("address_domain_invalid");
  if (
    Buffer.byteLength(local) > longestLocalPartBytes ||
    Buffer.byteLength(local) + 1 + domain.length > longestAddressBytes
  ) {
    return refused("address_too_long");
  }
  return accepted(local, domain);
}

function accepted(local: string, domain: string): AddressReading {
  return { kind: "address", address: `${local}@${domain}` as EmailAddress };
}

function refused(fault: AddressFault): AddressReading {
  return { kind: "refused", fault };
}

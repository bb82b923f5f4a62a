// What a peer says about an error, as far as it goes into a message.

// An error page, or what a loader throws, may be megabytes.
const MAX_TEXT_BYTES = 1_024;

/** The first 1,024 bytes as text. */
export function errorText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAX_TEXT_BYTES)).toString();
}

// Reading the body of a request or of an answer, up to a limit.

import type { IncomingMessage } from 'node:http';

const EMPTY = Buffer.alloc(0);

/**
 * The whole body; `undefined` as soon as it is longer than `maxBytes`, and what follows is dropped unread. Rejects
 * when the connection ends before the body does.
 */
export function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(message.headers['content-length'] ?? 0) > maxBytes) {
    message.resume();
    return Promise.resolve(undefined);
  }
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    message.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) {
        chunks.push(chunk);
      } else {
        // The stream flows on, as a sender that is still writing would otherwise never read the answer.
        chunks = [];
        resolve(undefined);
      }
    });
    message.on('end', () => {
      const [first = EMPTY] = chunks;
      resolve(chunks.length <= 1 ? first : Buffer.concat(chunks, length));
    });
    message.on('error', reject);
    message.on('close', () => {
      if (!message.complete) reject(new Error('the connection was closed in the middle of the body'));
    });
  });
}

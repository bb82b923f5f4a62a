// The messages of the Go family, byte by byte.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteView } from '../../byte-view.ts';
import { WireError } from './byte-reader.ts';
import {
  decodeGetResponse,
  decodeSetRequest,
  encodeGetResponse,
  encodeSetRequest,
  expiryFromNanoseconds,
  expiryToNanoseconds,
} from './wire.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const YEAR_2262_MS = 9_223_372_036_854;

describe('GetResponse', () => {
  test('is what golang/groupcache writes', () => {
    // From Go: proto.Marshal(&pb.GetResponse{Value: []byte("630")}).
    expect(encodeGetResponse({ value: ByteView.from('630'), expiresAtMs: 0 })).toEqual(hex('0a 03 363330'));
  });

  test('has its value even when it is empty', () => {
    expect(encodeGetResponse({ value: ByteView.from(''), expiresAtMs: 0 })).toEqual(hex('0a 00'));
    expect(decodeGetResponse(hex('0a 00')).value.length).toBe(0);
    expect(decodeGetResponse(hex('')).value.length).toBe(0);
  });

  test('carries its expiry in nanoseconds, which are beyond 2^53', () => {
    const bytes = encodeGetResponse({ value: ByteView.from('1'), expiresAtMs: 1_700_000_000_123 });
    // The varint of 1700000000123000000, from Go's encoding/binary.
    expect(bytes).toEqual(hex('0a 01 31 18 c0a9fbebe39fe7cb17'));
    expect(decodeGetResponse(bytes).expiresAtMs).toBe(1_700_000_000_123);
  });

  test('is read whatever the order of its fields, and the last of each counts', () => {
    const { value, expiresAtMs } = decodeGetResponse(hex('18 c0843d 0a 01 61 0a 01 62'));
    expect(value.toString()).toBe('b');
    expect(expiresAtMs).toBe(1);
  });

  test('is read around fields that nobody knows here, of every wire type', () => {
    // minute_qps as a double, then fields 15 (varint), 16 (bytes), 17 (fixed32).
    const unknown = '11 000000000000f03f 78 ffffffffffffffffff01 8201 02 6869 8d01 01020304';
    expect(decodeGetResponse(hex(`${unknown} 0a 01 61 ${unknown}`)).value.toString()).toBe('a');
  });

  test('survives the round trip with any value and expiry', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 0, max: YEAR_2262_MS }),
        (bytes, expiresAtMs) => {
          const read = decodeGetResponse(encodeGetResponse({ value: ByteView.from(bytes), expiresAtMs }));
          expect(read.value.equals(bytes)).toBe(true);
          expect(read.expiresAtMs).toBe(expiresAtMs);
        },
      ),
    );
  });

  test.each([
    ['a length beyond the end', '0a 05 6869'],
    ['a tag without its value', '0a'],
    ['a varint cut off', '18 ff ff'],
    ['a varint of eleven bytes', '18 ffffffffffffffffffff 01'],
    ['a varint of 65 bits', '18 ffffffffffffffffff 02'],
    ['a length of 2^63', '0a 8080808080808080 80 01'],
    ['a value as a varint', '08 01'],
    ['a value as fixed64', '09 0000000000000000'],
    ['an expiry as bytes', '1a 00'],
    ['field number 0', '02 00'],
    ['a field number of 2^29', '8280808010 00'],
    ['a group, which protobuf 3 has no more', '13'],
    ['the wire type 7', '17'],
    ['an unknown double cut off', '11 00000000'],
    ['text', Buffer.from('not found').toString('hex')],
  ])('is refused with %s', (_, bytes) => {
    expect(() => decodeGetResponse(hex(bytes))).toThrow(WireError);
  });

  test('never makes the reader do anything but read or refuse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeGetResponse(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('SetRequest', () => {
  test('is what groupcache-go writes', () => {
    const request = { group: 'g', key: Buffer.from('k'), value: ByteView.from('v'), expiresAtMs: 1 };
    const bytes = encodeSetRequest(request);
    expect(bytes).toEqual(hex('0a 01 67 12 01 6b 1a 01 76 20 c0843d'));
    const read = decodeSetRequest(bytes);
    expect({ ...read, key: Buffer.from(read.key), value: read.value.toString() }).toEqual({
      ...request,
      value: 'v',
    });
  });

  test('carries keys that are no UTF-8', () => {
    const request = { group: 'g', key: Uint8Array.of(0xff, 0xfe), value: ByteView.from(''), expiresAtMs: 0 };
    expect([...decodeSetRequest(encodeSetRequest(request)).key]).toEqual([0xff, 0xfe]);
  });

  test('is refused without its group or key, and when it is cut off', () => {
    expect(() => decodeSetRequest(hex('12 01 6b'))).toThrow(WireError);
    expect(() => decodeSetRequest(hex('0a 01 67'))).toThrow(WireError);
    expect(() => decodeSetRequest(hex('0a 01 67 12 05 6b'))).toThrow(WireError);
  });
});

describe('an expiry', () => {
  test('keeps fractions of a millisecond', () => {
    expect(expiryToNanoseconds(1_700_000_000_000.5)).toBe(1_700_000_000_000_500_000n);
    expect(expiryFromNanoseconds(1_700_000_000_000_500_000n)).toBe(1_700_000_000_000.5);
  });

  test('past the last one is the last one', () => {
    expect(expiryToNanoseconds(YEAR_2262_MS)).toBe(9_223_372_036_854_000_000n);
    expect(expiryToNanoseconds(YEAR_2262_MS + 1)).toBe(2n ** 63n - 1n);
    expect(expiryToNanoseconds(Number.MAX_SAFE_INTEGER)).toBe(2n ** 63n - 1n);
  });

  test('before 1970 is long ago, and never taken for never', () => {
    expect(expiryFromNanoseconds(0n)).toBe(0);
    expect(expiryFromNanoseconds(1n)).toBe(1);
    expect(expiryFromNanoseconds(-6_795_364_578_871_345_152n)).toBe(1);
    expect(expiryToNanoseconds(1e-9)).toBe(1n);
    expect(expiryToNanoseconds(-5)).toBe(1n);
  });
});

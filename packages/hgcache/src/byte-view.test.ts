import { describe, expect, it } from 'vitest';
import { ByteView } from './byte-view.ts';

describe('ByteView', () => {
  it('copies what goes in', () => {
    const source = Buffer.from('630');
    const fromBuffer = ByteView.from(source);
    const fromArrayBuffer = ByteView.from(Uint8Array.from(source).buffer);
    source.fill(0);
    expect(fromBuffer.toString()).toBe('630');
    expect(fromArrayBuffer.toString()).toBe('630');
  });

  it('copies what comes out', () => {
    const view = ByteView.from('630');
    view.toBuffer().fill(0);
    const target = Buffer.alloc(3);
    view.copyTo(target);
    target.fill(0);
    expect(view.toString()).toBe('630');
  });

  it('shares a slice, which cannot change either', () => {
    const view = ByteView.from('hello world');
    expect(view.slice(6).toString()).toBe('world');
    expect(view.slice(0, -6).toString()).toBe('hello');
    expect(view.slice(2, 4).length).toBe(2);
  });

  it('copies as many bytes as fit', () => {
    const target = Buffer.from('.....');
    expect(ByteView.from('abc').copyTo(target, 3)).toBe(2);
    expect(target.toString()).toBe('...ab');
    expect(ByteView.from('abc').copyTo(target, 9)).toBe(0);
  });

  it('compares by its bytes', () => {
    expect(ByteView.from('a').equals(ByteView.from('a'))).toBe(true);
    expect(ByteView.from('a').equals(Buffer.from('b'))).toBe(false);
    expect(ByteView.from('a').equals(ByteView.from('ab'))).toBe(false);
  });

  it('reads bytes from both ends', () => {
    const view = ByteView.from(Uint8Array.of(1, 2, 3));
    expect([view.at(0), view.at(-1), view.at(3)]).toEqual([1, 3, undefined]);
  });

  it('stands in JSON as base64', () => {
    expect(JSON.stringify(ByteView.from('630'))).toBe('{"type":"ByteView","base64":"NjMw"}');
  });

  it('refuses what holds no bytes', () => {
    expect(() => ByteView.from(630 as unknown as string)).toThrow('not 630');
  });
});

import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { OverloadedError } from './errors.ts';
import { Semaphore } from './semaphore.ts';
import { settle } from './testing/fake-clock.ts';

const forEver = (): AbortSignal => new AbortController().signal;

describe('Semaphore', () => {
  it('admits as many as may run, and the others in their order', async () => {
    const semaphore = new Semaphore('loads', { maxRunning: 2, maxQueued: 10 });
    const admitted: number[] = [];
    for (let n = 1; n <= 4; n++) void semaphore.acquire(forEver).then(() => admitted.push(n));
    await settle();
    expect(admitted).toEqual([1, 2]);
    semaphore.release();
    await settle();
    expect(admitted).toEqual([1, 2, 3]);
    expect([semaphore.running, semaphore.queued]).toEqual([2, 1]);
  });

  it('refuses at once when the line is full, and admits again when it is not', async () => {
    const semaphore = new Semaphore('loads of group "users"', { maxRunning: 1, maxQueued: 1 });
    await semaphore.acquire(forEver);
    const waiting = semaphore.acquire(forEver);
    await expect(semaphore.acquire(forEver)).rejects.toThrow(OverloadedError);
    await expect(semaphore.acquire(forEver)).rejects.toThrow(
      'loads of group "users": 1 running and 1 waiting',
    );
    semaphore.release();
    await waiting;
    semaphore.release();
    await semaphore.acquire(forEver);
  });

  it('lets one who waits leave the line', async () => {
    const semaphore = new Semaphore('loads', { maxRunning: 1, maxQueued: 1 });
    const leaving = new AbortController();
    await semaphore.acquire(forEver);
    const gone = semaphore.acquire(() => leaving.signal);
    leaving.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    expect(semaphore.queued).toBe(0);
    const next = semaphore.acquire(forEver);
    semaphore.release();
    await next;
    expect(semaphore.running).toBe(1);
  });

  it('keeps no place for one who has left already', async () => {
    const semaphore = new Semaphore('loads', { maxRunning: 1, maxQueued: 1 });
    await semaphore.acquire(forEver);
    await expect(semaphore.acquire(() => AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    expect(semaphore.queued).toBe(0);
  });

  it('passes over those who have left, however many', async () => {
    const semaphore = new Semaphore('loads', { maxRunning: 1, maxQueued: 1000 });
    const leaving = new AbortController();
    await semaphore.acquire(forEver);
    const gone = Array.from({ length: 999 }, () => semaphore.acquire(() => leaving.signal));
    const last = semaphore.acquire(forEver);
    leaving.abort(new Error('gone'));
    expect((await Promise.allSettled(gone)).every(({ status }) => status === 'rejected')).toBe(true);
    expect(semaphore.queued).toBe(1);
    semaphore.release();
    await last;
    semaphore.release();
    expect([semaphore.running, semaphore.queued]).toEqual([0, 0]);
  });

  it('leaves no listener on the signal of one who was admitted', async () => {
    const semaphore = new Semaphore('loads', { maxRunning: 1, maxQueued: 1 });
    const { signal } = new AbortController();
    await semaphore.acquire(forEver);
    const waiting = semaphore.acquire(() => signal);
    semaphore.release();
    await waiting;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('counts down to nothing', async () => {
    const semaphore = new Semaphore('loads', { maxRunning: 3, maxQueued: 0 });
    for (let n = 0; n < 3; n++) await semaphore.acquire(forEver);
    for (let n = 0; n < 3; n++) semaphore.release();
    expect(semaphore.running).toBe(0);
  });
});

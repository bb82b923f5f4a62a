import { describe, expect, it } from 'vitest';
import { OverloadedError } from './errors.ts';
import { Semaphore } from './semaphore.ts';
import { settle } from './testing/fake-clock.ts';

const forEver = new AbortController().signal;

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
    const gone = semaphore.acquire(leaving.signal);
    leaving.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    expect(semaphore.queued).toBe(0);
    const next = semaphore.acquire(forEver);
    semaphore.release();
    await next;
    expect(semaphore.running).toBe(1);
  });

  it('gives no turn to one who has left already', async () => {
    const semaphore = new Semaphore('loads', { maxRunning: 1, maxQueued: 1 });
    await expect(semaphore.acquire(AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    expect(semaphore.running).toBe(0);
  });

  it('counts down to nothing', async () => {
    const semaphore = new Semaphore('loads', { maxRunning: 3, maxQueued: 0 });
    for (let n = 0; n < 3; n++) await semaphore.acquire(forEver);
    for (let n = 0; n < 3; n++) semaphore.release();
    expect(semaphore.running).toBe(0);
  });
});

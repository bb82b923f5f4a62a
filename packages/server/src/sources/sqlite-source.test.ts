import { type ChildProcess, spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { ConfigError, keyFromBytes, LoadError, StoppedError } from 'hgcache';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Source } from './source.ts';
import { sourceContract } from './source-contract.ts';
import { createSqliteSource, MAX_SQLITE_VALUE_BYTES } from './sqlite-source.ts';

const SOURCE = fileURLToPath(new URL('./sqlite-source.ts', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'hgcache-sqlite-'));
afterAll(() => rmSync(dir, { recursive: true }));
let files = 0;
const never = new AbortController().signal;

const opened: Source[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

function createDatabase(setUp: (database: DatabaseSync) => void): string {
  const file = `data-${files++}.db`;
  const database = new DatabaseSync(join(dir, file));
  setUp(database);
  database.close();
  return file;
}

function createScores(values: Iterable<[string, string]> = [['Tom', '630']]): string {
  return createDatabase((database) => {
    database.exec('CREATE TABLE scores (name TEXT PRIMARY KEY, score)');
    const insert = database.prepare('INSERT INTO scores VALUES (?, ?)');
    database.exec('BEGIN');
    for (const [name, score] of values) insert.run(name, score);
    database.exec('COMMIT');
  });
}

const QUERY = 'SELECT score FROM scores WHERE name = ?';

async function open(file: string, query = QUERY): Promise<Source> {
  const source = await createSqliteSource({ type: 'sqlite', file, query }, dir);
  opened.push(source);
  return source;
}

async function readExpression(expression: string): Promise<Buffer | undefined> {
  const source = await open(createScores(), `SELECT ${expression} FROM scores WHERE name = ?`);
  return (await source.load('Tom', { signal: never }))?.toBuffer();
}

/** The processes that `act` starts. */
async function processesOf<T>(act: () => Promise<T>): Promise<{ started: ChildProcess[]; result: T }> {
  const started: ChildProcess[] = [];
  const onStart = (message: unknown) => started.push((message as { process: ChildProcess }).process);
  subscribe('child_process', onStart);
  try {
    return { started, result: await act() };
  } finally {
    unsubscribe('child_process', onStart);
  }
}

async function openWithProcess(
  file: string,
  query = QUERY,
): Promise<{ child: ChildProcess; source: Source }> {
  const { started, result } = await processesOf(() => open(file, query));
  return { child: started[0] as ChildProcess, source: result };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// The key says how many rows to count through.
const SLOW =
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(? AS INTEGER)) SELECT max(i) FROM n';
const ENDLESS = String(Number.MAX_SAFE_INTEGER);

describe('sqlite source', () => {
  for (const { name, run } of sourceContract) {
    test(name, () => run((values) => open(createScores(values))));
  }

  test.each([
    ['text as UTF-8', `'Zoë'`, Buffer.from('Zoë')],
    ['an integer as its digits', '630', Buffer.from('630')],
    ['an integer beyond 2^53 as all its digits', '9223372036854775807', Buffer.from('9223372036854775807')],
    ['a real as its shortest text', '1.5', Buffer.from('1.5')],
    ['a blob as its bytes', `x'00ff80'`, Buffer.of(0, 0xff, 0x80)],
    ['an empty blob', `x''`, Buffer.alloc(0)],
    ['NULL as not found', 'NULL', undefined],
    [
      'several columns through json_object',
      `json_object('name', name, 'score', score)`,
      Buffer.from('{"name":"Tom","score":"630"}'),
    ],
  ])('reads %s', async (_, expression, bytes) => {
    expect(await readExpression(expression)).toEqual(bytes);
  });

  test('a key that is not valid UTF-8 is found where the query compares blobs, as is any other', async () => {
    const file = createDatabase((database) => {
      database.exec(
        `CREATE TABLE scores (name BLOB, score); INSERT INTO scores VALUES (x'ff', 1), (x'546f6d', 2)`,
      );
    });
    const source = await open(file, 'SELECT score FROM scores WHERE name = CAST(? AS BLOB)');
    expect((await source.load(keyFromBytes(Uint8Array.of(0xff)), { signal: never }))?.toString()).toBe('1');
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('2');
  });

  test('the first row counts', async () => {
    const source = await open(createScores(), `SELECT 'first' WHERE 'Tom' = ? UNION ALL SELECT 'second'`);
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('first');
  });

  test('what another process writes is seen', async () => {
    const file = createScores();
    const source = await open(file);
    const writer = new DatabaseSync(join(dir, file));
    writer.exec(`UPDATE scores SET score = '631'`);
    writer.close();
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('631');
  });

  test('a read waits until a writer lets go of its lock', async () => {
    const file = createScores();
    const source = await open(file);
    const writer = new DatabaseSync(join(dir, file));
    writer.exec(`BEGIN EXCLUSIVE; UPDATE scores SET score = '631'`);
    const loading = source.load('Tom', { signal: never });
    await new Promise((resolve) => setTimeout(resolve, 50));
    writer.exec('COMMIT');
    writer.close();
    expect((await loading)?.toString()).toBe('631');
  });

  test('a query that SQLite gives up on is a LoadError, and the next one works', async () => {
    const file = createScores();
    const source = await open(file, `SELECT json_extract(?, '$')`);
    const failure = await source.load('not json', { signal: never }).catch((error) => error);
    expect(failure).toBeInstanceOf(LoadError);
    expect(failure.message).toBe('SQLite: malformed JSON');
    expect((await source.load('630', { signal: never }))?.toString()).toBe('630');
  });

  test('a caller who leaves while the process is busy does not wait for it, and others are answered', async () => {
    const { started, result: order } = await processesOf(async () => {
      const source = await open(createScores(), SLOW);
      const controller = new AbortController();
      const reason = new Error('nobody waits');
      const leaving = source.load('200000', { signal: controller.signal });
      const staying = source.load('10', { signal: never });
      setImmediate(() => setImmediate(() => controller.abort(reason)));
      const settled: string[] = [];
      await Promise.all([
        expect(leaving)
          .rejects.toBe(reason)
          .then(() => settled.push('left')),
        staying.then((value) => settled.push(String(value))),
      ]);
      return settled;
    });
    expect(order).toEqual(['left', '10']);
    expect(started).toHaveLength(1);
  });

  test('a query without an end is ended when its caller has left, and those behind it are answered', async () => {
    const { child, source } = await openWithProcess(createScores(), SLOW);
    const controller = new AbortController();
    const endless = source.load(ENDLESS, { signal: controller.signal });
    const behind = [source.load('10', { signal: never }), source.load('11', { signal: never })];
    setImmediate(() => setImmediate(() => controller.abort(new Error('nobody waits'))));
    await expect(endless).rejects.toThrow('nobody waits');
    expect((await Promise.all(behind)).map(String)).toEqual(['10', '11']);
    expect(child.signalCode).toBe('SIGKILL');
  });

  test('a query that is slow and waited for is not ended for long by callers who leave others', async () => {
    const { started, result } = await processesOf(async () => {
      const source = await open(createScores(), SLOW);
      const controller = new AbortController();
      const slow = source.load('6000000', { signal: never });
      const others = Array.from({ length: 5 }, () => source.load(ENDLESS, { signal: controller.signal }));
      setImmediate(() => setImmediate(() => controller.abort(new Error('nobody waits'))));
      await Promise.allSettled(others);
      return slow;
    });
    expect(String(result)).toBe('6000000');
    expect(started.length).toBeLessThanOrEqual(2);
  });

  test('closing ends a query without an end', async () => {
    const { child, source } = await openWithProcess(createScores(), SLOW);
    const endless = source.load(ENDLESS, { signal: never });
    await Promise.all([expect(endless).rejects.toBeInstanceOf(StoppedError), source.close()]);
    expect(child.signalCode).toBe('SIGKILL');
  });

  test('a key whose caller has left before its turn is not looked up', async () => {
    const source = await open(createScores(), SLOW);
    // More than are handed over at a time, and each of them takes long.
    const controller = new AbortController();
    const first = source.load('10', { signal: never });
    const leaving = Array.from({ length: 100 }, () => source.load(ENDLESS, { signal: controller.signal }));
    controller.abort(new Error('nobody waits'));
    for (const left of leaving) await expect(left).rejects.toThrow('nobody waits');
    const last = source.load('11', { signal: never });
    expect([String(await first), String(await last)]).toEqual(['10', '11']);
  });

  test('a query ends with the server that was killed in the middle of it', async () => {
    const server = spawn(
      process.execPath,
      ['--conditions=hgcache:source', '--input-type=module-typescript'],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    server.stdin.end(`
      import { subscribe } from 'node:diagnostics_channel';
      import { createSqliteSource } from ${JSON.stringify(SOURCE)};
      let child;
      subscribe('child_process', ({ process }) => { child = process; });
      const config = { type: 'sqlite', file: ${JSON.stringify(createScores())}, query: ${JSON.stringify(SLOW)} };
      const source = await createSqliteSource(config, ${JSON.stringify(dir)});
      source.load('${ENDLESS}', { signal: new AbortController().signal });
      setTimeout(() => console.log(child.pid), 50);
    `);
    const [pid] = await once(server.stdout, 'data');
    expect(isRunning(Number(pid))).toBe(true);
    server.kill('SIGKILL');
    await expect.poll(() => isRunning(Number(pid)), { timeout: 10_000 }).toBe(false);
  });

  test('when the process dies, what it had is a LoadError, and a new one answers what comes then', async () => {
    const { child, source } = await openWithProcess(createScores(), SLOW);
    const outstanding = source.load(ENDLESS, { signal: never });
    setTimeout(() => child.kill('SIGKILL'), 50);
    await expect(outstanding).rejects.toThrow('ended unexpectedly (SIGKILL)');
    expect((await source.load('10', { signal: never }))?.toString()).toBe('10');
  });

  test('the signals that stop a server leave its process running', async () => {
    const { child, source } = await openWithProcess(createScores());
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'] as const) child.kill(signal);
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('630');
    expect(child.signalCode).toBeNull();
  });

  test('a database that is gone when the process has to start again is a LoadError, until it is back', async () => {
    const file = createScores();
    const { child, source } = await openWithProcess(file);
    child.kill('SIGKILL');
    await once(child, 'exit');
    renameSync(join(dir, file), join(dir, 'away.db'));
    await expect(source.load('Tom', { signal: never })).rejects.toThrow('cannot be opened again');
    renameSync(join(dir, 'away.db'), join(dir, file));
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('630');
  });

  test('a database that another file has replaced is read anew within a second', async () => {
    const file = createScores([['Tom', '630']]);
    const source = await open(file);
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('630');
    renameSync(join(dir, createScores([['Tom', '631']])), join(dir, file));
    const load = async () => (await source.load('Tom', { signal: never }))?.toString();
    await expect.poll(load, { timeout: 5_000 }).toBe('631');
  });

  test('a value of 64 MiB is read, and one of a byte more is a LoadError', async () => {
    const source = await open(createScores(), 'SELECT zeroblob(CAST(? AS INTEGER))');
    const load = (length: number) => source.load(String(length), { signal: never });
    expect((await load(MAX_SQLITE_VALUE_BYTES))?.length).toBe(64 * 1024 * 1024);
    await expect(load(MAX_SQLITE_VALUE_BYTES + 1)).rejects.toThrow('67108865 bytes; at most 67108864');
  });

  test.each([
    ['a file that is not there', 'gone.db', QUERY, 'unable to open database file'],
    [
      'a table that is not there',
      undefined,
      'SELECT score FROM points WHERE name = ?',
      'no such table: points',
    ],
    ['a query with a typing error', undefined, 'SELEC score FROM scores WHERE name = ?', 'syntax error'],
    ['a query without a parameter', undefined, 'SELECT score FROM scores', 'exactly one parameter'],
    ['a query with two parameters', undefined, `${QUERY} OR name = ?`, 'exactly one parameter'],
    ['a named parameter', undefined, 'SELECT score FROM scores WHERE name = :name', 'exactly one parameter'],
    ['two columns', undefined, 'SELECT name, score FROM scores WHERE name = ?', '2 columns (name, score)'],
    ['a statement that gives none', undefined, `ATTACH ? AS other`, 'no column'],
    ['a statement that writes', undefined, 'DELETE FROM scores WHERE name = ?', 'must not write'],
    [
      'a statement that writes and gives what it wrote',
      undefined,
      'UPDATE scores SET score = 0 WHERE name = ? RETURNING score',
      'must not write',
    ],
  ])('%s is a ConfigError that names file, query and reason', async (_, given, query, problem) => {
    const file = given ?? createScores();
    const failure = await open(file, query).catch((error) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toContain(join(dir, file));
    expect(failure.message).toContain(JSON.stringify(query));
    expect(failure.message).toContain(problem);
  });

  test('a file that is no database is a ConfigError', async () => {
    writeFileSync(join(dir, 'text.db'), 'This is no database at all.'.repeat(100));
    const failure = await open('text.db').catch((error) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toContain('file is not a database');
  });

  test('a parameter that stands twice by its number is one parameter', async () => {
    const source = await open(createScores(), 'SELECT score FROM scores WHERE name = ?1 AND ?1 IS NOT NULL');
    expect((await source.load('Tom', { signal: never }))?.toString()).toBe('630');
  });
});

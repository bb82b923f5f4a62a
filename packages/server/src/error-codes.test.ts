import { expect, test } from 'vitest';
import { ERROR_NUMBERS, errorBody, errorNameOf } from './error-codes.ts';

const entries = Object.values(ERROR_NUMBERS);

function page(): string {
  const rows = [...entries]
    .sort((a, b) => a.number - b.number)
    .map(
      ({ number, status, text, when }) =>
        `| <a id="${number}"></a>${number} | ${status} | ${text} | ${when} |`,
    );
  return [
    '# Error codes',
    '',
    '<!-- Written by: npx vitest run packages/server/src/error-codes.test.ts -u -->',
    '',
    'Every answer of the HTTP gateway that is an error has one JSON body:',
    '`{"code": 100601, "message": "no value for \\"Tim\\" in group \\"test\\"", "reference": "docs/error-codes.md#100601"}`.',
    '`code` is one of these numbers and never changes its meaning; `message` says what went wrong with this request;',
    '`reference` leads here. The numbers 100002 to 100006, 100101, 1002xx and 1003xx are those of the Go project HgCache.',
    '',
    '| code | HTTP status | | when |',
    '|--:|--:|---|---|',
    ...rows,
    '',
  ].join('\n');
}

test('docs/error-codes.md is current (vitest run packages/server/src/error-codes.test.ts -u writes it)', async () => {
  await expect(page()).toMatchFileSnapshot('../../../docs/error-codes.md');
});

test('a number stands for one thing', () => {
  expect(new Set(entries.map(({ number }) => number)).size).toBe(entries.length);
});

test.each([
  [100002, 500],
  [100003, 400],
  [100004, 404],
  [100005, 401],
  [100006, 400],
  [100101, 500],
  [100203, 401],
  [100204, 401],
  [100206, 403],
  [100301, 500],
  [100302, 500],
])('%d has the status %d, as in the Go project', (number, status) => {
  expect(entries.find((entry) => entry.number === number)?.status).toBe(status);
});

test.each([
  ['invalid_key', 400],
  ['unknown_group', 404],
  ['load_failed', 500],
  ['load_timeout', 504],
  ['deadline_exceeded', 504],
  ['overloaded', 503],
  ['invalidation_failed', 503],
  ['stopped', 503],
  ['peer_failed', 502],
  ['invalid_config', 500],
] as const)('the error %s of the cache has the status %d', (code, status) => {
  expect(ERROR_NUMBERS[errorNameOf(code)].status).toBe(status);
});

test('a body has the number, the message, and where the number is explained', () => {
  expect(errorBody('keyNotFound', 'no value for "Tim"')).toEqual({
    code: 100601,
    message: 'no value for "Tim"',
    reference: 'docs/error-codes.md#100601',
  });
});

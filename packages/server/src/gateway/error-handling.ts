// Every error at the gateway ends here, and becomes one JSON body of one form.

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ERROR_NUMBERS, type ErrorName, errorBody } from '../error-codes.ts';
import type { FailureLog } from './failure-log.ts';
import { answerOf, GatewayError } from './gateway-error.ts';

/** Answers whatever a hook, a handler or the framework threw. */
export type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/** Makes the one that notes what it answers. */
export function createAnswerError(failures: FailureLog): AnswerError {
  return (error, request, reply) => {
    const answer = answerOf(error, request.id, request.routeOptions.bodyLimit);
    failures.note(request, error, answer);
    // The framework would close the connection when it has not read the whole body, and a client that is still sending
    // would see a reset in place of the answer. Node reads the rest and drops it.
    reply.removeHeader('connection');
    // Again, as the framework calls this without the hooks when it cannot read a path.
    void reply
      .code(answer.status)
      .header('x-content-type-options', 'nosniff')
      .headers(answer.headers)
      .send(answer.body);
  };
}

/** Makes an app answer errors, and paths that it does not have, in the one form. */
export function addErrorHandling(app: FastifyInstance, answerError: AnswerError): void {
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(async ({ method, originalUrl }) => {
    const path = originalUrl.split('?', 1)[0] as string;
    throw new GatewayError('pageNotFound', `there is no ${method} ${path.slice(0, 200)}`);
  });
}

/** Answers what could not even be read as a request (RFC 9112), and closes the connection. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [name, message] = clientError(error);
  const body = JSON.stringify(errorBody(name, message));
  const { status } = ERROR_NUMBERS[name];
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `X-Content-Type-Options: nosniff\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function clientError({ code, message }: Error & { readonly code?: string }): [ErrorName, string] {
  if (code === 'HPE_HEADER_OVERFLOW')
    return ['headersTooLarge', 'request line and headers are larger than 1 MiB'];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return ['requestTimeout', 'the request did not arrive within 60 s'];
  return ['validation', `not an HTTP request: ${message}`];
}

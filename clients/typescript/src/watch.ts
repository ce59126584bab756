import { setTimeout as sleep } from "node:timers/promises";

import { Metadata, status as Status, type ClientReadableStream, type ServiceError } from "@grpc/grpc-js";

import { OvoPaymentsError } from "./errors.js";

/** A connection of a watch that broke; the next one is tried after the delay. */
export interface Interruption {
  readonly error: OvoPaymentsError;
  readonly attempt: number;
  readonly delayMs: number;
}

/**
 * How long a watch waits before it connects again.
 *
 * The delay doubles from `firstMs` to `maxMs`; of each a random share is waited, so that not all watchers return at
 * once. A connection whose heartbeat is later than `heartbeatLateMs` counts as dead, though nothing tells that it
 * broke.
 */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly heartbeatLateMs: number;
  /** Hears of each broken connection. */
  readonly onInterruption?: (interruption: Interruption) => void;
}

export const DEFAULT_BACKOFF: Backoff = { firstMs: 200, maxMs: 10_000, heartbeatLateMs: 5_000 };

/** A stream that goes on over broken connections, from wherever it stood. */
export interface Following<Message, Event> {
  readonly heartbeatMs: number;
  readonly backoff: Backoff;
  readonly signal: AbortSignal | undefined;
  /** Asks for what comes after the place where it stands. */
  open(): Promise<ClientReadableStream<Message>>;
  /** Notes the place after a message, and gives what the caller has not seen yet. */
  take(message: Message): Event | undefined;
}

/** Yields what comes, and connects again where a connection broke. */
export async function* follow<Message, Event>(stream: Following<Message, Event>): AsyncGenerator<Event, void> {
  const { backoff, signal } = stream;
  for (let attempt = 1; ; attempt += 1) {
    try {
      for await (const event of once(stream)) {
        attempt = 0;
        yield event;
      }
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof OvoPaymentsError) || !error.retryable) {
        throw error;
      }
      attempt = Math.max(attempt, 1);
      const ceilingMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 30));
      // The service asks the same of all: without the random share they would return as one.
      const delayMs = error.retryDelayMs + Math.random() * ceilingMs;
      backoff.onInterruption?.({ error, attempt, delayMs });
      await sleep(delayMs, undefined, signal === undefined ? {} : { signal }).catch((left: unknown) => {
        // The program's own reason, as everywhere, and not the timer's.
        signal?.throwIfAborted();
        throw left;
      });
    }
  }
}

/** Yields what one stream brings; ends where the service ended it with OK. */
async function* once<Message, Event>(stream: Following<Message, Event>): AsyncGenerator<Event, void> {
  const patienceMs = stream.heartbeatMs + stream.backoff.heartbeatLateMs;
  const call = await stream.open();
  let silent = false;
  const leave = () => call.cancel();
  // The loop below hears of errors; one that comes after it was left is nobody's.
  call.on("error", () => undefined);
  stream.signal?.addEventListener("abort", leave, { once: true });
  // It may have come between the opening and here, where nobody listened.
  if (stream.signal?.aborted === true) {
    leave();
  }
  const messages = call[Symbol.asyncIterator]() as AsyncIterator<Message>;
  try {
    for (;;) {
      const alarm = setTimeout(() => {
        silent = true;
        call.cancel();
      }, patienceMs);
      const next = await messages.next().finally(() => clearTimeout(alarm));
      if (next.done === true) {
        return;
      }
      const event = stream.take(next.value);
      if (event !== undefined) {
        yield event;
      }
    }
  } catch (error) {
    if (silent) {
      const details = `nothing arrived for ${patienceMs} ms, not even a heartbeat`;
      throw new OvoPaymentsError({ code: Status.DEADLINE_EXCEEDED, details, metadata: new Metadata() });
    }
    throw isServiceError(error) ? new OvoPaymentsError(error) : error;
  } finally {
    stream.signal?.removeEventListener("abort", leave);
    call.cancel();
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}

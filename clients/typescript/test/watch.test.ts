import assert from "node:assert/strict";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { status as Status, type ServerWritableStream } from "@grpc/grpc-js";
import {
  WatchPaymentsResponseSchema,
  type WatchPaymentRequest,
  type WatchPaymentResponse,
} from "@ovo-payments/contract/ovo/payments/v1/ovo_payments_pb.js";

import { paymentOf } from "../src/index.js";
import { connected, serve, version, type Answers } from "./service.js";

const QUICK = { firstMs: 1, maxMs: 1, heartbeatLateMs: 100 };
const CUT = { code: Status.UNAVAILABLE, details: "cut" };
const SUBJECT = paymentOf("pay_1");

type Stream = ServerWritableStream<WatchPaymentRequest, WatchPaymentResponse>;

/** Serves each watch with the next of the streams, and notes from where it was asked to go on. */
function breaking(from: bigint[], ...streams: ((stream: Stream) => void)[]): Answers {
  return {
    watchPayment: (stream) => {
      const next = streams[from.length];
      from.push(stream.request.afterVersion ?? 0n);
      next?.(stream);
    },
  };
}

function sending(end: object | undefined, ...versions: number[]) {
  return (stream: Stream) => {
    versions.forEach((number) => stream.write(version(number)));
    if (end === undefined) {
      stream.end();
    } else {
      stream.emit("error", end);
    }
  };
}

/** Aborts after so many steps of what runs now, before anything that comes from outside. */
function abortAfter(steps: number, program: AbortController): void {
  if (steps === 0) {
    program.abort(new Error("the program leaves"));
  } else {
    queueMicrotask(() => abortAfter(steps - 1, program));
  }
}

test("a watch goes on from the last version; each comes once; it ends with the payment", async (context) => {
  const from: bigint[] = [];
  const streams = [sending(CUT, 1, 2), sending(CUT), sending(CUT, 2, 3), sending(undefined, 4)];
  const target = await serve(context, breaking(from, ...streams));
  const attempts: number[] = [];
  const onInterruption = ({ attempt }: { attempt: number }) => attempts.push(attempt);
  const client = connected(context, target, { backoff: { ...QUICK, onInterruption } });
  const seen: bigint[] = [];
  for await (const payment of client.watch({ subject: SUBJECT })) {
    seen.push(payment.version);
  }
  assert.deepEqual(seen, [1n, 2n, 3n, 4n]);
  assert.deepEqual(from, [0n, 2n, 2n, 3n]);
  assert.deepEqual(attempts, [1, 2, 1]);
});

test("a stream on which not even a heartbeat comes is left", async (context) => {
  const target = await serve(context, breaking([], (stream) => stream.write(version(1)), sending(undefined, 2)));
  const client = connected(context, target, { backoff: QUICK });
  const seen: bigint[] = [];
  for await (const payment of client.watch({ subject: SUBJECT, heartbeatInterval: durationFromMs(2_000) })) {
    seen.push(payment.version);
  }
  assert.deepEqual(seen, [1n, 2n]);
});

test("what repeating can't change ends the watch with its error", async (context) => {
  const from: bigint[] = [];
  const target = await serve(context, breaking(from, sending({ code: Status.NOT_FOUND, details: "no such payment" })));
  const watch = connected(context, target, { backoff: QUICK }).watch({ subject: SUBJECT });
  await assert.rejects(watch.next(), { code: Status.NOT_FOUND });
  assert.equal(from.length, 1);
});

test("a signal ends a watch, also while it waits", async (context) => {
  const target = await serve(context, { watchPayment: sending(CUT) });
  const patient = { firstMs: 1e9, maxMs: 1e9, heartbeatLateMs: 1e6 };
  const program = new AbortController();
  const onInterruption = () => program.abort(new Error("the program leaves"));
  const client = connected(context, target, { backoff: { ...patient, onInterruption } });
  const watch = client.watch({ subject: SUBJECT }, { signal: program.signal });
  await assert.rejects(watch.next(), { message: "the program leaves" });
});

test("a signal is heard at every step at which a watch begins", async (context) => {
  const target = await serve(context, { watchPayment: () => undefined });
  for (let steps = 0; steps < 12; steps += 1) {
    const program = new AbortController();
    const token = () => {
      abortAfter(steps, program);
      return Promise.resolve("token");
    };
    const client = connected(context, target, { token });
    const watch = client.watch({ subject: SUBJECT }, { signal: program.signal });
    await assert.rejects(watch.next(), { message: "the program leaves" }, `after ${steps} steps`);
  }
});

test("leaving the loop ends the stream", async (context) => {
  let ended: () => void;
  const over = new Promise<void>((resolve) => (ended = resolve));
  const target = await serve(context, {
    watchPayment: (stream) => {
      stream.on("cancelled", () => ended());
      stream.write(version(1));
    },
  });
  for await (const _ of connected(context, target).watch({ subject: SUBJECT })) {
    break;
  }
  await over;
});

test("the stream of all payments goes on from the last cursor", async (context) => {
  const asked: [string, boolean][] = [];
  const target = await serve(context, {
    watchPayments: (stream) => {
      asked.push([stream.request.cursor, stream.request.fromNow]);
      stream.write(create(WatchPaymentsResponseSchema, { cursor: stream.request.cursor === "" ? "a" : "b" }));
      stream.emit("error", CUT);
    },
  });
  for await (const change of connected(context, target, { backoff: QUICK }).watchAll({ fromNow: true })) {
    if (change.cursor === "b") {
      break;
    }
  }
  assert.deepEqual(asked, [["", true], ["a", false]]);
});

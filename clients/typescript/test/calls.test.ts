import assert from "node:assert/strict";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { status as Status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { ChargeResponseSchema, OvoPayments } from "@ovo-payments/contract/ovo/payments/v1/ovo_payments_pb.js";

import { paymentOf } from "../src/index.js";
import { connected, serve } from "./service.js";

test("every call has a deadline: the client's, or its own", async (context) => {
  const leftMs: number[] = [];
  const target = await serve(context, {
    charge: (call, answer) => {
      leftMs.push(Number(call.getDeadline()) - Date.now());
      answer(null, create(ChargeResponseSchema));
    },
  });
  const client = connected(context, target, { deadlineMs: 40_000 });
  await client.charge({});
  await client.charge({}, { deadlineMs: 10_000 });
  const [first = 0, second = 0] = leftMs;
  assert(first > 35_000 && first <= 40_000, `the service sees ${first}`);
  assert(second > 5_000 && second <= 10_000, `the service sees ${second}`);
});

test("UNAVAILABLE is tried again, with the same request id, four times in all", async (context) => {
  const asked: string[] = [];
  const target = await serve(context, {
    charge: (call, answer) => {
      asked.push(call.request.requestId);
      if (asked.length < 4) {
        answer({ code: Status.UNAVAILABLE, details: "not now" });
      } else {
        answer(null, create(ChargeResponseSchema, { replayed: true }));
      }
    },
  });
  const answer = await connected(context, target).charge({ requestId: "request-1" });
  assert(answer.replayed);
  assert.deepEqual(asked, Array(4).fill("request-1"));
});

for (const method of OvoPayments.methods.filter(({ methodKind }) => methodKind === "unary")) {
  test(`${method.name} is tried again within a deadline, as every call`, async (context) => {
    const leftMs: number[] = [];
    const target = await serve(context, {
      [method.localName]: (call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => {
        leftMs.push(Number(call.getDeadline()) - Date.now());
        answer({ code: leftMs.length === 1 ? Status.UNAVAILABLE : Status.NOT_FOUND });
      },
    });
    const client = connected(context, target) as unknown as Record<string, (request: object) => Promise<unknown>>;
    await assert.rejects(async () => client[method.localName]?.({}), { code: Status.NOT_FOUND });
    assert.equal(leftMs.length, 2);
    assert(leftMs.every((left) => left <= 30_000), `the service sees ${leftMs}`);
  });
}

test("a slow answer is waited for: nothing is hedged", async (context) => {
  let calls = 0;
  const target = await serve(context, { charge: () => (calls += 1) });
  await assert.rejects(connected(context, target).charge({}, { deadlineMs: 1_000 }), { code: Status.DEADLINE_EXCEEDED });
  assert.equal(calls, 1);
});

test("a signal that comes while the token is read ends the call, and a watch", { timeout: 10_000 }, async (context) => {
  const target = await serve(context, { charge: () => undefined, watchPayment: () => undefined });
  const leaving = (program: AbortController) =>
    connected(context, target, {
      token: async () => {
        program.abort(new Error("the program leaves"));
        return "secret";
      },
    });
  const left = { message: "the program leaves" };
  const calling = new AbortController();
  await assert.rejects(leaving(calling).charge({}, { signal: calling.signal }), left);
  const watching = new AbortController();
  const watch = leaving(watching).watch({ subject: paymentOf("pay_1") }, { signal: watching.signal });
  await assert.rejects(watch.next(), left);
});

for (const code of [Status.ALREADY_EXISTS, Status.INTERNAL, Status.RESOURCE_EXHAUSTED, Status.DEADLINE_EXCEEDED]) {
  test(`${Status[code]} is told at once`, async (context) => {
    let calls = 0;
    const target = await serve(context, {
      charge: (_, answer) => {
        calls += 1;
        answer({ code, details: "no" });
      },
    });
    await assert.rejects(connected(context, target).charge({}), { code });
    assert.equal(calls, 1);
  });
}

test("a signal ends a call", async (context) => {
  const program = new AbortController();
  const target = await serve(context, { charge: () => program.abort(new Error("the program leaves")) });
  await assert.rejects(connected(context, target).charge({}, { signal: program.signal }), {
    message: "the program leaves",
  });
});

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { env } from "node:process";
import { test, type TestContext } from "node:test";

import { status as Status } from "@grpc/grpc-js";
import { Payment_State } from "@ovo-payments/contract/ovo/payments/v1/payment_pb.js";

import { paymentOf, rupiah, type OvoPaymentsClient } from "../src/index.js";
import { connected } from "./service.js";

/** The running service. */
const TARGET = env["OVOPAY_SERVER"] ?? "";
const LIVE = { skip: TARGET === "" ? "OVOPAY_SERVER names no running service" : false };

/** Speaks TLS where OVOPAY_TLS_CA names the authority to trust. */
function live(context: TestContext, token = env["OVOPAY_TOKEN"]): OvoPaymentsClient {
  const authority = env["OVOPAY_TLS_CA"];
  return connected(context, TARGET, { ...(authority && { tls: { authority } }), ...(token && { token }) });
}

function chargeRequest() {
  const id = randomUUID();
  return { requestId: id, orderId: id, phoneNumber: "081234567890", amount: rupiah(15_000) };
}

test("one request id is one payment, however often it is asked for; the watch shows it whole", LIVE, async (context) => {
  const client = live(context);
  const request = chargeRequest();
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.charge(request)));
  const [id = ""] = new Set(answers.map(({ payment }) => payment?.paymentId));
  assert(answers.every(({ payment }) => payment?.paymentId === id));
  const versions: bigint[] = [];
  let last = Payment_State.UNSPECIFIED;
  for await (const payment of client.watch({ subject: paymentOf(id), afterVersion: 0n })) {
    versions.push(payment.version);
    last = payment.state;
  }
  assert.deepEqual(versions, versions.map((_, index) => BigInt(index + 1)));
  assert.equal(last, Payment_State.SUCCEEDED);
});

test("the service's refusals carry their reasons and facts", LIVE, async (context) => {
  const client = live(context);
  const request = chargeRequest();
  const { payment } = await client.charge(request);
  const id = payment?.paymentId ?? "";
  const refused = (reason: string, paymentId?: string) => ({
    name: "OvoPaymentsError",
    reason,
    retryable: false,
    ...(paymentId === undefined ? {} : { metadata: { payment_id: paymentId } }),
  });
  await assert.rejects(client.charge({ ...request, amount: rupiah(16_000) }), refused("REQUEST_ID_REUSED"));
  await assert.rejects(client.charge({ ...request, requestId: randomUUID() }), refused("ORDER_ALREADY_PAID", id));
  await assert.rejects(client.getStatus({ subject: paymentOf("none") }), refused("PAYMENT_NOT_FOUND", "none"));
  const beyond = client.watch({ subject: paymentOf(id), afterVersion: 1_000n });
  await assert.rejects(beyond.next(), refused("VERSION_OUT_OF_RANGE"));
});

test("a token that the service does not know is refused with a reason, and so is a watch", LIVE, async (context) => {
  const client = live(context, "ovo_nobody");
  const refused = { name: "OvoPaymentsError", code: Status.UNAUTHENTICATED, reason: "UNAUTHENTICATED", retryable: false };
  await assert.rejects(client.charge(chargeRequest()), refused);
  await assert.rejects(client.watch({ subject: paymentOf("none") }).next(), refused);
});

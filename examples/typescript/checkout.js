/**
 * A checkout: takes an order's money by a push to the customer's OVO app, or says why not.
 *
 *     node checkout.js 081234567890
 */
import { randomUUID } from "node:crypto";
import { argv, env } from "node:process";

import {
  connect,
  FailureReason,
  OvoPaymentsError,
  Payment_State,
  paymentOf,
  rupiah,
} from "@ovo-payments/client";

/** Takes the money of one order. */
async function checkout(client, order, phoneNumber) {
  let paymentId;
  try {
    const { payment } = await client.charge({ ...order, phoneNumber, amount: rupiah(15_000) });
    paymentId = payment.paymentId;
  } catch (error) {
    if (!(error instanceof OvoPaymentsError)) {
      throw error;
    }
    if (error.reason === "ORDER_ALREADY_PAID") {
      paymentId = error.metadata.payment_id; // Somebody was here before: follow that payment.
    } else {
      // With the same request id; or repeating it would change nothing.
      return error.retryable ? "later" : `no: ${error.reason}`;
    }
  }
  let last;
  for await (const payment of client.watch({ subject: paymentOf(paymentId), afterVersion: 0n })) {
    console.log(`version ${payment.version}: ${Payment_State[payment.state]}`);
    last = payment;
  }
  if (last.state === Payment_State.SUCCEEDED) {
    return "paid";
  }
  return `not paid: ${last.failure ? FailureReason[last.failure.reason] : "no answer in time"}`;
}

// Both ids are made when the customer decides, and stored before the call.
const order = { requestId: randomUUID(), orderId: `order-${randomUUID()}` };
const client = connect(env.OVOPAY_SERVER ?? "127.0.0.1:50051");
try {
  console.log(await checkout(client, order, argv[2]));
} finally {
  client.close();
}

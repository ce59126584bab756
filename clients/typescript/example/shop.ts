/**
 * Charges a phone, links a wallet, pays with it, returns the money, and watches each payment to its end.
 *
 *     npm run example 127.0.0.1:50051
 *
 * OVOPAY_TLS_CA names an authority's file for TLS, OVOPAY_TOKEN is the caller's token.
 */
import { argv, env } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { status as Status } from "@grpc/grpc-js";

import {
  Binding_State,
  connect,
  OvoPaymentsError,
  Payment_State,
  paymentOf,
  rupiah,
  type Binding,
  type OvoPaymentsClient,
  type Payment,
} from "../src/index.js";

/** Prints each version of a payment, from its first to its last. */
async function watch(client: OvoPaymentsClient, payment: Payment | undefined): Promise<void> {
  for await (const seen of client.watch({ subject: paymentOf(payment!.paymentId), afterVersion: 0n })) {
    console.log(`  version ${seen.version}: ${Payment_State[seen.state]}`);
  }
}

/** Waits until the customer has finished on the provider's page. */
async function linked(client: OvoPaymentsClient, binding: Binding): Promise<Binding> {
  let page = "";
  while (binding.state === Binding_State.PENDING) {
    // A repeated call may answer before the first one knows the page.
    if (page === "" && binding.redirectUrl !== "") {
      page = binding.redirectUrl;
      console.log("Open", page);
    }
    await sleep(500);
    const { subject } = await client.getStatus({ subject: { case: "bindingId", value: binding.bindingId } });
    binding = subject.value as Binding;
  }
  return binding;
}

/** Prints why a call was refused. */
async function refused(what: string, call: Promise<unknown>): Promise<void> {
  const error: unknown = await call.then(() => new Error("it was taken"), (reason: unknown) => reason);
  if (!(error instanceof OvoPaymentsError)) {
    throw error;
  }
  const words = [error.reason, ...error.fieldViolations.map(({ field }) => field)];
  console.log(`${what}: ${words.join(" ")}, retryable: ${error.retryable}`);
}

async function story(client: OvoPaymentsClient): Promise<void> {
  // An id is made with the decision, and stored before the call: the same id never pays twice.
  const run = crypto.randomUUID().slice(0, 18);
  const charge = {
    requestId: `charge-${run}`,
    orderId: `order-${run}`,
    phoneNumber: "081234567890",
    amount: rupiah(15_000),
  };
  const charged = await client.charge(charge);
  console.log("Charge: is taken");
  await watch(client, charged.payment);

  await refused("Charge of a paid order", client.charge({ ...charge, requestId: `charge-again-${run}` }));
  await refused("Charge of nothing", client.charge({ requestId: `nothing-${run}`, amount: rupiah(0) }));

  const bound = await client.bind({
    requestId: `bind-${run}`,
    customerId: `ani-${run}`,
    phoneNumber: "081298765432",
    successUrl: "https://shop.example/linked",
    failureUrl: "https://shop.example/not-linked",
  });
  console.log("Bind: is taken");
  const binding = await linked(client, bound.binding!);
  console.log("GetStatus:", Binding_State[binding.state]);
  const { bindingId } = binding;
  const holds = await client.balance({ bindingId });
  console.log("Balance:", holds.balances.length, "kinds of money");

  const paid = await client.pay({
    requestId: `pay-${run}`,
    orderId: `monthly-${run}`,
    bindingId,
    amount: rupiah(49_000),
    merchantInitiated: true,
  });
  console.log("Pay: is taken");
  await watch(client, paid.payment);
  const { paymentId } = paid.payment!;
  await client.refund({ requestId: `refund-${run}`, paymentId, reason: "wrong size" });
  console.log("Refund: is taken");
  const unbound = await client.unbind({ bindingId });
  console.log("Unbind:", Binding_State[unbound.binding!.state]);
}

const { OVOPAY_TLS_CA: authority, OVOPAY_TOKEN: token } = env;
const client = connect(argv[2] ?? "127.0.0.1:50051", {
  ...(authority && { tls: { authority } }),
  ...(token && { token }),
  backoff: { onInterruption: ({ error }) => console.log("  interrupted:", Status[error.code]) },
});
try {
  await story(client);
} finally {
  client.close();
}

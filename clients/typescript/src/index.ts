/**
 * Takes OVO wallet payments through an OvoPayments service.
 *
 *     const client = connect("127.0.0.1:50051");
 *     const { payment } = await client.charge({
 *       requestId, orderId: "order-1", phoneNumber: "081234567890", amount: rupiah(15_000),
 *     });
 *     for await (const version of client.watch({ subject: paymentOf(payment!.paymentId) })) { … }
 */
export { connect, OvoPaymentsClient, paymentOf, rupiah, VERSION } from "./client.js";
export type { CallOptions, ConnectOptions } from "./client.js";
export type { TlsFiles, Token } from "./credentials.js";
export { OvoPaymentsError } from "./errors.js";
export type { FieldViolation } from "./errors.js";
export type { Backoff, Interruption } from "./watch.js";

// The messages and enums, so that one package is enough.
export * from "@ovo-payments/contract/google/type/money_pb.js";
export * from "@ovo-payments/contract/ovo/payments/v1/binding_pb.js";
export * from "@ovo-payments/contract/ovo/payments/v1/errors_pb.js";
export * from "@ovo-payments/contract/ovo/payments/v1/ovo_payments_pb.js";
export * from "@ovo-payments/contract/ovo/payments/v1/payment_pb.js";

import type { ServiceConfig } from "@grpc/grpc-js";
import { OvoPayments } from "@ovo-payments/contract/ovo/payments/v1/ovo_payments_pb.js";

/**
 * Every unary call is safe to repeat: it reads, or it carries a request id, or doing it twice is doing it once
 * (Unbind). Watches connect again by themselves. While more than half of the throttle's tokens are there calls are
 * retried; a failure costs one, a success gives a tenth back.
 */
export const SERVICE_CONFIG: Pick<ServiceConfig, "methodConfig" | "retryThrottling"> = {
  methodConfig: [
    {
      name: OvoPayments.methods
        .filter((method) => method.methodKind === "unary")
        .map((method) => ({ service: OvoPayments.typeName, method: method.name })),
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: "0.2s",
        maxBackoff: "2s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
  retryThrottling: { maxTokens: 100, tokenRatio: 0.1 },
};
